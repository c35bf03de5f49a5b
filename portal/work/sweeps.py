"""What the clock does: a handful of sweeps over due rows, each in short transactions, one case at a time.

A sweep asks the state what is due, so after three days of downtime it finds the same as it would have found
day by day, once. Whatever two sweeps do at the same time is decided by the lock of the case.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal import clock
from portal.db import Database
from portal.domain import approvals, audit, holdings, lifecycle, requests, withdrawing, workdays
from portal.domain.steps import wait
from portal.domain.world import world_of
from portal.models.approval import Approval
from portal.models.holding import Holding
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import ResourceStatus
from portal.settings import Settings
from portal.states import OPEN_REQUEST
from portal.work import reminders, resources
from portal.work.run import Worker

log = logging.getLogger(__name__)

BATCH = 500
MOST_ROUNDS = 50

T = TypeVar("T")


def run_all(database: Database, settings: Settings) -> int:
    """Do everything that is due now, until nothing more follows; return how many tasks were settled.

    For the clock that is turned by hand and for tests; a running portal calls the same sweeps by and by.
    """
    settled = 0
    for _ in range(MOST_ROUNDS):
        before = settled
        swept = clock_sweep(database, settings)
        settled += work_off(database, settings)
        if settled == before and not swept:
            break
    seal(database)
    return settled


def clock_sweep(database: Database, settings: Settings) -> int:
    """Do what the clock says; return how much was done."""
    with database.session() as session:
        resources.carry_on_when_mended(session, settings)
        session.commit()
    return (
        waits(database)
        + lifecycles(database)
        + _each_day(database, reminders.send_due)
        + answers(database)
        + unanswered(database)
    )


def work_off(database: Database, settings: Settings) -> int:
    """Run every automatic task that is due, oldest first."""
    worker = Worker(database, settings)
    settled = 0
    while True:
        ids = due_tasks(database, limit=BATCH)
        done = sum(worker.run(task_id) for task_id in ids)
        settled += done
        if not done:
            return settled


def due_tasks(database: Database, *, limit: int = 100) -> list[int]:
    """Return the automatic tasks that may be claimed now, without those of paused systems."""
    with database.read_session() as session:
        paused = select(ResourceStatus.name).where(ResourceStatus.state == "paused")
        return list(
            session.scalars(
                select(Task.id)
                .where(
                    Task.is_automatic,
                    Task.state.in_(("ready", "running")),
                    Task.not_before <= clock.now(),
                    Task.resource.not_in(paused),
                )
                .order_by(Task.not_before, Task.id)
                .limit(limit)
            )
        )


def waits(database: Database) -> int:
    """Settle waits whose day has come."""
    with database.read_session() as session:
        query = (
            select(Task.request_id, Task.id)
            .join(ServiceRequest, ServiceRequest.id == Task.request_id)
            .where(
                Task.kind == "wait",
                Task.state == "ready",
                Task.due_on <= clock.today(session),
                ServiceRequest.state.in_(OPEN_REQUEST),
                ServiceRequest.sent_back_at.is_(None),
            )
            .order_by(Task.due_on, Task.id)
            .limit(BATCH)
        )
        due: list[tuple[int, int]] = [(row.request_id, row.id) for row in session.execute(query)]

    def settle(session: Session, pair: tuple[int, int]) -> bool:
        request = requests.lock(session, pair[0])
        task = session.get_one(Task, pair[1], populate_existing=True)
        if task.state != "ready" or not wait.settle_if_due(session, task):
            return False
        requests.advance_request(session, request)
        return True

    return _each(database, due, settle)


def lifecycles(database: Database) -> int:
    """Open the cases that are due for what people have: end, suspend, resume, extend."""
    with database.read_session() as session:
        today = clock.today(session)
        due = [each.id for each in holdings.candidates(session, today) if holdings.due(session, each, today)]

    def open_case(session: Session, holding_id: int) -> bool:
        holding = session.get_one(Holding, holding_id)
        before = (holding.state, holding.applied_ends_on, holding.leave_id)
        opened = lifecycle.look_at(session, holding, clock.today(session))
        return opened is not None or before != (holding.state, holding.applied_ends_on, holding.leave_id)

    return _each(database, due, open_case)


def answers(database: Database) -> int:
    """Remind approvers and ask the next in line."""
    with database.read_session() as session:
        today = clock.today(session)
        query = (
            select(Approval)
            .join(Approval.request)
            .options(contains_eager(Approval.request), joinedload(Approval.task))
            .where(
                Approval.state == "waiting",
                ServiceRequest.sent_back_at.is_(None),
                Approval.asked_at < clock.working_now(session) - timedelta(hours=12),
            )
            .order_by(Approval.id)
        )
        due = [each.id for each in session.scalars(query) if _is_behind(session, each, today)]

    def remind(session: Session, approval_id: int) -> bool:
        approval = session.get_one(Approval, approval_id)
        requests.lock(session, approval.request_id)
        session.refresh(approval)
        if approval.state != "waiting":
            return False
        return bool(approvals.remind_and_escalate(session, approval, clock.today(session)))

    return _each(database, due, remind)


def _is_behind(session: Session, approval: Approval, today: date) -> bool:
    reminders, escalates = approvals.due(session, approval, today)
    return escalates or approval.reminders < reminders


def unanswered(database: Database) -> int:
    """Cancel what was sent back and never answered."""
    with database.read_session() as session:
        found = session.scalars(
            select(ServiceRequest).where(
                ServiceRequest.sent_back_at.is_not(None),
                ServiceRequest.state.in_(OPEN_REQUEST),
                ServiceRequest.origin != "undo",
            )
        )
        limit = world_of(session).resend_working_days
        today = clock.today(session)
        due = [each.id for each in found if _days_since(session, each, today) > limit]

    def cancel(session: Session, request_id: int) -> bool:
        request = requests.lock(session, request_id)
        if request.sent_back_at is None or request.state not in OPEN_REQUEST:
            return False
        withdrawing.cancel(session, request, actor=None, note="unanswered")
        return True

    return _each(database, due, cancel)


def _days_since(session: Session, request: ServiceRequest, today: date) -> int:
    assert request.sent_back_at is not None
    since = clock.local_day(request.sent_back_at, clock.zone(session))
    return workdays.between(session, since, today)


def stuck(database: Database) -> int:
    """Advance open cases in which nothing is pending; there should be none, so their number is logged."""
    pending = exists().where(
        Task.request_id == ServiceRequest.id, Task.state.in_(("ready", "running", "failed", "waiting"))
    )
    with database.read_session() as session:
        query = select(ServiceRequest.id).where(
            or_(ServiceRequest.is_dirty, ~pending),
            ServiceRequest.state.in_(OPEN_REQUEST),
            ServiceRequest.sent_back_at.is_(None),
        )
        due = list(session.scalars(query.limit(BATCH)))

    def go_on(session: Session, request_id: int) -> bool:
        requests.advance_request(session, requests.lock(session, request_id))
        return True

    found = _each(database, due, go_on)
    if found:
        log.warning("%d cases stood still and went on", found)
    return found


def seal(database: Database) -> int:
    """Chain what has been noted since the last time."""
    with database.session() as session:
        sealed = audit.seal(session)
        session.commit()
    return sealed


def _each_day(database: Database, do: Callable[[Session], int]) -> int:
    with database.session() as session:
        done = do(session)
        session.commit()
    return done


def _each(database: Database, due: Iterable[T], do: Callable[[Session, T], bool]) -> int:
    """Do each in a transaction of its own; one that fails is logged and does not stop the others."""
    count = 0
    for one in due:
        try:
            with database.session() as session:
                count += do(session, one)
                session.commit()
        except Exception:  # the one broad except around a job
            log.exception("the sweep failed on %s", one)
    return count
