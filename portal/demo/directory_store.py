"""The entries of the demo's directory: kept in memory, every change written through before it is answered.

The file is a list of JSON lines, each a whole change; a torn last line is a change that was never answered.
"""

import base64
import hashlib
import json
import os
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal.demo.directory_names import Path_, RefusedError, fold, path_of, split, unescape

NO_SUCH_OBJECT, EXISTS, NOT_EMPTY, NO_SUCH_VALUE, VALUE_EXISTS = 32, 68, 66, 16, 20
BAD_SYNTAX, BAD_CLASS = 21, 65
OPERATIONAL = ("entryuuid", "createtimestamp", "modifytimestamp", "pwdaccountlockedtime")
NAMES_OTHERS = ("member", "manager", "owner")
INDEXED = ("uid", "cn", "mail", "entryuuid", "labeleduri", *NAMES_OTHERS)
ROUNDS = 20_000


@dataclass
class Entry:
    """One entry: its name as it was written, and its values by attribute as they were written."""

    dn: str
    attributes: dict[str, list[str]]

    def values(self, name: str) -> list[str]:
        """Return an attribute's values, whatever the case of its name."""
        lower = name.lower()
        return next((v for n, v in self.attributes.items() if n.lower() == lower), [])

    def put(self, name: str, values: Sequence[str]) -> None:
        """Replace an attribute's values; none takes it away."""
        old = next((n for n in self.attributes if n.lower() == name.lower()), name)
        if values:
            self.attributes[old] = list(values)
        else:
            self.attributes.pop(old, None)


def hashed(password: str) -> str:
    """Keep a password so that it cannot be read."""
    if password.startswith("{"):
        return password
    salt = secrets.token_bytes(16)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
    return "{PBKDF2}" + base64.b64encode(salt + digest).decode()


def is_password(password: str, kept: str) -> bool:
    """Compare a password with what is kept."""
    if not kept.startswith("{PBKDF2}"):
        return False
    raw = base64.b64decode(kept.removeprefix("{PBKDF2}"))
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), raw[:16], ROUNDS)
    return secrets.compare_digest(digest, raw[16:])


class Store:
    """Every entry, by its path."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._entries: dict[Path_, Entry] = {}
        self._index: dict[tuple[str, str], set[Path_]] = {}
        self.is_new = not file.exists()
        if not self.is_new:
            self._replay()
        self._compact()
        self._log = file.open("a", encoding="utf-8")

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()

    def get(self, dn: str) -> Entry:
        """Return an entry, or refuse."""
        entry = self._entries.get(path_of(dn))
        if entry is None:
            raise RefusedError(NO_SUCH_OBJECT, f"{dn} does not exist")
        return entry

    def has(self, dn: str) -> bool:
        """Say whether an entry exists."""
        return path_of(dn) in self._entries

    def add(self, dn: str, attributes: Mapping[str, Sequence[str]], *, is_root: bool = False) -> None:
        """Make an entry under one that exists."""
        path = path_of(dn)
        if path in self._entries:
            raise RefusedError(EXISTS, f"{dn} exists")
        if not path or (path[1:] not in self._entries and not is_root):
            raise RefusedError(NO_SUCH_OBJECT, "the parent does not exist")
        entry = Entry(dn, {})
        for name, values in attributes.items():
            entry.put(name, self._checked(name, values))
        name, _, value = split(dn)[0].partition("=")
        if fold(unescape(value)) not in map(fold, entry.values(name)):
            entry.put(name.strip(), [*entry.values(name), unescape(value)])
        if not entry.values("entryUUID"):
            entry.put("entryUUID", [str(uuid.uuid4())])
        entry.put("createTimestamp", [_stamp()])
        self._demand_members(entry)
        self._commit([(path, entry)])

    def modify(self, dn: str, changes: Sequence[tuple[str, str, Sequence[str]]]) -> None:
        """Add, delete or replace values, all or nothing."""
        old = self.get(dn)
        new = Entry(old.dn, {n: list(v) for n, v in old.attributes.items()})
        for how, name, given in changes:
            values, have = self._checked(name, given), new.values(name)
            same = {self._folded(name, v) for v in values}
            kept = {self._folded(name, v) for v in have}
            if how == "replace":
                new.put(name, values)
            elif how == "add":
                if same & kept:
                    raise RefusedError(VALUE_EXISTS, f"{name}: the value is there already")
                new.put(name, [*have, *values])
            else:
                if not have or not same <= kept:
                    raise RefusedError(NO_SUCH_VALUE, f"{name}: no such value")
                new.put(name, [v for v in have if self._folded(name, v) not in same] if values else [])
        self._demand_members(new)
        new.put("modifyTimestamp", [_stamp()])
        self._commit([(path_of(dn), new)])

    def delete(self, dn: str) -> None:
        """Take an entry away, and its name out of the groups it is in."""
        path = path_of(self.get(dn).dn)
        if any(len(p) > len(path) and p[-len(path) :] == path for p in self._entries):
            raise RefusedError(NOT_EMPTY, f"{dn} has entries below it")
        self._commit([(path, None), *self._renamed(path, None)])

    def rename(self, dn: str, rdn: str, superior: str | None) -> None:
        """Give an entry another name or place; groups follow."""
        entry = self.get(dn)
        path = path_of(dn)
        above = superior if superior is not None else ",".join(split(entry.dn)[1:])
        new_dn = f"{rdn},{above}"
        new_path = path_of(new_dn)
        if new_path[1:] not in self._entries:
            raise RefusedError(NO_SUCH_OBJECT, f"{above} does not exist")
        if new_path in self._entries and new_path != path:
            raise RefusedError(EXISTS, f"{new_dn} exists")
        if any(len(p) > len(path) and p[-len(path) :] == path for p in self._entries):
            raise RefusedError(NOT_EMPTY, "only entries without others below can be renamed here")
        moved = Entry(new_dn, {n: list(v) for n, v in entry.attributes.items()})
        name, _, value = rdn.partition("=")
        old = path[0].partition("=")[2]
        moved.put(name, [*(v for v in moved.values(name) if fold(v) != old), unescape(value)])
        moved.put("modifyTimestamp", [_stamp()])
        self._commit([(path, None), (new_path, moved), *self._renamed(path, new_dn)])

    def below(self, base: str, scope: int) -> Iterator[tuple[Path_, Entry]]:
        """Yield the entries of a search's base and scope."""
        path = path_of(base)
        if path and path not in self._entries:
            raise RefusedError(NO_SUCH_OBJECT, f"{base} does not exist")
        for other, entry in list(self._entries.items()):
            depth = len(other) - len(path)
            if depth >= 0 and other[depth:] == path and (scope == 2 or depth == scope):
                yield other, entry

    def with_value(self, name: str, value: str) -> set[Path_] | None:
        """Return the entries that hold a value, or None if that attribute has no index."""
        lower = name.lower()
        return self._index.get((lower, self._folded(lower, value)), set()) if lower in INDEXED else None

    def matches(self, entry: Entry, name: str, fits: Callable[[str], bool]) -> bool:
        """Say whether one of an attribute's values fits, values and question folded alike."""
        return any(fits(self._folded(name, v)) for v in entry.values(name))

    def folded(self, name: str, value: str) -> str:
        """Fold a value as its attribute is compared."""
        return self._folded(name, value)

    def _folded(self, name: str, value: str) -> str:
        if name.lower() in NAMES_OTHERS:
            try:
                return "\n".join(path_of(value))
            except RefusedError:
                return fold(value)
        return fold(value)

    def _checked(self, name: str, values: Sequence[str]) -> list[str]:
        if any(v == "" for v in values):
            raise RefusedError(BAD_SYNTAX, f"{name}: value #0 is empty")
        return [hashed(v) for v in values] if name.lower() == "userpassword" else list(values)

    def _demand_members(self, entry: Entry) -> None:
        if "groupofnames" in map(str.lower, entry.values("objectClass")) and not entry.values("member"):
            raise RefusedError(BAD_CLASS, "a group of names needs a member")

    def _renamed(self, path: Path_, new_dn: str | None) -> list[tuple[Path_, Entry | None]]:
        """Write the entries that name another one, after that one was renamed or taken away."""
        key = "\n".join(path)
        out: dict[Path_, Entry | None] = {}
        for attribute in NAMES_OTHERS:
            for holder in self._index.get((attribute, key), set()) - {path}:
                entry = out.get(holder) or self._entries[holder]
                copy = Entry(entry.dn, {n: list(v) for n, v in entry.attributes.items()})
                kept = [v for v in copy.values(attribute) if self._folded(attribute, v) != key]
                copy.put(attribute, [*kept, new_dn] if new_dn else kept)
                out[holder] = copy
        return list(out.items())

    def _commit(self, changes: Sequence[tuple[Path_, Entry | None]]) -> None:
        line = [[list(p), e.dn if e else "", e.attributes if e else None] for p, e in changes]
        self._log.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._log.flush()
        for path, entry in changes:
            self._put(path, entry)

    def _put(self, path: Path_, entry: Entry | None) -> None:
        old = self._entries.pop(path, None)
        for change, this in (("out", old), ("in", entry)):
            for name in INDEXED if this else ():
                for value in this.values(name) if this else ():
                    holders = self._index.setdefault((name, self._folded(name, value)), set())
                    (holders.discard if change == "out" else holders.add)(path)
        if entry:
            self._entries[path] = entry

    def _replay(self) -> None:
        for line in self._file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                changes = json.loads(line)
            except ValueError:
                continue
            for path, dn, attributes in changes:
                self._put(tuple(path), None if attributes is None else Entry(dn, attributes))

    def _compact(self) -> None:
        draft = self._file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as out:
            for path, entry in self._entries.items():
                out.write(json.dumps([[list(path), entry.dn, entry.attributes]], ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
        draft.chmod(0o600)
        draft.replace(self._file)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d%H%M%SZ")
