"""Reminders before a last day: by the policy of the form of employment, each once, bundled per unit.

A timer's row says that a reminder for this very last day has gone out. An extension makes another last day,
and so other reminders; nothing has to be taken back. After downtime only the nearest reminder goes out.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import approvers, audit, items, mails, org, subjects
from portal.domain.world import Policy, world_of
from portal.models.employment import Employment
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.work import Timer

LONGEST = 60
"""No item reminds earlier than so many days before."""
HELD = ("active", "suspended")


def send_due(session: Session) -> int:
    """Send every reminder that is due today; return how many letters."""
    today = clock.today(session)
    longest = max((d for p in world_of(session).policies.values() for d in p.remind_days), default=0)
    groups: dict[tuple[int, date, int], list[Employment]] = defaultdict(list)
    for employment in _ending(session, today, today + timedelta(days=longest)):
        days = due_days(session, employment, today)
        if days is not None:
            assert employment.last_day is not None
            groups[employment.unit_id, employment.last_day, days].append(employment)
    sent = sum(_remind(session, group) for _, group in sorted(groups.items(), key=lambda each: each[0]))
    return sent + own_days(session, today)


def own_days(session: Session, today: date) -> int:
    """Tell people what of theirs ends soon by its own date, as the item says; return how many letters."""
    rows = session.scalars(
        select(Holding)
        .where(
            Holding.state == "active",
            Holding.ends_on.between(today, today + timedelta(days=LONGEST)),
            Holding.until_on == Holding.ends_on,
            Holding.person_id.is_not(None),
        )
        .order_by(Holding.id)
    )
    return sum(_remind_of_own_day(session, holding, today) for holding in rows)


def _remind_of_own_day(session: Session, holding: Holding, today: date) -> int:
    spec = items.load(holding.version).holding
    assert holding.ends_on is not None
    begun = holding.started_on or today
    days_left = [(days, holding.ends_on - timedelta(days=days)) for days in (spec.remind if spec else ())]
    passed = sorted(days for days, due_on in days_left if begun < due_on <= today)
    sent = _sent(session, "holding", holding.id, holding.ends_on)
    if not passed or f"remind-{passed[0]}" in sent:
        return 0
    for days in passed:
        _note_timer(session, "holding", holding.id, holding.ends_on, days, sent)
    mails.queue(session, "end-notice", to=holding.person, holding=holding.id)
    audit.record(session, holding, "remind", actor=None, last_day=holding.ends_on.isoformat())
    return 1


def _ending(session: Session, first: date, last: date) -> list[Employment]:
    """Return employments whose last day lies in a span and whose people have something that follows them."""
    within = or_(Employment.ends_on.between(first, last), Employment.portal_ends_on.between(first, last))
    held = select(Holding.employment_id).where(Holding.state.in_(HELD), Holding.employment_id.is_not(None))
    rows = session.scalars(
        select(Employment)
        .where(within, Employment.is_cancelled.is_(False), Employment.id.in_(held))
        .order_by(Employment.id)
    )
    return [each for each in rows if each.last_day is not None and first <= each.last_day <= last]


def due_days(session: Session, employment: Employment, today: date) -> int | None:
    """Say which reminder of an employment is due: so many days before, or None.

    Who set a last day knows it: reminders that would have been due by then are not sent.
    """
    last = employment.last_day
    policy = world_of(session).policy(employment.form)
    if last is None:
        return None
    set_on = employment.last_day_set_on or employment.starts_on
    days_left = [(days, last - timedelta(days=days)) for days in policy.remind_days]
    due = sorted(days for days, due_on in days_left if set_on < due_on <= today)
    if not due:
        return None
    sent = _sent(session, "employment", employment.id, last)
    return None if f"remind-{due[0]}" in sent else due[0]


def _remind(session: Session, group: list[Employment]) -> int:
    """Send the letters of one unit, last day and reminder: one for all, or one each, as the policy says."""
    bundled: dict[bool, list[Employment]] = defaultdict(list)
    for employment in group:
        bundled[world_of(session).policy(employment.form).bundle].append(employment)
    sent = 0
    for employment in bundled[False]:
        sent += _send(session, [employment], "reminder-end")
    if bundled[True]:
        sent += _send(session, bundled[True], "reminder-unit")
    return sent


def _send(session: Session, group: list[Employment], template: str) -> int:
    first = group[0]
    assert first.last_day is not None
    policy = world_of(session).policy(first.form)
    for employment in group:
        _note(session, employment, policy)
    receivers = {p.id: p for p in receivers_of(session, first, policy)}
    for person in receivers.values():
        mails.queue(
            session,
            template,
            to=person,
            employments=[each.id for each in group],
            unit=first.unit_id,
            day=first.last_day.isoformat(),
            can_extend=policy.can_extend,
        )
    return len(receivers)


def _note(session: Session, employment: Employment, policy: Policy) -> None:
    """Write down every reminder that has come due, so that missed ones do not follow."""
    last = employment.last_day
    assert last is not None
    today = clock.today(session)
    sent = _sent(session, "employment", employment.id, last)
    for days in policy.remind_days:
        if last - timedelta(days=days) <= today:
            _note_timer(session, "employment", employment.id, last, days, sent)
    session.flush()
    audit.record(session, employment, "remind", actor=None, last_day=last.isoformat())


def _sent(session: Session, noun: str, subject_id: int, last: date) -> set[str]:
    """Return which reminders of this very last day have gone out."""
    return set(
        session.scalars(
            select(Timer.what).where(
                Timer.subject_kind == noun, Timer.subject_id == subject_id, Timer.for_on == last
            )
        )
    )


def _note_timer(session: Session, noun: str, subject_id: int, last: date, days: int, sent: set[str]) -> None:
    if f"remind-{days}" not in sent:
        session.add(
            Timer(
                subject_kind=noun,
                subject_id=subject_id,
                what=f"remind-{days}",
                for_on=last,
                due_on=last - timedelta(days=days),
                done_at=clock.now(),
            )
        )


def receivers_of(session: Session, employment: Employment, policy: Policy) -> Iterable[Person]:
    """Walk through who is reminded: the manager (the next above when gone), coordinators, the sponsor …"""
    for who in policy.remind_to:
        if who == "manager":
            line = org.line_upward(session, employment, employment.unit)
            person = next((p for p in line if not p.is_disabled and p.id != employment.person_id), None)
            if person is not None:
                yield person
        elif who == "coordinator":
            yield from org.coordinators_of(session, employment.unit)
        elif who == "sponsor" and employment.sponsor is not None:
            yield employment.sponsor
        elif who == "cost_centre_owner":
            limits = approvers.limits_of(session, subjects.cost_centre_of(employment.unit))
            yield from approvers.owners_of(session, limits)[:1]
