"""How far a case has come: its few large steps, the small ones of the delivery, and their dates."""

from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.domain.queries.case import Case, Label
from portal.domain.queries.requests import is_late
from portal.domain.queries.said import Brief, Said, said
from portal.i18n import N_
from portal.models.task import Task
from portal.states import CLOSED_REQUEST, OPEN_REQUEST

UNSEEN = frozenset({"approve", "notify"})
"""Kinds that the list of steps leaves out: approvals have their own place, letters are no progress."""

SHOWN_AS = {
    "done": "done",
    "skipped": "skipped",
    "failed": "failed",
    "running": "running",
    "ready": "running",
}


@dataclass(frozen=True)
class Small:
    """One step of the delivery: done, running, failed, skipped or waiting; `at` is when it was settled."""

    label: Label
    state: str
    at: datetime | None = None
    text: Said | None = None


@dataclass(frozen=True)
class Large:
    """One of the few large steps: done, now, later or stop."""

    label: Said
    state: str
    at: datetime | None = None
    text: Said | None = None


def small_steps(case: Case) -> list[Small]:
    """List the steps of the delivery that concern this case, also those still to be expected."""
    found = []
    is_open = case.request.state in OPEN_REQUEST
    for written in case.process.steps:
        if written.step.kind in UNSEEN:
            continue
        tasks = [task for task in case.of_step(written.id) if task.skipped_by != "rule"]
        found += [_small(case, task) for task in tasks if task.state != "cancelled"]
        if not case.of_step(written.id) and is_open and case.applies(written):
            found.append(Small(case.label(written.step), "waiting"))
    known = {written.id for written in case.process.steps}
    found += [_small(case, task) for task in case.tasks if task.step not in known and task.kind == "task"]
    return found


def _small(case: Case, task: Task) -> Small:
    text = None
    if task.state == "failed":
        text = said(N_("needs attention"))
    elif task.state in ("ready", "running"):
        text = said(N_("under way"))
        if task.kind == "wait" and task.due_on is not None:
            text = said(N_("until %(day)s"), day=Brief(task.due_on))
    return Small(
        case.label_of(task), SHOWN_AS.get(task.state, "waiting"), case.settled.get(str(task.id)), text
    )


def count(steps: list[Small]) -> int:
    """Count the steps that are settled."""
    return sum(step.state in ("done", "skipped") for step in steps)


def now_at(steps: list[Small]) -> Label | None:
    """Name the step that is under way."""
    return next((step.label for step in steps if step.state in ("running", "failed")), None)


def large_steps(case: Case) -> list[Large]:
    """List the large steps of a case with their dates; a draft has none."""
    request = case.request
    if request.state == "draft":
        return []
    sent = N_("Sent") if request.purpose == "deliver" else N_("Begun")
    steps = [Large(said(sent), "done", case.when("submit"))]
    if request.state == "rejected":
        return [*steps, Large(said(N_("Rejected")), "stop", case.when("reject"))]
    if _asks(case):
        steps.append(_approved(case))
    if request.state == "cancelled":
        return [
            *(s for s in steps if s.state == "done"),
            Large(said(N_("Withdrawn")), "stop", case.when("cancel")),
        ]
    return [*steps, _delivery(case), _done(case)]


def _asks(case: Case) -> bool:
    steps = [written for written in case.process.steps if written.step.kind == "approve"]
    settled = {task.step: task for task in case.tasks if task.skipped_by == "rule"}
    return any(step.id not in settled and (case.of_step(step.id) or case.applies(step)) for step in steps)


def _approved(case: Case) -> Large:
    request = case.request
    if request.state == "in_approval":
        back = request.sent_back_at is not None
        return Large(
            said(N_("Approved")), "now", None, said(N_("a question first") if back else N_("under way"))
        )
    if request.approved_at is not None:
        return Large(said(N_("Approved")), "done", case.when("deliver"))
    return Large(said(N_("Approved")), "later")


def _delivery(case: Case) -> Large:
    request = case.request
    if request.state in CLOSED_REQUEST:
        return Large(said(N_("Delivered")), "done", case.when("complete"))
    if request.state == "in_approval":
        return Large(said(N_("Delivery")), "later")
    waits = [
        task.due_on for task in case.tasks if task.kind == "wait" and task.state == "ready" and task.due_on
    ]
    busy = [
        task for task in case.tasks if task.kind != "wait" and task.state in ("ready", "running", "failed")
    ]
    if waits and not busy:
        return Large(
            said(N_("Delivery")), "now", None, said(N_("waits until %(day)s"), day=Brief(min(waits)))
        )
    return Large(said(N_("Delivery")), "now", None, said(N_("under way")))


def _done(case: Case) -> Large:
    request = case.request
    if request.state in CLOSED_REQUEST:
        return Large(said(N_("Done")), "done", case.when("complete"))
    if request.promised_at is None or request.purpose != "deliver" or request.sent_back_at is not None:
        return Large(said(N_("Done")), "later")
    day = clock.local_day(request.promised_at, clock.zone(case.session))
    if is_late(case.session, request):
        return Large(said(N_("Done")), "later", None, said(N_("promised for %(day)s"), day=Brief(day)))
    text = N_("by %(day)s") if request.is_promise_fixed else N_("about %(day)s")
    return Large(said(N_("Done")), "later", None, said(text, day=Brief(day)))
