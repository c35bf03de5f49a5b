"""Running one automatic task: claim, act, record. Calling it any number of times does no harm.

The claim is made under the lock of the case, with a fencing token and a lease; the connector is called
outside any transaction; the result is recorded only under the token of the claim, else it is dropped,
because somebody else has the task now. The transaction that records also claims the same case's next task
on the same lane, which halves the number of transactions.
"""

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from connectors.errors import Conflict, ConnectorError, Denied, Invalid, Misconfigured, Unavailable, Unknown
from portal import clock
from portal.db import Database
from portal.domain import audit, requests, withdrawing
from portal.domain.errors import CannotStart
from portal.domain.transitions import move
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.settings import Settings
from portal.states import OPEN_REQUEST
from portal.work import resources, steps
from portal.work.crash import crash_point

log = logging.getLogger(__name__)

RETRIED = (Unavailable, Unknown)
FINAL = (Conflict, Denied, Invalid)


@dataclass(frozen=True)
class Claim:
    """A task that is ours for now: its number, its case, our token, and what the step prepared."""

    task_id: int
    request_id: int
    token: int
    kind: str
    resource: str
    work: Any


class Worker:
    """Runs tasks of one installation."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Take where the tasks are and how systems are reached."""
        self.database = database
        self.settings = settings
        self.lease = timedelta(seconds=settings.number("work.lease_seconds"))
        self.most_attempts = settings.number("work.attempts")

    def run(self, task_id: int) -> int:
        """Run a task and what follows it on its lane; return how many were settled."""
        settled = 0
        claim = self._claim(task_id)
        while claim is not None:
            crash_point("claimed")
            outcome, error = self._act(claim)
            crash_point("acted")
            ok, claim = self._record(claim, outcome, error)
            crash_point("recorded")
            settled += ok
        return settled

    def _claim(self, task_id: int) -> Claim | None:
        with self.database.session() as session:
            task = session.get(Task, task_id)
            if task is None or task.request_id is None:
                return None
            request = requests.lock(session, task.request_id)
            if resources.is_paused(session, task.resource):
                return None
            claim = self._claim_in(session, request, task)
            session.commit()
            return claim

    def _claim_in(self, session: Session, request: ServiceRequest, task: Task) -> Claim | None:
        """Make a due task ours and prepare it; the caller holds the case's lock, and the system goes on."""
        if request.state not in OPEN_REQUEST and not task.token:  # what had begun before may still finish
            return None
        now = clock.now()
        if task.state not in ("ready", "running") or not task.is_automatic:
            return None
        if task.not_before is not None and task.not_before > now:
            return None
        task.state = "running"
        task.token += 1
        task.attempts += 1
        task.not_before = now + self.lease
        try:
            work = steps.prepare(session, request, task)
        except (CannotStart, ConnectorError, LookupError) as problem:
            self._failed(session, request, task, problem)
            return None
        return Claim(task.id, request.id, task.token, task.kind, task.resource, work)

    def _act(self, claim: Claim) -> tuple[Any, ConnectorError | None]:
        try:
            with resources.opened(self.settings, claim.resource) as connector:
                return steps.act(self.database, connector, claim.work), None
        except ConnectorError as error:
            return None, error
        except Exception as error:  # the one broad except around a job: a plugin may raise anything
            log.exception("task %s failed", claim.task_id)
            return None, Invalid(f"The connector failed: {type(error).__name__}.")

    def _record(self, claim: Claim, outcome: Any, error: ConnectorError | None) -> tuple[bool, Claim | None]:
        with self.database.session() as session:
            request = requests.lock(session, claim.request_id)
            task = next((t for t in request.tasks if t.id == claim.task_id and _is_ours(t, claim)), None)
            if task is None:  # the lease was lost: somebody else has written, or will
                return False, None
            goes_on = resources.note(session, self.settings, claim.resource, error)
            if error is not None:
                self._put_back_or_fail(session, request, task, error)
                session.commit()
                return False, None
            steps.record(session, request, task, claim.work, outcome)
            task.error = None
            task.settled_at = clock.now()
            move(session, task, "complete", actor=None, step=task.step)
            crash_point("settled")
            requests.advance_request(session, request)
            withdrawing.settle_closed(session, request)
            following = self._next_on_lane(session, request, task) if goes_on else None
            session.commit()
            return True, following

    def _next_on_lane(self, session: Session, request: ServiceRequest, task: Task) -> Claim | None:
        for ready in request.tasks:
            if ready.is_automatic and ready.state == "ready" and ready.lane == task.lane:
                return self._claim_in(session, request, ready)
        return None

    def _put_back_or_fail(
        self, session: Session, request: ServiceRequest, task: Task, error: ConnectorError
    ) -> None:
        if isinstance(error, Misconfigured):  # the resource is paused; its tasks wait and cost no attempt
            task.attempts -= 1
            task.not_before = clock.now()
            task.error = _error_data(error)
            move(session, task, "put_back", actor=None, note=error.message, step=task.step)
        elif isinstance(error, RETRIED) and task.attempts < self.most_attempts:
            task.not_before = clock.now() + _back_off(task.attempts, error.retry_after)
            task.error = _error_data(error)
            move(session, task, "put_back", actor=None, note=error.message, step=task.step)
        elif isinstance(error, Conflict) and steps.try_other_name(session, request, task):
            requests.advance_request(session, request)
        else:
            self._failed(session, request, task, error)

    def _failed(self, session: Session, request: ServiceRequest, task: Task, problem: Exception) -> None:
        task.error = _error_data(problem)
        move(session, task, "fail", actor=None, note=str(task.error["message"]), step=task.step)
        audit.record(session, request, "need_attention", actor=None, request=request, step=task.step)
        requests.advance_request(session, request)
        withdrawing.settle_closed(session, request)


def _is_ours(task: Task, claim: Claim) -> bool:
    return task.token == claim.token and task.state == "running"


def _error_data(problem: Exception) -> dict[str, Any]:
    """Return an error as plain data: what was being done, what the system said, what to do."""
    if isinstance(problem, ConnectorError):
        return {
            "kind": type(problem).__name__,
            "message": problem.message,
            "detail": problem.detail,
            "advice": problem.advice,
            "field": problem.field,
        }
    return {"kind": type(problem).__name__, "message": str(problem), "detail": "", "advice": "", "field": ""}


def _back_off(attempts: int, retry_after: float | None) -> timedelta:
    """Wait longer each time, up to half an hour, never all at the same moment."""
    if retry_after:
        return timedelta(seconds=min(retry_after, 3600))
    return timedelta(seconds=min(2.0**attempts, 1800) * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
