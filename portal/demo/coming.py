"""What will happen when the clock is turned: asked of the same rules that the clock itself asks."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.steps.approve import Approve
from portal import clock
from portal.domain import holdings, items, workdays
from portal.domain.queries.case import Case, title_of
from portal.domain.queries.people import MASKED
from portal.domain.queries.said import Said, said
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST

LONGEST = 60
"""Days that the clock is turned by at the most."""

HELD = ("planned", "active", "suspended", "ending")
WHAT = {
    "end": N_("%(name)s: %(things)s is closed"),
    "suspend": N_("%(name)s: %(things)s is paused during a leave"),
    "resume": N_("%(name)s: %(things)s is opened again"),
    "extend": N_("%(name)s: %(things)s gets another last day"),
}
ASKED = {
    "remind": (
        N_("%(case)s, %(number)s: a reminder to whoever is asked"),
        N_("%(count)s orders wait for an answer: a reminder to whoever is asked"),
    ),
    "escalate": (
        N_("%(case)s, %(number)s: the next in line is asked too"),
        N_("%(count)s orders wait for an answer: the next in line is asked too"),
    ),
}
FEW = 3
"""Orders of a day that are named one by one; more are counted."""


@dataclass
class Day:
    """What is due on a day."""

    day: date
    lines: list[Said] = field(default_factory=list)


def coming(session: Session, until: date) -> list[Day]:
    """List what is due on each day after today up to and including another; empty days are left out."""
    today = clock.today(session)
    found: dict[date, list[Said]] = defaultdict(list)
    for day, line in (
        *_waits(session, today, until),
        *_holdings(session, today, until),
        *_reminders(session, today, until),
        *_approvals(session, today, until),
    ):
        found[day].append(line)
    return [Day(day, found[day]) for day in sorted(found)]


def _waits(session: Session, today: date, until: date) -> list[tuple[date, Said]]:
    """Steps that wait for a day."""
    rows = session.scalars(
        select(Task)
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(
            Task.kind == "wait",
            Task.state == "ready",
            Task.due_on > today,
            Task.due_on <= until,
            ServiceRequest.state.in_(OPEN_REQUEST),
        )
        .order_by(Task.due_on, Task.id)
    )
    found = []
    for task in rows:
        assert task.request is not None
        assert task.due_on is not None
        line = said(
            N_("%(case)s, %(number)s: the wait is over (%(step)s)"),
            case=title_of(task.request),
            number=task.request.number,
            step=Case(session, task.request).label_of(task),
        )
        found.append((task.due_on, line))
    return found


def _holdings(session: Session, today: date, until: date) -> list[tuple[date, Said]]:
    """What people have that ends, pauses or is opened again, one line a person, day and sort."""
    groups: dict[tuple[date, str, int], list[Holding]] = defaultdict(list)
    for holding in _moving(session, today, until):
        before = holdings.due(session, holding, today)
        for day in sorted(_turning_points(session, holding, today, until)):
            purpose = holdings.due(session, holding, day)
            if purpose and purpose != before:
                groups[day, purpose, holding.person_id or 0].append(holding)
            before = purpose
    return [
        (day, said(WHAT[purpose], name=_whose(session, group[0]), things=[_title(each) for each in group]))
        for (day, purpose, _), group in sorted(groups.items(), key=lambda each: each[0])
    ]


def _moving(session: Session, today: date, until: date) -> list[Holding]:
    """The holdings whose day, or whose leave's day, lies in the span."""
    on_leave = select(Leave.employment_id).where(
        Leave.is_cancelled.is_(False),
        or_(Leave.starts_on.between(today, until), Leave.ends_on.between(today, until)),
    )
    return list(
        session.scalars(
            select(Holding)
            .where(
                Holding.state.in_(HELD),
                or_(Holding.ends_on.between(today, until), Holding.employment_id.in_(on_leave)),
            )
            .order_by(Holding.id)
        )
    )


def _turning_points(session: Session, holding: Holding, today: date, until: date) -> set[date]:
    days = {holding.ends_on + timedelta(days=1)} if holding.ends_on else set()
    leaves = session.scalars(select(Leave).where(Leave.employment_id == holding.employment_id))
    for leave in leaves if holding.employment_id else ():
        days |= {leave.starts_on} | ({leave.ends_on + timedelta(days=1)} if leave.ends_on else set())
    return {day for day in days if today < day <= until}


def _whose(session: Session, holding: Holding) -> Said | str:
    if holding.person is None:
        return holding.unit.name if holding.unit is not None else ""
    return said(MASKED) if holding.person.is_protected else holding.person.name


def _title(holding: Holding) -> dict[str, str]:
    own = holding.values.get("title")
    return dict(own) if isinstance(own, dict) else dict(items.load(holding.version).title.root)


def _reminders(session: Session, today: date, until: date) -> list[tuple[date, Said]]:
    """Letters to those who lead, bundled as the policy says."""
    policies = world_of(session).policies
    longest = max((days for policy in policies.values() for days in policy.remind_days), default=0)
    last = until + timedelta(days=longest)
    held = select(Holding.employment_id).where(
        Holding.state.in_(HELD[:3]), Holding.employment_id.is_not(None)
    )
    rows = session.scalars(
        select(Employment)
        .where(
            or_(Employment.ends_on.between(today, last), Employment.portal_ends_on.between(today, last)),
            Employment.is_cancelled.is_(False),
            Employment.id.in_(held),
        )
        .order_by(Employment.id)
    )
    groups: dict[tuple[date, date, int, int], list[Employment]] = defaultdict(list)
    for employment in rows:
        policy = world_of(session).policy(employment.form)
        for days in policy.remind_days if employment.last_day else ():
            assert employment.last_day is not None
            day = employment.last_day - timedelta(days=days)
            if today < day <= until:
                alone = 0 if policy.bundle else employment.id
                groups[day, employment.last_day, employment.unit_id, alone].append(employment)
    return [(day, _reminder(group, last)) for (day, last, _, _), group in sorted(groups.items())]


def _reminder(group: list[Employment], last: date) -> Said:
    if len(group) == 1:
        person: Person = group[0].person
        name = said(MASKED) if person.is_protected else person.name
        return said(N_("A letter about %(name)s, whose last day is %(day)s"), name=name, day=last)
    return said(
        N_("One letter about %(count)s people in %(unit)s, whose last day is %(day)s"),
        count=len(group),
        unit=group[0].unit.name,
        day=last,
    )


def _approvals(session: Session, today: date, until: date) -> list[tuple[date, Said]]:
    """Reminders to those who have not answered, and the question going on to the next."""
    found: dict[tuple[date, str], list[Approval]] = defaultdict(list)
    for approval in session.scalars(
        select(Approval).where(Approval.state == "waiting").order_by(Approval.id)
    ):
        step = items.load(approval.request.version).step(approval.task.step)
        if step is None or not isinstance(step.spec, Approve) or approval.request.sent_back_at is not None:
            continue
        asked_on = clock.local_day(approval.asked_at, clock.zone(session))
        for days in step.spec.remind[approval.reminders :]:
            found[workdays.add(session, asked_on, days), "remind"].append(approval)
        if step.spec.escalate and approval.person_id is not None:
            found[workdays.add(session, asked_on, step.spec.escalate), "escalate"].append(approval)
    return [
        (day, line)
        for (day, what), group in found.items()
        if today < day <= until
        for line in _asked(what, group)
    ]


def _asked(what: str, group: list[Approval]) -> list[Said]:
    one, several = ASKED[what]
    if len(group) > FEW:
        return [said(several, count=len(group))]
    return [said(one, case=title_of(each.request), number=each.request.number) for each in group]
