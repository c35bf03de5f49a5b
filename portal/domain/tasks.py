"""What people do with tasks: take, hand back, complete, retry, do by hand, skip, add."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog.steps.task import Result
from catalog.steps.task import Task as TaskSpec
from portal import clock
from portal.domain import audit, items, messages, org, requests, withdrawing
from portal.domain.by_hand import settle as settle_by_hand
from portal.domain.transitions import may, move
from portal.errors import Invalid, NotAllowed, PortalError
from portal.i18n import N_
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.rights import allowed
from portal.states import OPEN_REQUEST, SETTLED_TASK


class ReasonNeeded(PortalError):
    """Skipping and doing by hand leave a reason behind."""

    message = N_("Write the reason, so that others can follow what was done.")
    status = 422


class NotWaiting(PortalError):
    """It is done already, or nobody waits for it any more."""

    message = N_("This task is not waiting to be done.")
    status = 409


def may_work(session: Session, task: Task, person: Person) -> bool:
    """Say whether somebody may work with a task: in its team, has it, or works everywhere."""
    if person.is_disabled:
        return False
    if task.person_id == person.id or (task.team and task.team in org.teams_of(session, person)):
        return True
    return allowed(session, person, "work", resource=task.resource) and (
        not task.team or allowed(session, person, "admin")
    )


def _locked(session: Session, task: Task, actor: Person) -> ServiceRequest:
    assert task.request_id is not None
    request = requests.lock(session, task.request_id)
    session.refresh(task)
    if not may_work(session, task, actor):
        raise NotAllowed
    return request


def _locked_open(session: Session, task: Task, actor: Person) -> ServiceRequest:
    request = _locked(session, task, actor)
    if request.state not in OPEN_REQUEST or task.state in SETTLED_TASK:
        raise NotWaiting
    return request


def take(session: Session, task: Task, *, actor: Person) -> None:
    """Say that somebody is on it."""
    request = _locked_open(session, task, actor)
    task.person_id = actor.id
    audit.record(session, task, "take", actor=actor, request=request, step=task.step)


def hand_over(session: Session, task: Task, *, actor: Person, team: str = "") -> None:
    """Give a task back to its team, or to another."""
    request = _locked_open(session, task, actor)
    task.person_id = None
    if team:
        task.team = team.removeprefix("team/")
    audit.record(session, task, "hand_over", actor=actor, request=request, to=task.team, step=task.step)


def results_of(session: Session, task: Task) -> tuple[Result, ...]:
    """Return the result fields of a manual task, as the item has them."""
    if task.request is None:
        return ()
    step = items.load(task.request.version).step(task.step)
    return step.spec.results if step is not None and isinstance(step.spec, TaskSpec) else ()


class ResultMissing(Invalid):
    """A required result was not filled in."""

    message = N_("Fill in the fields that the task asks for.")

    def __init__(self, names: list[str]) -> None:
        """Take the names of the fields."""
        super().__init__()
        self.names = names


def complete(
    session: Session,
    task: Task,
    *,
    actor: Person,
    results: Mapping[str, Any],
    checked: list[int] | None = None,
) -> None:
    """A manual task is done; its results are kept."""
    request = _locked(session, task, actor)
    if task.kind != "task" or not may(task, "complete"):
        raise NotWaiting
    missing = [
        field.name
        for field in results_of(session, task)
        if field.required and results.get(field.name) in (None, "")
    ]
    if missing:
        raise ResultMissing(missing)
    task.result = {name: value for name, value in results.items() if value is not None}
    task.payload = {**task.payload, "checked": checked or []}
    task.person_id = actor.id
    _settle(session, request, task, "complete", actor=actor)


def retry(session: Session, task: Task, *, actor: Person) -> None:
    """Try a failed step again, from what is true now."""
    request = _locked_open(session, task, actor)
    if task.state == "ready" and task.is_automatic:
        task.not_before = clock.now()
        return
    if task.state != "failed":
        raise NotWaiting
    if task.is_automatic:
        move(session, task, "retry", actor=actor, step=task.step)
        task.error = None
        task.attempts = 0
        task.not_before = clock.now()
        requests.advance_request(session, request)
        return
    # a step that never began is forgotten, so that the process begins it anew
    audit.record(session, request, "retry", actor=actor, request=request, step=task.step)
    session.delete(task)
    session.flush()
    session.expire(request, ["tasks"])
    requests.advance_request(session, request)


def by_hand(session: Session, task: Task, *, actor: Person, result: Mapping[str, Any], reason: str) -> None:
    """Somebody did the step in the other system; say how it came out."""
    request = _locked(session, task, actor)
    if task.kind == "approve":
        raise NotAllowed(N_("An approval is decided, not done by hand."))
    if not reason.strip():
        raise ReasonNeeded
    settled = settle_by_hand(session, task, actor=actor) if task.kind in ("ensure", "absent") else {}
    task.result = {**task.result, **settled, **result, "by_hand": True}
    task.person_id = actor.id
    _settle(session, request, task, "complete", actor=actor, note=reason.strip())


def skip(session: Session, task: Task, *, actor: Person, reason: str) -> None:
    """Go on without the step."""
    request = _locked(session, task, actor)
    if task.kind == "approve":
        raise NotAllowed(N_("An approval cannot be skipped."))
    if not reason.strip():
        raise ReasonNeeded
    task.skipped_by = "agent"
    _settle(session, request, task, "skip", actor=actor, note=reason.strip())


def _settle(
    session: Session, request: ServiceRequest, task: Task, action: str, *, actor: Person, note: str = ""
) -> None:
    task.settled_at = clock.now()
    task.error = None
    move(session, task, action, actor=actor, note=note, step=task.step)
    requests.advance_request(session, request)
    withdrawing.settle_closed(session, request)


def add(session: Session, request: ServiceRequest, *, actor: Person, team: str, title: str) -> Task:
    """Add a manual task to an open case, beside its process."""
    request = requests.lock(session, request.id)
    count = sum(1 for each in requests.tasks_of(session, request) if each.step.startswith("extra"))
    task = Task(
        request_id=request.id,
        step=f"extra{count + 1}",
        row="",
        round=request.round,
        kind="task",
        state="ready",
        team=team.removeprefix("team/"),
        payload={"title": {"": title}, "instructions": {}, "checklist": []},
        result={},
        attempts=0,
        token=0,
        created_at=clock.now(),
    )
    session.add(task)
    session.flush()
    audit.record(session, task, "add", actor=actor, request=request, note=title)
    return task


def reopen(session: Session, request: ServiceRequest, *, actor: Person, reason: str, team: str) -> None:
    """A delivered case was not: open it with a task for a team."""
    request = requests.lock(session, request.id)
    move(session, request, "reopen", actor=actor, note=reason)
    request.closed_at = None
    add(session, request, actor=actor, team=team, title=reason)


def carry_out_undo(session: Session, request: ServiceRequest, *, actor: Person) -> None:
    """An agent agrees to take back what a closed order left behind."""
    request = requests.lock(session, request.id)
    if not request.facts.get("awaits_agent") or not allowed(session, actor, "work"):
        raise NotAllowed
    request.facts = {key: value for key, value in request.facts.items() if key != "awaits_agent"}
    request.sent_back_at = None
    audit.record(session, request, "carry_out", actor=actor, request=request)
    requests.advance_request(session, request)


def ask_requester(session: Session, task: Task, *, actor: Person, text: str) -> None:
    """Put a question to the one who ordered, on the case and by letter."""
    assert task.request is not None
    messages.write(session, task.request, actor=actor, text=text, is_question=True)
