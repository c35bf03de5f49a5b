"""Passwords that the portal keeps itself, and what happens after wrong ones."""

import hashlib
import unicodedata
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import joinedload

from portal import clock
from portal.db import Database
from portal.errors import TooMany
from portal.models.person import LocalAccount
from portal.models.sign_in import FailedSignIn
from portal.settings import Settings

HASHER: Final = PasswordHasher()
LONGEST: Final = 1024
_NOBODYS: Final = HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Give what is stored of a password."""
    return HASHER.hash(unicodedata.normalize("NFC", password))


def check_password(
    database: Database, settings: Settings, username: str, password: str, address: str
) -> int | None:
    """Tell whose user name and password these are; the same time and answer for all that is wrong.

    After too many wrong ones for one account *from one address* that address has to wait, nobody else. The
    slow part runs outside of any transaction.
    """
    name = username.strip().lower()
    refuse_after_failures(database, settings, name, address)
    with database.read_session() as reading:
        found = reading.scalar(
            sa.select(LocalAccount)
            .options(joinedload(LocalAccount.person))
            .where(LocalAccount.username == name)
        )
    holds = _verify(found.password_hash if found else _NOBODYS, password)
    if found and holds and not (found.person.is_disabled or found.person.is_hidden):
        return found.person_id
    remember_failure(database, name, address)
    return None


def refuse_after_failures(database: Database, settings: Settings, name: str, address: str) -> None:
    """Refuse an address that has been wrong about an account too often lately."""
    since = clock.now() - timedelta(minutes=settings.number("signin.pause_minutes"))
    failures = (
        sa.select(sa.func.count())
        .select_from(FailedSignIn)
        .where(
            FailedSignIn.account == _account(name),
            FailedSignIn.address == address,
            FailedSignIn.at > since,
        )
    )
    with database.read_session() as reading:
        if (reading.scalar(failures) or 0) >= settings.number("signin.attempts"):
            raise TooMany


def remember_failure(database: Database, name: str, address: str) -> None:
    """Remember a wrong password for a day."""
    with database.session() as writing:
        writing.execute(sa.delete(FailedSignIn).where(FailedSignIn.at < clock.now() - timedelta(days=1)))
        writing.add(FailedSignIn(account=_account(name), address=address, at=clock.now()))
        writing.commit()


def _account(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _verify(stored: str, password: str) -> bool:
    usable = 0 < len(password) <= LONGEST
    try:  # what cannot be a password is verified too, so that it takes as long as any other
        HASHER.verify(stored, unicodedata.normalize("NFC", password if usable else ""))
        return usable
    except (VerificationError, InvalidHashError):
        return False
