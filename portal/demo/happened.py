"""What did happen since a moment: read from the history, a line for each case and day."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.queries.case import Case, Label, title_of
from portal.domain.queries.said import Said, said
from portal.i18n import N_
from portal.models.audit import AuditEvent
from portal.models.request import ServiceRequest

MOST = 2000
QUIET = frozenset({"wait", "notify", "approve"})
"""Steps that are not told by themselves."""


@dataclass
class Line:
    """One case on one day."""

    number: str
    title: Said
    steps: list[Label] = field(default_factory=list)
    failed: list[Label] = field(default_factory=list)


@dataclass
class Day:
    """What happened on one working day."""

    day: date
    cases: list[Line] = field(default_factory=list)
    letters: int = 0
    reminders: int = 0


def last_event(session: Session) -> int:
    """Return the number of the newest line of history."""
    return session.scalar(select(func.max(AuditEvent.id))) or 0


def happened(session: Session, since: int) -> list[Day]:
    """Tell what happened after a line of history, day by day, the earliest first."""
    query = select(AuditEvent).where(AuditEvent.id > since).order_by(AuditEvent.id).limit(MOST)
    days: dict[date, list[AuditEvent]] = defaultdict(list)
    for event in session.scalars(query):
        days[clock.local_day(event.worked_at, clock.zone(session))].append(event)
    found = [_day(session, day, days[day]) for day in sorted(days)]
    return [each for each in found if each.cases or each.letters or each.reminders]


def _day(session: Session, day: date, events: list[AuditEvent]) -> Day:
    by_case: dict[int, list[AuditEvent]] = defaultdict(list)
    for event in events:
        if event.request_id is not None:
            by_case[event.request_id].append(event)
    lines = [_line(session, request_id, those) for request_id, those in by_case.items()]
    return Day(
        day,
        [each for each in lines if each is not None],
        sum(each.subject_kind == "outbound_mail" and each.action == "send" for each in events),
        sum(each.subject_kind == "employment" and each.action == "remind" for each in events),
    )


def _line(session: Session, request_id: int, events: list[AuditEvent]) -> Line | None:
    request = session.get(ServiceRequest, request_id)
    if request is None:
        return None
    case = Case(session, request)
    tasks = {str(task.id): task for task in case.tasks}
    line = Line(request.number, title_of(request))
    for event in events:
        task = tasks.get(event.subject_id) if event.subject_kind == "task" else None
        if task is not None and event.action == "complete" and task.kind not in QUIET:
            line.steps.append(case.label_of(task))
        elif task is not None and event.action == "fail":
            line.failed.append(case.label_of(task))
        elif event.subject_kind == "approval" and event.action == "remind":
            line.steps.append(said(N_("a reminder went out")))
        elif event.subject_kind == "approval" and event.action == "escalate":
            line.steps.append(said(N_("the next in line was asked")))
        elif event.subject_kind == "service_request" and event.action == "complete":
            line.steps.append(said(N_("all done")))
    return line if line.steps or line.failed else None
