"""What rules and placeholders may ask for, read when asked.

Everything is plain data behind lazy mappings: a process that never asks who somebody's manager is never
looks it up. A question with `is:` is read from where it was written, so that what HR changes later reaches
every item.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.schema import CatalogItem, Question
from portal import clock
from portal.domain import people
from portal.domain.nouns import (
    Lazy,
    answer_value,
    employment_data,
    holding_data,
    leave_data,
    person_data,
    unit_data,
)
from portal.domain.world import world_of
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding, ReservedName
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task


def answers_data(
    session: Session,
    item: CatalogItem,
    answers: Mapping[str, Any],
    *,
    person: Person | None = None,
    employment: Employment | None = None,
) -> dict[str, Any]:
    """Return every question's answer by name, hidden and unanswered as none (lists as []).

    An answered choice is a mapping whose `value` is the answer, beside it the label or the columns of its
    list.
    """

    def thunk(question: Question) -> Any:
        def read() -> Any:
            live = _live(session, question, person, employment)
            return live if live is not None else answer_value(session, question, answers.get(question.name))

        return read

    return {question.name: thunk(question) for question in item.questions if question.asks}


def _live(session: Session, question: Question, person: Person | None, employment: Employment | None) -> Any:
    """Read a question with `is:` from where it was written at submit."""
    noun, _, field = (question.is_ or "").partition(".")
    if noun == "person" and person is not None:
        return (
            getattr(person, {"mobile": "phone"}.get(field, field), None)
            if field
            else person_data(session, person)
        )
    if noun == "employment" and employment is not None:
        match field:
            case "ends_on":
                return employment.last_day
            case "unit":
                return unit_data(session, employment.unit)
            case "manager" | "replaces" | "sponsor":
                return person_data(session, getattr(employment, field))
            case "form":
                return {"value": employment.form}
            case _:
                return getattr(employment, field, None) or None
    return None


def names_for(session: Session, request: ServiceRequest, item: CatalogItem) -> Lazy:
    """Return all that the rules and placeholders of a case may ask for."""
    person, employment = request.beneficiary, request.employment
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    today = clock.today(session)
    placed = request.submitted_at.astimezone(clock.zone(session)).date() if request.submitted_at else today
    form = employment.form if employment else ""
    return Lazy(
        {
            **reserved_names(session, request, item),
            **answers_data(session, item, request.answers, person=person, employment=employment),
            "me": lambda: person_data(session, request.requester),
            "requester": lambda: person_data(session, request.requester),
            "beneficiary": lambda: person_data(session, person),
            "unit": lambda: unit_data(session, request.unit),
            "employment": lambda: employment_data(session, employment),
            "leave": lambda: leave_data(_leave_in_question(session, person, holding, today)),
            "holding": lambda: holding_data(session, holding),
            "order": {"number": request.number, "placed_on": placed},
            "request": {
                "number": request.number,
                "purpose": request.purpose,
                "origin": request.origin,
                "revision": request.revision,
                "placed_on": placed,
            },
            "item": {"id": item.id, "title": dict(item.title.root), "category": item.category},
            "price": {"once": request.price_once, "monthly": request.price_monthly},
            "policy": {"grace": world_of(session).policy(form).grace_days},
            "row": None,
            "today": today,
            "steps": lambda: steps_data(session, request, holding),
        }
    )


def _leave_in_question(
    session: Session, person: Person | None, holding: Holding | None, today: date
) -> Leave | None:
    """The leave of today; when it is over, still the one for which something was paused."""
    leave = people.leave_on(session, person, today) if person else None
    if leave is None and holding is not None and holding.leave_id is not None:
        return session.get(Leave, holding.leave_id)
    return leave


def reserved_names(session: Session, request: ServiceRequest, item: CatalogItem) -> dict[str, Any]:
    """Return the `as:` names of an item, taken or not."""
    taken: dict[str, Any] = {}
    for step in item.all_steps():
        if step.spec.kind == "reserve":
            taken[step.spec.as_] = lambda space=step.spec.space: _reserved(session, request, space)  # type: ignore[attr-defined]
        elif step.spec.kind == "set":
            taken |= {name: (request.facts.get("values") or {}).get(name) for name in step.spec.values()}  # type: ignore[attr-defined]
    return taken


def _reserved(session: Session, request: ServiceRequest, space: str) -> str | None:
    owned = ReservedName.person_id == request.beneficiary_id
    if request.beneficiary_id is None:
        owned = ReservedName.unit_id == request.unit_id
    own = select(ReservedName.name).where(ReservedName.space == space, ReservedName.is_foreign.is_(False))
    mine = session.scalars(own.where(ReservedName.request_id == request.id)).first()
    return mine or session.scalars(own.where(owned).order_by(ReservedName.id)).first()


def steps_data(session: Session, request: ServiceRequest, holding: Holding | None) -> Mapping[str, Any]:
    """Return each step's state and result; a lifecycle case also sees the order behind its holding."""
    found: dict[str, Any] = {}
    ids = [request.id]
    if holding is not None and holding.request_id not in (None, request.id):
        ids.insert(0, holding.request_id)
    tasks = session.scalars(select(Task).where(Task.request_id.in_(ids)).order_by(Task.id))
    for task in sorted(tasks, key=lambda task: ids.index(task.request_id or 0)):
        found[task.step] = {"state": task.state, **task.result}
    return found
