"""The end of a case, and what follows from it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from portal import clock
from portal.domain import holdings, mails, people
from portal.domain.names import names_for
from portal.domain.texts import rendered
from portal.domain.transitions import move
from portal.models.approval import Approval
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task

DOING = frozenset({"ensure", "absent", "task", "set", "order"})


def finish(session: Session, request: ServiceRequest, item: CatalogItem, how: str) -> None:
    """Close a case as delivered or rejected."""
    request.closed_at = clock.now()
    request.needs_attention = False
    if how == "reject":
        reject(session, request, item)
    else:
        move(session, request, "complete", actor=None)
        deliver(session, request, item)


def deliver(session: Session, request: ServiceRequest, item: CatalogItem) -> None:
    """They have it now, or what a lifecycle case was for has happened."""
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    tasks = list(request.tasks)
    if holding is not None:
        holding.values = {**holding.values, **values_of(session, request, item, tasks)}
        if request.purpose == "deliver":
            holdings.activate(session, holding)
        else:
            did = any(task.state == "done" and task.kind in DOING for task in tasks)
            holdings.settle_lifecycle(session, holding, request, did_something=did)
    told = any(
        request.requester_id in task.result.get("people", ()) for task in tasks if task.kind == "notify"
    )
    if request.purpose == "deliver" and request.requester is not None and not told:
        mails.queue(session, "delivered", to=request.requester, request=request)


def values_of(
    session: Session, request: ServiceRequest, item: CatalogItem, tasks: list[Task]
) -> dict[str, Any]:
    """Return what a holding keeps: its title, the answers and what the steps gave."""
    if request.purpose != "deliver":
        return {}
    values: dict[str, Any] = {"answers": dict(request.answers)}
    names = names_for(session, request, item)
    for question in item.questions:
        if question.asks and request.answers.get(question.name) not in (None, "", []):
            values[question.name] = _kept(names[question.name])
    for task in tasks:
        if task.kind == "reserve" and task.state == "done":
            step = item.step(task.step)
            if step is not None:
                values[step.spec.as_] = task.result.get("value")  # type: ignore[attr-defined]  # a reserve step
        elif task.kind == "task" and task.state == "done":
            values |= {name: value for name, value in task.result.items() if value not in (None, "")}
    title = item.holding.title if item.holding else None
    if title is not None:
        values["title"] = rendered(title, names_for(session, request, item))
    return values


def _kept(value: Any) -> Any:
    """Return an answer as a holding keeps it: of people and units who they are, of a choice its value."""
    if isinstance(value, list):
        return [_kept(each) for each in value]
    if isinstance(value, Mapping):
        return value["value"] if "value" in value else {name: value.get(name) for name in ("id", "name")}
    return value.isoformat() if isinstance(value, date) else value


def reject(session: Session, request: ServiceRequest, item: CatalogItem) -> None:
    """Somebody said no: close, tell the requester why, take back what was only planned."""
    move(session, request, "reject", actor=None)
    no = session.scalars(
        select(Approval)
        .where(Approval.request_id == request.id, Approval.state == "rejected")
        .order_by(Approval.id)
    ).first()
    if request.requester is not None:
        mails.queue(
            session, "rejected", to=request.requester, request=request, approval=no.id if no else None
        )
    take_back(session, request)


def take_back(session: Session, request: ServiceRequest) -> None:
    """Nothing was made: the holding ends, names are free, an ordered person is withdrawn.

    This waits until the last running task has settled. Where something was made, a case with origin *undo* is
    drafted.
    """
    if request.purpose != "deliver" or any(_is_under_way(task) for task in request.tasks):
        return
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    if holding is not None and holdings.made_something(session, holding):
        from portal.domain import lifecycle  # lifecycle opens cases and cases close here: a true circle

        lifecycle.draft_undo(session, request, holding)
        return
    if holding is not None:
        holdings.drop(session, holding)
    _withdraw_person(session, request)


def _is_under_way(task: Task) -> bool:
    """Say whether a task acts now, or has to be tried again."""
    return task.state == "running" or (task.state == "ready" and task.is_automatic and task.token > 0)


def _withdraw_person(session: Session, request: ServiceRequest) -> None:
    employment = request.employment
    if employment is None or employment.request_id != request.id or employment.is_cancelled:
        return
    person = session.get_one(Person, employment.person_id)
    changes = people.changes_of(employment, is_cancelled=True)
    others = [each for each in people.employments_of(session, person) if each.id != employment.id]
    if not others:
        changes += people.changes_of(person, is_hidden=True)
    elif request.facts.get("unit_before") and person.unit_id == employment.unit_id:
        changes += people.changes_of(person, unit_id=request.facts["unit_before"])
    people.apply(session, changes, source="order", actor=None)
