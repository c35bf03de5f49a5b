"""Finding people to choose, and how their names may be shown."""

from dataclasses import dataclass
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from portal import clock
from portal.domain import org
from portal.i18n import N_
from portal.models.employment import Employment
from portal.models.person import Person
from portal.rights import allowed, rights_of

Whom = Literal["anyone", "orderable", "known"]
"""Everybody at work now or soon; those somebody may order for; also those who have left (to come back)."""

MASKED: Final = N_("Person with protected identity")
MOST: Final = 8


@dataclass(frozen=True)
class Found:
    """Who was found, and whether there are more than are shown."""

    people: list[Person]
    more: bool = False


def shown_name(person: Person, viewer: Person | None) -> str:
    """Return somebody's name, or the marked text that stands for it when the identity is protected."""
    return person.name if may_see_name(person, viewer) else MASKED


def may_see_name(person: Person, viewer: Person | None) -> bool:
    """Say whether a reader sees who this is: protected names are for few."""
    if not person.is_protected:
        return True
    session = object_session(viewer) if viewer is not None else None
    if viewer is None or session is None:
        return False
    if person.id == viewer.id or org.may_order_for(session, viewer, person):
        return True
    return allowed(session, viewer, "people.view", unit=person.unit)


def helps_everyone(session: Session, viewer: Person) -> bool:
    """Say whether somebody may order for everybody: the service desk and those who administer."""
    return rights_of(session, viewer).everywhere("work")


def find_people(session: Session, viewer: Person, text: str, *, whom: Whom = "anyone") -> Found:
    """Find people by the beginnings of their names or address; every word must fit."""
    words = [word for word in text.replace(",", " ").split() if word][:6]
    if not words:
        return Found([])
    query = select(Person).where(_among(session, viewer, whom), *(begins(word) for word in words))
    query = query.order_by(Person.given_name, Person.surname, Person.id).limit(4 * MOST)
    seen = [person for person in session.scalars(query) if may_see_name(person, viewer)]
    return Found(seen[:MOST], len(seen) > MOST)


def orderable(session: Session, viewer: Person, *, limit: int = MOST) -> Found:
    """Return the first of those somebody may order for, so that small units need no search."""
    query = select(Person).where(_among(session, viewer, "orderable"), Person.id != viewer.id)
    seen = list(
        session.scalars(query.order_by(Person.given_name, Person.surname, Person.id).limit(limit + 1))
    )
    return Found(seen[:limit], len(seen) > limit)


def count_orderable(session: Session, viewer: Person) -> int:
    """Count the others that somebody may order for."""
    query = select(sa.func.count(Person.id)).where(
        _among(session, viewer, "orderable"), Person.id != viewer.id
    )
    return int(session.scalar(query) or 0)


def pick(session: Session, viewer: Person, person_id: int, *, whom: Whom = "anyone") -> Person | None:
    """Return the person with this id if a reader may choose them."""
    if not 0 < person_id < 2**62:
        return None
    query = select(Person).where(Person.id == person_id, _among(session, viewer, whom))
    person = session.scalars(query).first()
    if person is None or not may_see_name(person, viewer):
        return None
    return person


def begins(word: str) -> sa.ColumnElement[bool]:
    """A word begins a name or an address. SQLite folds only a to z, hence the forms."""
    forms = {word, word.lower(), word.upper(), word.capitalize(), word.title()}
    tests: list[sa.ColumnElement[bool]] = [Person.mail.istartswith(word, autoescape=True)]
    for form in forms:
        for column in (Person.given_name, Person.surname):
            tests.append(column.istartswith(form, autoescape=True))
            tests += [column.icontains(f"{gap}{form}", autoescape=True) for gap in (" ", "-")]
    return sa.or_(*tests)


def _among(session: Session, viewer: Person, whom: Whom) -> sa.ColumnElement[bool]:
    known = Person.is_hidden.is_(False)
    if whom == "known":
        return known
    at_work = sa.and_(known, Person.is_disabled.is_(False), _has_not_left(session))
    if whom == "anyone" or helps_everyone(session, viewer):
        return at_work
    units = org.units_ordered_for(session, viewer) or {-1}
    led = select(Employment.id).where(
        Employment.person_id == Person.id,
        Employment.is_cancelled.is_(False),
        org.agreed(),
        sa.or_(Employment.manager_id == viewer.id, Employment.unit_id.in_(units)),
    )
    return sa.and_(at_work, sa.or_(Person.unit_id.in_(units), led.exists()))


def _has_not_left(session: Session) -> sa.ColumnElement[bool]:
    """Somebody with a post that has not ended, or without any post at all."""
    own = sa.and_(Employment.person_id == Person.id, Employment.is_cancelled.is_(False))
    portal_rules = sa.and_(
        Employment.has_portal_end.is_(True),
        Employment.portal_ends_against.is_not_distinct_from(Employment.ends_on),
    )
    last = sa.case((portal_rules, Employment.portal_ends_on), else_=Employment.ends_on)
    lasting = select(Employment.id).where(own, sa.or_(last.is_(None), last >= clock.today(session)))
    return sa.or_(lasting.exists(), sa.not_(select(Employment.id).where(own).exists()))
