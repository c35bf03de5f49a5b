"""Secrets: the master keys, a key of its own for every use, sealed values, tokens.

There may be several master keys. The first seals; all open, so a new key is put first and the old one stays
until nothing sealed with it is left.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MINIMUM = 32
"""The shortest master key that is accepted, in characters."""


class KeyProblem(Exception):
    """A key is missing, too short, or not the one that something was sealed with."""


class Keys:
    """The master keys of an installation."""

    def __init__(self, masters: Sequence[str]) -> None:
        """Take the master keys, the one in use first."""
        self._masters = [each.strip() for each in masters if each.strip()]
        if not self._masters:
            raise KeyProblem("There is no master key.")
        if any(len(each) < MINIMUM for each in self._masters):
            raise KeyProblem(f"A master key needs at least {MINIMUM} characters.")
        self._ids = [hashlib.sha256(b"id:" + each.encode()).hexdigest()[:8] for each in self._masters]

    def derive(self, purpose: str, *, master: int = 0) -> bytes:
        """Give the key for one use: 32 bytes that say nothing about the master key."""
        return _derive(self._masters[master], purpose)

    def derive_all(self, purpose: str) -> list[bytes]:
        """Give that use's keys under every master key, the one in use first."""
        return [self.derive(purpose, master=index) for index in range(len(self._masters))]

    def seal(self, purpose: str, data: bytes) -> str:
        """Encrypt so that only the same purpose opens it."""
        nonce = os.urandom(12)
        sealed = AESGCM(self.derive(purpose)).encrypt(nonce, data, purpose.encode())
        return f"{self._ids[0]}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open_sealed(self, purpose: str, sealed: str) -> bytes:
        """Decrypt what `seal` gave, with whichever master key it was."""
        key_id, _, body = sealed.partition(".")
        if key_id not in self._ids:
            raise KeyProblem("This was sealed with a key that the portal no longer has.")
        raw = base64.urlsafe_b64decode(body)
        key = self.derive(purpose, master=self._ids.index(key_id))
        try:
            return AESGCM(key).decrypt(raw[:12], raw[12:], purpose.encode())
        except InvalidTag as problem:
            raise KeyProblem(
                "What was sealed has been changed, or was meant for something else."
            ) from problem

    def mac(self, purpose: str, data: bytes) -> str:
        """Sign data: the key's id and the signature."""
        return f"{self._ids[0]}:{hmac.new(self.derive(purpose), data, hashlib.sha256).hexdigest()}"

    def mac_holds(self, purpose: str, data: bytes, mac: str) -> bool:
        """Tell whether a signature is ours, under any of the master keys."""
        key_id, _, digest = mac.partition(":")
        if key_id not in self._ids:
            return False
        key = self.derive(purpose, master=self._ids.index(key_id))
        return hmac.compare_digest(hmac.new(key, data, hashlib.sha256).hexdigest(), digest)


@lru_cache(maxsize=256)
def _derive(master: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=b"ordna", info=purpose.encode()).derive(master.encode())


def load(secret: str | None, data_dir: Path) -> Keys:
    """Read the master keys from the setting (separated by commas), else from the data directory's own file.

    The file is made on the first start, readable by its owner only.
    """
    if secret:
        return Keys(secret.split(","))
    file = data_dir / "secret-key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(48) + "\n")
        try:
            os.link(fresh, file)  # two processes starting at once agree on the first one's key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Keys(file.read_text().replace("\n", ",").split(","))


_in_use: Keys | None = None


def use(keys: Keys) -> None:
    """Set the process's keys; called once by whatever starts the process."""
    global _in_use
    _in_use = keys


def in_use() -> Keys:
    """Give the process's keys."""
    if _in_use is None:
        raise KeyProblem("The master keys have not been loaded.")
    return _in_use


def derive(purpose: str) -> bytes:
    """Give the process's key for one use."""
    return in_use().derive(purpose)


def seal(purpose: str, data: bytes) -> str:
    """Encrypt with the process's keys."""
    return in_use().seal(purpose, data)


def open_sealed(purpose: str, sealed: str) -> bytes:
    """Decrypt with the process's keys."""
    return in_use().open_sealed(purpose, sealed)


def mac(purpose: str, data: bytes) -> str:
    """Sign with the process's keys."""
    return in_use().mac(purpose, data)


def mac_holds(purpose: str, data: bytes, signature: str) -> bool:
    """Check a signature with the process's keys."""
    return in_use().mac_holds(purpose, data, signature)


def token() -> str:
    """Make a token that cannot be guessed: 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Give what is stored of a token; the token itself never is."""
    return hashlib.sha256(token.encode()).hexdigest()
