"""A person as the service desk sees them: posts, leaves, what they have, their accounts and cases."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.domain import items, org, people
from portal.domain.queries.case import Label, title_of
from portal.domain.queries.people import begins
from portal.domain.queries.requests import may_see, status_of
from portal.domain.queries.resources import titles
from portal.domain.queries.said import Said
from portal.domain.world import world_of
from portal.errors import NotFound
from portal.models.employment import Employment, Leave
from portal.models.holding import Account, Holding
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.rights import allowed, rights_of

PAGE: Final = 30
MOST: Final = 50


@dataclass(frozen=True)
class Found:
    """A part of the list of people; `after` is the key that the next part begins behind."""

    people: list[Person] = field(default_factory=list)
    after: str = ""


@dataclass(frozen=True)
class Post:
    """An employment with its leaves, and whether it holds today."""

    employment: Employment
    form: dict[str, str]
    is_current: bool
    last_day: date | None
    leaves: list[Leave]


@dataclass(frozen=True)
class Thing:
    """Something that the person has."""

    holding: Holding
    title: Label


@dataclass(frozen=True)
class CaseRow:
    """A case that concerns the person; the viewer may not be one who reads it."""

    request: ServiceRequest
    title: Said
    status: str
    is_readable: bool


@dataclass(frozen=True)
class Profile:
    """Everything that the page of a person shows."""

    person: Person
    is_here: bool
    posts: list[Post]
    manager: Person | None
    coordinators: list[Person]
    things: list[Thing]
    accounts: list[tuple[Account, Label]]
    cases: list[CaseRow]


def within(session: Session, viewer: Person) -> ColumnElement[bool]:
    """Say whom somebody may look up: everybody, or those of the units that their right is bounded to."""
    rights = rights_of(session, viewer)
    if rights.everywhere("people.view"):
        return true()
    keys = rights.within("people.view", "unit")
    roots = list(session.scalars(select(OrgUnit.id).where(OrgUnit.key.in_(keys or ["-"]))))
    return Person.unit_id.in_(org.units_below(session, roots) or {-1})


def search(session: Session, viewer: Person, text: str, *, after: str = "", limit: int = PAGE) -> Found:
    """Find people by the beginnings of their names or address, by name, page by page."""
    words = [word for word in text.replace(",", " ").split() if word][:6]
    key = (Person.surname, Person.given_name, Person.id)
    query = (
        select(Person)
        .options(joinedload(Person.unit))
        .where(Person.is_hidden.is_(False), within(session, viewer), *(begins(word) for word in words))
        .order_by(*key)
        .limit(limit + 1)
    )
    last = session.get(Person, int(after)) if after.isdecimal() and len(after) < 18 else None
    if last is not None:
        behind = tuple_(literal(last.surname), literal(last.given_name), literal(last.id))
        query = query.where(tuple_(*key) > behind)
    found = list(session.scalars(query))
    return Found(found[:limit], str(found[limit - 1].id) if len(found) > limit else "")


def find_person(session: Session, person_id: int, *, viewer: Person) -> Person:
    """Find somebody; NotFound unless the viewer may look them up."""
    query = select(Person).where(Person.id == person_id, Person.is_hidden.is_(False))
    person = session.scalars(query).first()
    if person is None or not allowed(session, viewer, "people.view", unit=person.unit):
        raise NotFound
    return person


def profile_of(session: Session, person: Person, *, viewer: Person) -> Profile:
    """Gather what the page of a person shows."""
    posts = [_post(session, each) for each in people.employments_of(session, person)]
    current = next((post.employment for post in posts if post.is_current), None)
    return Profile(
        person,
        is_here=current is not None,
        posts=posts,
        manager=org.manager_of(session, current, person.unit if current is None else current.unit),
        coordinators=org.coordinators_of(session, person.unit),
        things=_things(session, person),
        accounts=_accounts(session, person),
        cases=_cases(session, person, viewer),
    )


def _post(session: Session, employment: Employment) -> Post:
    leaves = session.scalars(
        select(Leave)
        .where(Leave.employment_id == employment.id, Leave.is_cancelled.is_(False))
        .order_by(Leave.starts_on.desc())
    )
    policy = world_of(session).policy(employment.form)
    return Post(
        employment,
        dict(policy.label) or {"en": employment.form},
        employment.is_current(clock.today(session)),
        employment.last_day,
        list(leaves),
    )


def _things(session: Session, person: Person) -> list[Thing]:
    rows = session.scalars(
        select(Holding)
        .options(joinedload(Holding.version))
        .where(Holding.person_id == person.id)
        .order_by(Holding.state == "ended", Holding.id.desc())
        .limit(MOST)
    )
    return [
        Thing(each, each.values.get("title") or dict(items.load(each.version).title.root)) for each in rows
    ]


def _accounts(session: Session, person: Person) -> list[tuple[Account, Label]]:
    names = titles(session)
    rows = session.scalars(
        select(Account)
        .where(Account.person_id == person.id)
        .order_by(Account.state == "gone", Account.resource, Account.kind, Account.key)
        .limit(MOST)
    )
    return [(each, names.get(each.resource, each.resource)) for each in rows]


def _cases(session: Session, person: Person, viewer: Person) -> list[CaseRow]:
    concerns = or_(ServiceRequest.beneficiary_id == person.id, ServiceRequest.requester_id == person.id)
    rows = session.scalars(
        select(ServiceRequest)
        .options(joinedload(ServiceRequest.version), joinedload(ServiceRequest.beneficiary))
        .where(and_(concerns, ServiceRequest.state != "draft"))
        .order_by(ServiceRequest.id.desc())
        .limit(MOST)
    )
    return [
        CaseRow(each, title_of(each, viewer), status_of(session, each), may_see(session, each, viewer))
        for each in rows
    ]
