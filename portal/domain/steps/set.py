"""`set`: change an employment, a leave, a person or a holding through its verb; done at once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.process import ProcessStep
from catalog.schema import CatalogItem
from catalog.steps.set import Set
from catalog.values import pack, plain
from portal import clock
from portal.domain import holdings, people
from portal.domain.errors import CannotStart
from portal.domain.transitions import move
from portal.i18n import N_
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding
from portal.models.person import Delegation, Person
from portal.models.request import ServiceRequest
from portal.models.task import Task


def start(
    session: Session,
    request: ServiceRequest,
    item: CatalogItem,
    written: ProcessStep,
    task: Task,
    names: Mapping[str, Any],
) -> None:
    """Change what the step names."""
    spec = written.step.spec
    assert isinstance(spec, Set)
    values: dict[str, Any] = {}
    for noun, wanted in spec.nouns.items():
        fields = {name: _value(render(value, names)) for name, value in wanted.items()}
        if noun == "values":
            values = fields
            request.facts = {**request.facts, "values": {**request.facts.get("values", {}), **pack(fields)}}
        else:
            SETTERS[noun](session, request, fields)
    task.result = {"values": pack(values)} if values else {}
    task.settled_at = clock.now()
    move(session, task, "complete", actor=None, step=task.step)


def _value(value: Any) -> Any:
    value = plain(value)
    return value["id"] if isinstance(value, Mapping) and "id" in value else value


def _person(session: Session, request: ServiceRequest, fields: dict[str, Any]) -> None:
    if request.beneficiary is None:
        raise CannotStart(N_("There is no person to change."))
    named = {{"mobile": "phone"}.get(name, name): value or "" for name, value in fields.items()}
    people.apply(
        session, people.changes_of(request.beneficiary, **named), source="portal", actor=request.requester
    )


def _employment(session: Session, request: ServiceRequest, fields: dict[str, Any]) -> None:
    employment = _employment_of(session, request)
    named = {
        {"ends_on": "last_day", "unit": "unit_id", "manager": "manager_id"}.get(k, k): v
        for k, v in fields.items()
    }
    if "last_day" in named and named["last_day"] is not None and named["last_day"] < employment.starts_on:
        raise CannotStart(N_("The last day lies before the first day."))
    people.apply(session, people.changes_of(employment, **named), source="portal", actor=request.requester)


def _employment_of(session: Session, request: ServiceRequest) -> Employment:
    if request.employment is not None:
        return request.employment
    found = people.main_employment(session, request.beneficiary) if request.beneficiary else None
    if found is None:
        raise CannotStart(N_("There is no employment to change."))
    return found


def _leave(session: Session, request: ServiceRequest, fields: dict[str, Any]) -> None:
    """Begin a leave, or move the one that is there: a known leave not yet over is changed, never doubled."""
    employment = _employment_of(session, request)
    today = clock.today(session)
    known = session.scalars(
        select(Leave)
        .where(Leave.employment_id == employment.id, Leave.is_cancelled.is_(False))
        .order_by(Leave.id.desc())
    )
    leave = next(
        (each for each in known if each.ends_on is None or each.ends_on >= today - timedelta(days=1)), None
    )
    fields = {k: v for k, v in fields.items() if v is not None or k == "ends_on"}
    if leave is not None:
        changes = people.changes_of(leave, **fields)
        if isinstance(fields.get("ends_on"), date) and fields["ends_on"] < leave.starts_on:
            changes = people.changes_of(leave, is_cancelled=True)
    else:
        if "starts_on" not in fields or "kind" not in fields:
            raise CannotStart(N_("There is no leave to change."))
        changes = people.new("leave", "new", employment_id=employment.id, **fields)
    people.apply(session, changes, source="portal", actor=request.requester)


def _delegation(session: Session, request: ServiceRequest, fields: dict[str, Any]) -> None:
    if request.beneficiary is None or not fields.get("to"):
        return
    delegate = session.get(Person, int(fields["to"]))
    if delegate is None or delegate.id == request.beneficiary.id:
        raise CannotStart(N_("The stand-in must be somebody else."))
    session.add(
        Delegation(
            person_id=request.beneficiary.id,
            delegate_id=delegate.id,
            from_on=fields.get("starts_on") or clock.today(session),
            to_on=fields.get("ends_on") or date.max,
        )
    )


def _holding(session: Session, request: ServiceRequest, fields: dict[str, Any]) -> None:
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    if holding is None:
        raise CannotStart(N_("There is nothing that they have to change."))
    if "until_on" in fields:
        holdings.set_until(session, holding, fields["until_on"], actor=request.requester)
    if "title" in fields:
        holding.values = {**holding.values, "title": fields["title"]}


SETTERS = {
    "person": _person,
    "employment": _employment,
    "leave": _leave,
    "delegation": _delegation,
    "holding": _holding,
}
