"""The figures of the reports, counted as the lists count: the same tasks, cases and approvals."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import items
from portal.domain.queries import work
from portal.domain.queries.said import Said, said
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.item import CatalogItem, CatalogVersion
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST

PERIODS: Final = (4, 13, 26, 52)
"""Weeks that a report may cover."""

BY_A_PERSON = or_(
    and_(Task.kind == "task", Task.state == "done"),
    and_(Task.kind != "task", Task.state == "done", Task.person_id.is_not(None)),
    Task.skipped_by == "agent",
)
"""A step that somebody had to do or decide to leave out; approvals are not counted as work."""


@dataclass(frozen=True)
class ItemFigures:
    """One service in the period: orders, deliveries, and the time that they freed."""

    key: str
    title: Mapping[str, str]
    ordered: int = 0
    delivered: int = 0
    untouched: int = 0
    minutes_before: int = 0
    minutes_now: int = 0

    @property
    def freed(self) -> timedelta:
        """What was freed: minutes of work before less minutes now, for each delivery."""
        return timedelta(minutes=self.delivered * (self.minutes_before - self.minutes_now))


@dataclass(frozen=True)
class Waiting:
    """What open cases wait for."""

    what: Said
    count: int


@dataclass(frozen=True)
class Figures:
    """Everything that the page of reports shows."""

    first: date
    weeks: list[tuple[date, int]] = field(default_factory=list)
    items: list[ItemFigures] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def ordered(self) -> int:
        """Orders in the period."""
        return sum(each.ordered for each in self.items)

    @property
    def delivered(self) -> int:
        """Deliveries in the period."""
        return sum(each.delivered for each in self.items)

    @property
    def freed(self) -> timedelta:
        """Time freed in the period."""
        return sum((each.freed for each in self.items), timedelta())

    @property
    def untouched(self) -> float:
        """The share of deliveries that needed no hand, approvals aside."""
        return sum(each.untouched for each in self.items) / self.delivered if self.delivered else 0.0


def figures(session: Session, *, weeks: int = 13) -> Figures:
    """Count a period of whole weeks that ends with this one."""
    today = clock.today(session)
    monday = today - timedelta(days=today.weekday() + 7 * (weeks - 1))
    ordered = _events(session, "submit", monday)
    delivered = _events(session, "complete", monday)
    untouched = set(delivered) - _touched(session, monday)
    return Figures(
        monday,
        _weeks(session, [at for _, at in ordered.values()], monday, weeks),
        _items(session, ordered, delivered, untouched),
        waiting(session),
    )


def _events(session: Session, action: str, since: date) -> dict[int, tuple[str, datetime]]:
    """Return the orders of people that were sent (or delivered) since a day, by the working clock."""
    rows = session.execute(
        select(ServiceRequest.id, ServiceRequest.item_key, AuditEvent.worked_at)
        .join(AuditEvent, AuditEvent.request_id == ServiceRequest.id)
        .where(
            AuditEvent.subject_kind == "service_request",
            AuditEvent.action == action,
            AuditEvent.worked_at >= clock.start_of(since, clock.zone(session)),
            ServiceRequest.purpose == "deliver",
        )
        .order_by(AuditEvent.id)
    )
    return {number: (key, at) for number, key, at in rows}


def _touched(session: Session, since: date) -> set[int]:
    """Return the cases in which somebody did a step by hand."""
    recent = select(AuditEvent.request_id).where(
        AuditEvent.subject_kind == "service_request",
        AuditEvent.action == "complete",
        AuditEvent.worked_at >= clock.start_of(since, clock.zone(session)),
    )
    query = select(Task.request_id).where(Task.request_id.in_(recent), BY_A_PERSON).distinct()
    return {number for number in session.scalars(query) if number is not None}


def _weeks(session: Session, moments: list[datetime], monday: date, weeks: int) -> list[tuple[date, int]]:
    zone = clock.zone(session)
    counted = Counter((clock.local_day(at, zone) - monday).days // 7 for at in moments)
    return [(monday + timedelta(days=7 * number), counted[number]) for number in range(weeks)]


def _items(
    session: Session,
    ordered: Mapping[int, tuple[str, datetime]],
    delivered: Mapping[int, tuple[str, datetime]],
    untouched: set[int],
) -> list[ItemFigures]:
    asked = Counter(key for key, _ in ordered.values())
    made = Counter(key for key, _ in delivered.values())
    alone = Counter(delivered[number][0] for number in untouched)
    found = []
    for version in session.scalars(
        select(CatalogVersion)
        .join(CatalogItem, CatalogItem.version_id == CatalogVersion.id)
        .where(CatalogItem.key.in_({*asked, *made}))
    ):
        item = items.load(version)
        key, hand = version.item_key, item.minutes_by_hand
        found.append(
            ItemFigures(
                key,
                item.title.root,
                asked[key],
                made[key],
                alone[key],
                hand.before if hand else 0,
                hand.now if hand else 0,
            )
        )
    return sorted(found, key=lambda each: (-each.ordered, each.key))


def waiting(session: Session) -> list[Waiting]:
    """Count what open cases wait for just now; work by hand is counted as the queue counts it."""
    return [
        Waiting(said(N_("An approval")), _approvals(session)),
        Waiting(said(N_("An answer to a question")), _sent_back(session)),
        Waiting(said(N_("Work by hand")), _tasks(session, Task.kind == "task", Task.state == "ready")),
        Waiting(said(N_("A step that needs help")), _tasks(session, work.FAILED)),
        Waiting(said(N_("An automatic step")), _automatic(session)),
        Waiting(said(N_("A day to come")), _days(session)),
    ]


def _tasks(session: Session, *which: object) -> int:
    query = select(func.count()).select_from(work.open_tasks().where(*which).subquery())  # type: ignore[arg-type]
    return int(session.scalar(query) or 0)


def _approvals(session: Session) -> int:
    """Count questions, not those who are asked: one that has gone on to the next is still one."""
    query = (
        select(func.count(Approval.task_id.distinct()))
        .join(ServiceRequest, ServiceRequest.id == Approval.request_id)
        .where(
            Approval.state == "waiting",
            ServiceRequest.state.in_(OPEN_REQUEST),
            ServiceRequest.sent_back_at.is_(None),
        )
    )
    return int(session.scalar(query) or 0)


def _sent_back(session: Session) -> int:
    query = select(func.count(ServiceRequest.id)).where(
        ServiceRequest.state.in_(OPEN_REQUEST),
        ServiceRequest.sent_back_at.is_not(None),
        ServiceRequest.origin != "undo",
    )
    return int(session.scalar(query) or 0)


def _automatic(session: Session) -> int:
    return _open(session, Task.is_automatic, Task.state.in_(("ready", "running")))


def _days(session: Session) -> int:
    return _open(session, Task.kind == "wait", Task.state == "ready")


def _open(session: Session, *which: object) -> int:
    query = (
        select(func.count(Task.id))
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(ServiceRequest.state.in_(OPEN_REQUEST), *which)  # type: ignore[arg-type]  # conditions
    )
    return int(session.scalar(query) or 0)
