"""Beginning a step: what its kind does at once, and what is left for a person, a worker or a day.

One file a kind, each with `start(session, request, item, written, task, names)`. Local kinds are done
inside the transaction that reaches them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog.process import Facts, Process, ProcessStep, names_of
from catalog.rules import Undecidable
from catalog.schema import CatalogItem
from portal import clock
from portal.domain import audit, requests
from portal.domain.errors import CannotStart
from portal.domain.names import names_for
from portal.domain.steps import approve, ensure, notify, reserve, task, wait
from portal.domain.steps import set as set_step
from portal.domain.transitions import move
from portal.models.request import ServiceRequest
from portal.models.task import Task

Starter = Callable[[Session, ServiceRequest, CatalogItem, ProcessStep, Task, Mapping[str, Any]], None]

STARTERS: dict[str, Starter] = {
    "approve": approve.start,
    "task": task.start,
    "ensure": ensure.start,
    "absent": ensure.start,
    "notify": notify.start,
    "wait": wait.start,
    "reserve": reserve.start,
    "set": set_step.start,
}


def start_step(
    session: Session, request: ServiceRequest, item: CatalogItem, process: Process, step_id: str, row: str
) -> Task:
    """Make the task of a step and begin it; what cannot begin waits for a person with its reason."""
    written = process.step(step_id)
    assert written is not None  # advance only names steps of the process
    made = Task(
        request=request,
        step=step_id,
        row=row,
        round=request.round,
        kind=written.step.kind,
        state="ready",
        payload={},
        result={},
        attempts=0,
        token=0,
        created_at=clock.now(),
    )
    session.add(made)
    audit.record(session, made, "start", actor=None, request=request, after="ready", step=step_id)
    try:
        STARTERS[made.kind](session, request, item, written, made, names_now(session, request, item, process))
    except (CannotStart, Undecidable) as problem:
        fail(session, made, type(problem).__name__, str(problem))
    return made


def names_now(
    session: Session, request: ServiceRequest, item: CatalogItem, process: Process
) -> Mapping[str, Any]:
    """Return the names of a case with what its steps have given so far."""
    facts = Facts(names_for(session, request, item), request.state, request.round)
    return names_of(process, facts, [requests.view_of(each) for each in requests.tasks_of(session, request)])


def fail(session: Session, failed: Task, kind: str, message: str, detail: str = "") -> None:
    """A task needs a person: note the reason and say so on the case."""
    failed.error = {"kind": kind, "message": message, "detail": detail}
    move(session, failed, "fail", actor=None, note=message, step=failed.step)
