"""Which cases somebody may see, and the lists of them."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal import clock
from portal.domain import items, org, promises
from portal.domain.queries.case import title_of
from portal.domain.queries.said import Said
from portal.errors import NotFound
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.item import CatalogItem, CatalogVersion
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.rights import line_of, rights_of
from portal.states import OPEN_REQUEST

PAGE = 30


def find_request(session: Session, number: str, *, viewer: Person) -> ServiceRequest:
    """Find a case by its number; NotFound unless it is the viewer's to see."""
    if len(number) > 20:
        raise NotFound
    request = session.scalars(select(ServiceRequest).where(ServiceRequest.number == number)).first()
    if request is None or not may_see(session, request, viewer):
        raise NotFound
    return request


def may_see(session: Session, request: ServiceRequest, viewer: Person) -> bool:
    """Tell whether somebody has a part in a case: it is theirs, they are asked, or they work with it."""
    if request.state == "draft":
        return request.requester_id == viewer.id
    if viewer.id in (request.requester_id, request.beneficiary_id):
        return True
    return works_with(session, request, viewer) or _is_asked(session, request, viewer)


def works_with(session: Session, request: ServiceRequest, viewer: Person) -> bool:
    """Tell whether somebody carries out cases like this: by a task of it, or by a right that reaches it."""
    rights = rights_of(session, viewer)
    if rights.everywhere("work"):
        return True
    units = rights.within("work", "unit")
    if units and any(unit.key in units for unit in line_of(request.unit)):
        return True
    item = session.get(CatalogItem, request.item_key)
    if item is not None and item.category in rights.within("work", "category"):
        return True
    teams = org.teams_of(session, viewer)
    has_task = exists().where(
        Task.request_id == request.id, or_(Task.person_id == viewer.id, Task.team.in_(teams or ["-"]))
    )
    return bool(session.scalar(select(has_task)))


def _is_asked(session: Session, request: ServiceRequest, viewer: Person) -> bool:
    people = [viewer.id, *(each.id for each in org.stand_ins_for(session, viewer))]
    teams = org.teams_of(session, viewer)
    asked = exists().where(
        Approval.request_id == request.id,
        or_(
            Approval.person_id.in_(people),
            Approval.decided_by_id == viewer.id,
            Approval.team.in_(teams or ["-"]),
        ),
    )
    if session.scalar(select(asked)):
        return True
    desk = rights_of(session, viewer).has("approvals.desk")
    waiting = exists().where(Approval.request_id == request.id, Approval.state == "waiting")
    return desk and bool(session.scalar(select(waiting)))


STATUSES: dict[str, ColumnElement[bool]] = {
    "open": ServiceRequest.state.in_(OPEN_REQUEST),
    "draft": ServiceRequest.state == "draft",
    "in_approval": and_(ServiceRequest.state == "in_approval", ServiceRequest.sent_back_at.is_(None)),
    "needs_answer": and_(ServiceRequest.state.in_(OPEN_REQUEST), ServiceRequest.sent_back_at.is_not(None)),
    "in_delivery": and_(ServiceRequest.state == "in_delivery", ServiceRequest.sent_back_at.is_(None)),
    "delivered": ServiceRequest.state == "delivered",
    "rejected": ServiceRequest.state == "rejected",
    "cancelled": ServiceRequest.state == "cancelled",
}
"""What a list of cases can be narrowed to; the keys stand in addresses."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of their cases: whose ("", mine, others), which state, which words."""

    whose: str = ""
    status: str = ""
    text: str = ""


@dataclass(frozen=True)
class Row:
    """One case in a list."""

    request: ServiceRequest
    title: Said
    status: str
    sent_on: date | None
    ready_on: date | None
    waits_for_viewer: bool = False


@dataclass(frozen=True)
class Page:
    """A part of a list; `after` is the key that the next part begins behind."""

    rows: list[Row] = field(default_factory=list)
    after: str = ""


def rank(viewer: Person) -> ColumnElement[int]:
    """Sort what waits for the viewer first, then what is open, then the rest."""
    answers = and_(
        ServiceRequest.requester_id == viewer.id,
        ServiceRequest.sent_back_at.is_not(None),
        ServiceRequest.state.in_(OPEN_REQUEST),
    )
    return case((answers, 0), (ServiceRequest.state.in_((*OPEN_REQUEST, "draft")), 1), else_=2)


def list_own(
    session: Session, viewer: Person, wish: Wish | None = None, *, after: str = "", limit: int = PAGE
) -> Page:
    """List the cases that somebody ordered or gets something by, page by page."""
    wish = wish or Wish()
    place = rank(viewer)
    query = (
        select(ServiceRequest, place)
        .options(joinedload(ServiceRequest.beneficiary), joinedload(ServiceRequest.version))
        .where(_whose(viewer, wish.whose))
        .order_by(place, ServiceRequest.id.desc())
        .limit(limit + 1)
    )
    if wish.status in STATUSES:
        query = query.where(STATUSES[wish.status])
    if wish.text.strip():
        query = query.where(_matches(session, viewer, wish.text.strip()))
    key = _key(after)
    if key is not None:
        query = query.where(or_(place > key[0], and_(place == key[0], ServiceRequest.id < key[1])))
    found = [(request, int(place)) for request, place in session.execute(query)]
    sent = _sent_days(session, [request.id for request, _ in found[:limit]])
    rows = [
        Row(
            request,
            title_of(request, viewer),
            status_of(session, request),
            sent.get(request.id),
            ready_on(session, request),
            waits_for_viewer=place == 0,
        )
        for request, place in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return Page(rows, f"{last[1]}-{last[0].id}" if last else "")


def _sent_days(session: Session, ids: list[int]) -> dict[int, date]:
    """Tell on which working day each case was sent."""
    events = session.execute(
        select(AuditEvent.request_id, AuditEvent.worked_at)
        .where(
            AuditEvent.request_id.in_(ids),
            AuditEvent.subject_kind == "service_request",
            AuditEvent.action == "submit",
        )
        .order_by(AuditEvent.id)
    )
    zone = clock.zone(session)
    return {request_id: clock.local_day(at, zone) for request_id, at in events if request_id is not None}


def ready_on(session: Session, request: ServiceRequest) -> date | None:
    """Tell for which day an open case is promised, or expected while somebody still has to answer."""
    if request.state not in OPEN_REQUEST or request.purpose != "deliver" or request.promised_at is None:
        return None
    if request.sent_back_at is not None:
        return None
    return clock.local_day(request.promised_at, clock.zone(session))


def _whose(viewer: Person, whose: str) -> ColumnElement[bool]:
    ordered, gets = ServiceRequest.requester_id == viewer.id, ServiceRequest.beneficiary_id == viewer.id
    # what somebody else is still writing is theirs alone
    gets = and_(gets, or_(ordered, ServiceRequest.state != "draft"))
    if whose == "mine":
        return gets
    if whose == "others":
        return and_(ordered, ServiceRequest.beneficiary_id.is_distinct_from(viewer.id))
    return or_(ordered, gets)


def _key(after: str) -> tuple[int, int] | None:
    place, _, number = after.partition("-")
    if place.isdecimal() and number.isdecimal() and len(number) < 18 and len(place) == 1:
        return int(place), int(number)
    return None


def _matches(session: Session, viewer: Person, text: str) -> ColumnElement[bool]:
    """Match the number, the name of who gets it, or the title of the service in any language."""
    beneficiary = aliased(Person)
    words = text.casefold()
    named = exists().where(
        beneficiary.id == ServiceRequest.beneficiary_id,
        or_(
            (beneficiary.given_name + " " + beneficiary.surname).icontains(text, autoescape=True),
            beneficiary.mail.istartswith(text, autoescape=True),
        ),
    )
    versions = session.scalars(
        select(CatalogVersion)
        .where(CatalogVersion.id.in_(select(ServiceRequest.version_id).where(_whose(viewer, "")).distinct()))
        .order_by(CatalogVersion.id)
    )
    titled = [
        version.id
        for version in versions
        if any(words in title.casefold() for title in items.load(version).title.root.values())
    ]
    return or_(
        ServiceRequest.number.icontains(text, autoescape=True), named, ServiceRequest.version_id.in_(titled)
    )


def status_of(session: Session, request: ServiceRequest) -> str:
    """Say in one word how a case is: its state, or what matters more just now."""
    if request.state not in OPEN_REQUEST:
        return request.state
    if request.facts.get("awaits_agent") or request.needs_attention:
        return "needs_attention"
    if request.sent_back_at is not None:
        return "needs_answer"
    if is_late(session, request):
        return "late"
    return request.state


def is_late(session: Session, request: ServiceRequest) -> bool:
    """Say late only of what is open and was promised for a time that has passed."""
    promised = request.is_promise_fixed and request.purpose == "deliver" and request.sent_back_at is None
    return request.state in OPEN_REQUEST and promised and promises.is_late(session, request.promised_at)
