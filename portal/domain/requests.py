"""A case on its way: what happens next, and what people can do with it."""

from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.process import (
    Attention,
    Cancel,
    Facts,
    Finish,
    Process,
    Skip,
    Start,
    TaskView,
    advance,
    process_for,
)
from catalog.schema import CatalogItem
from catalog.values import unpack
from portal import clock
from portal.domain import audit, finishing, items, promises
from portal.domain.names import names_for
from portal.domain.transitions import move
from portal.domain.world import world_of
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST, TaskState

MOST_TURNS = 200
EFFECTS = frozenset({"ensure", "absent", "task", "order", "set"})


_WITH = (
    joinedload(ServiceRequest.version),
    joinedload(ServiceRequest.holding),
    joinedload(ServiceRequest.employment),
    joinedload(ServiceRequest.beneficiary),
    joinedload(ServiceRequest.unit),
)
"""What nearly every turn of a case looks at, read with it."""


def lock(session: Session, request_id: int) -> ServiceRequest:
    """Take a case for changing: whoever changes a task or an approval of it does this first.

    On SQLite the writing transaction itself is the lock. Its tasks are read again from here on.
    """
    session.flush()
    request = session.get_one(
        ServiceRequest,
        request_id,
        options=_WITH,
        with_for_update={"of": ServiceRequest},
        populate_existing=True,
    )
    for task in request.__dict__.get("tasks", ()):
        session.expire(task)
    session.expire(request, ["tasks"])
    return request


def tasks_of(session: Session, request: ServiceRequest) -> list[Task]:
    """Return every task of a case, oldest first."""
    return list(request.tasks)


def view_of(task: Task) -> TaskView:
    """Return a task as the process sees it."""
    return TaskView(task.step, task.row, task.state, task.result, task.skipped_by, task.round)  # type: ignore[arg-type]


def process_of(session: Session, request: ServiceRequest, item: CatalogItem) -> Process:
    """Return the process of a case from the inputs that are stored with it."""
    inputs = request.process_inputs
    if request.purpose == "deliver":
        return _delivery(request.version.digest, request.version.text, once_kinds(session))
    return process_for(
        item,
        request.purpose,  # type: ignore[arg-type]  # a purpose is one of the process's words
        inputs.get("done", ()),
        unpack(inputs.get("names", {})),
        bool(inputs.get("suspended")),
        once=once_kinds(session),
    )


@lru_cache(maxsize=256)
def _delivery(digest: str, text: str, once: frozenset[str]) -> Process:
    """An order's own process depends on nothing but the version."""
    return process_for(items.parsed(digest, text), once=once)


def once_kinds(session: Session) -> frozenset[str]:
    """Return the kinds that act when asked and leave nothing to keep."""
    resources = world_of(session).known.resources
    return frozenset(
        f"{name}/{kind}"
        for name, info in resources.items()
        for kind, about in info.kinds.items()
        if about.once
    )


def advance_request(session: Session, request: ServiceRequest) -> None:
    """Do what follows from the settled tasks, until nothing more follows. The caller holds the lock."""
    from portal.domain.steps import start_step  # a step may finish its case at once: a true circle

    item = items.load(request.version)
    process = process_of(session, request, item)
    for _ in range(MOST_TURNS):
        tasks = tasks_of(session, request)
        facts = Facts(
            names_for(session, request, item),
            request.state,
            request.round,
            held=request.sent_back_at is not None,
        )
        moves = advance(process, facts, [view_of(task) for task in tasks])
        if not moves:
            break
        for each in moves:
            match each:
                case Start():
                    start_step(session, request, item, process, each.step, each.row)
                case Skip():
                    note_skip(session, request, item, each)
                case Attention():
                    note_attention(session, request, process, each)
                case Cancel():
                    cancel_task(session, request, each, tasks)
                case Finish():
                    finishing.finish(session, request, item, each.state)
        if request.state not in OPEN_REQUEST:
            break
    request.is_dirty = False
    _look_at(session, request, item, process)


def note_skip(session: Session, request: ServiceRequest, item: CatalogItem, skip: Skip) -> None:
    """Write down that a step is not for this case."""
    _settled_row(
        session, request, skip.step, skip.row, "skipped", skipped_by="rule", payload={"reason": skip.reason}
    )


def note_attention(session: Session, request: ServiceRequest, process: Process, about: Attention) -> None:
    """Write down that a person must look before this step can go on."""
    error = {"kind": "Undecided", "message": about.reason, "params": dict(about.params), "detail": ""}
    task = _settled_row(session, request, about.step, about.row, "failed", error=error)
    step = process.step(about.step)
    task.kind = step.step.kind if step else ""
    audit.record(session, task, "fail", actor=None, request=request, note=about.reason, step=about.step)


def _settled_row(
    session: Session, request: ServiceRequest, step: str, row: str, state: str, **more: Any
) -> Task:
    task = Task(
        request=request,
        step=step,
        row=row,
        round=request.round,
        kind="",
        state=state,
        created_at=clock.now(),
        settled_at=clock.now(),
        result={},
        **{"payload": {}, **more},
    )
    session.add(task)
    return task


def cancel_task(session: Session, request: ServiceRequest, cancel: Cancel, tasks: list[Task]) -> None:
    """Close a task that has not begun to act, and the questions it has asked."""
    for task in tasks:
        if (task.step, task.row) == (cancel.step, cancel.row) and task.state in (
            "waiting",
            "ready",
            "failed",
        ):
            close_task(session, task)


def close_task(session: Session, task: Task) -> None:
    """Cancel a task; approvals that wait for it lapse."""
    for approval in session.scalars(
        select(Approval).where(Approval.task_id == task.id, Approval.state == "waiting")
    ):
        move(session, approval, "lapse", actor=None)
    task.settled_at = clock.now()
    move(session, task, "cancel", actor=None, step=task.step)


def _look_at(session: Session, request: ServiceRequest, item: CatalogItem, process: Process) -> None:
    """Set what a case shows from its tasks: where it is, whether it needs somebody, and its promise."""
    tasks = tasks_of(session, request)
    request.needs_attention = request.state in OPEN_REQUEST and any(
        t.state == TaskState.FAILED for t in tasks
    )
    if request.state not in OPEN_REQUEST:
        return
    asks = any(t.kind == "approve" and t.state == TaskState.READY for t in tasks)
    if asks and request.state == "in_delivery":
        move(session, request, "await_approval", actor=None)
    if asks or request.state != "in_approval":
        return
    move(session, request, "deliver", actor=None)
    request.approved_at = clock.now()
    if request.purpose == "deliver":
        settled = {t.step for t in tasks if t.state in ("done", "skipped")}
        request.promised_at = promises.promised(
            session, item, start=clock.working_now(session), first_day=first_day_of(request)
        )
        request.is_promise_fixed = all(s.id in settled for s in item.steps if s.kind == "approve")


def first_day_of(request: ServiceRequest) -> Any:
    """Return the first day that a promise may wait for: that of an employment that the order made."""
    employment = request.employment
    if employment is not None and employment.request_id == request.id:
        return employment.starts_on
    return None


def may_change(session: Session, request: ServiceRequest) -> bool:
    """Say whether a case may still be sent back and resent: nothing has begun to act."""
    if request.state not in OPEN_REQUEST or request.purpose != "deliver":
        return False
    return not any(
        t.kind in EFFECTS and t.state in ("ready", "running", "done", "failed")
        for t in tasks_of(session, request)
    )


def may_withdraw(session: Session, request: ServiceRequest, person: Person) -> bool:
    """Say whether a person may withdraw: the one who ordered, while it is open and nothing has been done."""
    if request.state == "draft":
        return person.id == request.requester_id
    if request.state not in OPEN_REQUEST or person.id not in (request.requester_id, request.beneficiary_id):
        return False
    if request.purpose != "deliver":
        return False
    return not any(t.kind in EFFECTS and t.state in ("running", "done") for t in tasks_of(session, request))
