"""The directory page: the line to look with, and what the portal read back when it last wrote somebody."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo.directory import Details
from portal.demo.people import story_ids
from portal.models.holding import Account
from portal.models.person import Person

RESOURCE = "staff-directory"
NEWEST = 20
LOCKED = "pwdAccountLockedTime"
"""What a closed account has; LDAP servers only tell it when asked by name."""


@dataclass(frozen=True)
class Entry:
    """Somebody's account as it was last read."""

    person: Person
    username: str
    values: list[tuple[str, str]]
    groups: list[str]


def search_line(where: Details, username: str = "") -> str:
    """Write the command that shows an entry, or all people; ready to be copied."""
    command = [
        "ldapsearch",
        "-LLL",
        "-H",
        f"ldaps://{where.host}:{where.port}",
        "-D",
        where.bind_dn,
        "-y",
        str(where.password_file),
        "-b",
        where.people_base,
        f"(uid={escaped(username)})" if username else "(objectClass=inetOrgPerson)",
        "*",
        LOCKED,
    ]
    words = " ".join(shlex.quote(each) for each in command)
    return f"LDAPTLS_CACERT={shlex.quote(str(where.ca_file))} {words}"


def escaped(value: str) -> str:
    """Write a value into a filter; everything that is not plainly a letter or figure as its code."""
    return "".join(c if c.isalnum() or c in "-_." else f"\\{c.encode().hex()}" for c in value if c.isascii())


def people(session: Session) -> list[Person]:
    """List those with an account whom one would look for: the newest first, then the story's by name."""
    has = select(Account.person_id).where(Account.resource == RESOURCE, Account.kind == "account")
    there = has.where(Account.state == "live").order_by(Account.created_at.desc(), Account.id.desc())
    newest = {person_id: place for place, person_id in enumerate(session.scalars(there.limit(NEWEST)))}
    ids = {each for each in (*newest, *story_ids(session).values()) if each is not None}
    query = select(Person).where(Person.id.in_(ids), Person.id.in_(has), Person.is_protected.is_(False))
    found = session.scalars(query.order_by(Person.given_name, Person.surname))
    return sorted(found, key=lambda person: newest.get(person.id, NEWEST))


def entry_of(session: Session, person_id: int) -> Entry | None:
    """Return somebody's account as it was last read; None where there is none."""
    person = session.get(Person, person_id)
    if person is None or person.is_protected:
        return None
    rows = session.scalars(
        select(Account)
        .where(Account.person_id == person_id, Account.resource == RESOURCE, Account.state == "live")
        .order_by(Account.id)
    ).all()
    account = next((each for each in rows if each.kind == "account"), None)
    if account is None:
        return None
    groups = [str(each.values.get("group") or each.key) for each in rows if each.kind == "membership"]
    return Entry(person, account.key, [*_lines(account)], groups)


def _lines(account: Account) -> list[tuple[str, str]]:
    told: Mapping[str, Any] = {**account.values, "entryUUID": account.stable_id, "marker": account.marker}
    return [(name, _written(value)) for name, value in sorted(told.items()) if value not in (None, "", [])]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
