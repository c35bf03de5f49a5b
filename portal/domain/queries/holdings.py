"""What somebody has, what the people they lead have, and what may be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from catalog.questions import bound_of
from catalog.schema import CatalogItem
from portal import clock
from portal.domain import holdings, items, lifecycle, org
from portal.domain.names import names_for
from portal.domain.queries.case import Label
from portal.errors import NotFound
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest

LIVE = ("planned", "active", "suspended", "ending")
PAGE = 30


@dataclass(frozen=True)
class Had:
    """One thing that somebody has, and what the viewer may do with it."""

    holding: Holding
    item: CatalogItem
    title: Label
    number: str = ""
    may_end: bool = False
    may_extend: bool = False
    follows_employment: bool = False
    open_case: str = ""

    @property
    def end_word(self) -> str:
        """How one lets go of it: return, cancel or end."""
        return self.item.holding.end_word if self.item.holding else "end"


@dataclass(frozen=True)
class Owner:
    """A person and what they have, in a manager's list."""

    person: Person
    things: list[Had] = field(default_factory=list)


def list_own(session: Session, viewer: Person) -> list[Had]:
    """List what somebody has now, what comes and what is ending; the latest first."""
    rows = session.scalars(
        select(Holding)
        .options(joinedload(Holding.version))
        .where(Holding.person_id == viewer.id, Holding.state.in_(LIVE))
        .order_by(Holding.id.desc())
        .limit(200)
    )
    return _all_had(session, rows, viewer)


def leads_somebody(session: Session, viewer: Person) -> bool:
    """Tell whether somebody has people to look after."""
    return bool(org.units_ordered_for(session, viewer))


def list_led(session: Session, viewer: Person, *, after: str = "") -> tuple[list[Owner], str]:
    """List the people whom somebody leads or coordinates with what they have, by name, page by page."""
    units = org.units_ordered_for(session, viewer)
    if not units:
        return [], ""
    query = (
        select(Person)
        .where(
            Person.unit_id.in_(units), Person.is_hidden.is_(False), Person.id != viewer.id,
            select(Holding.id).where(Holding.person_id == Person.id, Holding.state.in_(LIVE)).exists(),
        )
        .order_by(Person.surname, Person.given_name, Person.id)
        .limit(PAGE + 1)
    )  # fmt: skip
    last = session.get(Person, int(after)) if after.isdecimal() and len(after) < 18 else None
    if last is not None:
        name = tuple_(Person.surname, Person.given_name, Person.id)
        query = query.where(name > (last.surname, last.given_name, last.id))
    people = list(session.scalars(query))
    shown = people[:PAGE]
    rows = session.scalars(
        select(Holding)
        .options(joinedload(Holding.version))
        .where(Holding.person_id.in_([person.id for person in shown]), Holding.state.in_(LIVE))
        .order_by(Holding.id.desc())
    )
    things = _all_had(session, rows, viewer)
    owners = [Owner(p, [each for each in things if each.holding.person_id == p.id]) for p in shown]
    return owners, str(shown[-1].id) if len(people) > len(shown) else ""


def _all_had(session: Session, rows: Iterable[Holding], viewer: Person) -> list[Had]:
    """Describe things that concern the viewer."""
    found = list(rows)
    ids = [each.id for each in found]
    numbers: dict[int, str] = {}
    opened: dict[int, str] = {}
    cases = select(ServiceRequest).where(ServiceRequest.holding_id.in_(ids)).order_by(ServiceRequest.id)
    for request in session.scalars(cases):
        if request.holding_id is not None and request.purpose == "deliver":
            numbers[request.holding_id] = request.number
        elif request.holding_id is not None and request.closed_at is None:
            opened[request.holding_id] = request.number
    return [had(each, viewer, numbers.get(each.id, ""), opened.get(each.id, "")) for each in found]


def had(holding: Holding, viewer: Person, number: str = "", opened: str = "") -> Had:
    """Describe one thing that concerns the viewer."""
    item = items.load(holding.version)
    title: Label = holding.values.get("title") or dict(item.title.root)
    return Had(
        holding,
        item,
        title,
        number,
        may_end=may_end(holding, item),
        may_extend=may_extend(holding, item, viewer),
        follows_employment=holding.follows in ("employment", "person"),
        open_case=opened,
    )


def find_holding(session: Session, holding_id: int, *, viewer: Person) -> Had:
    """Find one thing by its number; NotFound unless the viewer has it or looks after who has it."""
    holding = session.get(Holding, holding_id)
    if holding is None or not _concerns(session, holding, viewer):
        raise NotFound
    case = lifecycle.open_case(session, holding)
    return had(holding, viewer, opened=case.number if case else "")


def _concerns(session: Session, holding: Holding, viewer: Person) -> bool:
    if holding.person_id is None:
        return holding.unit_id in org.units_ordered_for(session, viewer) or _ordered_it(
            session, holding, viewer
        )
    if holding.person_id == viewer.id:
        return True
    return holding.person is not None and org.may_order_for(session, viewer, holding.person)


def _ordered_it(session: Session, holding: Holding, viewer: Person) -> bool:
    order = session.get(ServiceRequest, holding.request_id) if holding.request_id else None
    return order is not None and order.requester_id == viewer.id


def may_end(holding: Holding, item: CatalogItem) -> bool:
    """Tell whether those it concerns may let go of it now. An account ends with the employment."""
    return holding.state in ("active", "suspended") and not item.creates


def may_extend(holding: Holding, item: CatalogItem, viewer: Person) -> bool:
    """Tell whether somebody it concerns may give it a later last day of its own.

    Nobody extends for themselves what somebody had to approve; what is sensitive is ordered anew.
    """
    if holding.state not in ("active", "suspended") or holding.until_on is None or item.creates:
        return False
    if holding.person_id == viewer.id:
        return not any(step.kind == "approve" for step in item.steps)
    return not item.sensitive


def latest_until(session: Session, holding: Holding, item: CatalogItem) -> date | None:
    """Return the last day that may be chosen: the item's own limit, and not after the employment."""
    days = [holdings.followed_last_day(session, holding)]
    question = item.question(item.holding.until) if item.holding and item.holding.until else None
    order = session.get(ServiceRequest, holding.request_id) if holding.request_id else None
    if question is not None and order is not None:
        limit = bound_of(question, "max", {**names_for(session, order, item), "today": clock.today(session)})
        days.append(limit if isinstance(limit, date) else None)
    return min((day for day in days if day is not None), default=None)
