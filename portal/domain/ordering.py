"""Sending an order: its case, its people and what is planned, made in one transaction."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalog.pricing import price_of
from catalog.schema import CatalogItem, Question
from portal import clock, keys
from portal.domain import holdings, items, mails, numbers, people, promises, requests
from portal.domain.names import names_for
from portal.domain.subjects import Subject, check_allowed, cost_centre_of, named, subject_of
from portal.domain.transitions import move
from portal.errors import NotFound, PortalError
from portal.i18n import N_
from portal.models.employment import Employment
from portal.models.item import CatalogVersion
from portal.models.person import Person
from portal.models.request import AnswerValue, Order, ServiceRequest


class UsedKey(PortalError):
    """The same sending came twice with different contents."""

    message = N_(
        "This form has already been sent with other answers. Open the service again to order once more."
    )
    status = 422


def submit(
    session: Session,
    version: CatalogVersion,
    answers: Mapping[str, Any],
    *,
    actor: Person,
    beneficiary: Person | None = None,
    key: str,
    body_hash: str = "",
    origin: str = "person",
    draft: ServiceRequest | None = None,
) -> ServiceRequest:
    """Send an order for one item and return its case; the same key and body again return the same case.

    `answers` are cleaned answers (`domain.answers.clean`). Raises NotAllowed, LacksAccount or UsedKey.
    """
    earlier = session.scalars(select(Order).where(Order.idempotency_key == key)).first()
    if earlier is not None:
        if earlier.body_hash != body_hash or earlier.requester_id != actor.id:
            raise UsedKey
        return earlier.requests[0]
    item = items.load(version)
    subject = subject_of(session, item, answers, actor=actor, beneficiary=beneficiary)
    check_allowed(session, item, actor, subject)
    request = draft or ServiceRequest(number=numbers.next_number(session), created_at=clock.now())
    request.order = Order(
        requester_id=actor.id, idempotency_key=key, body_hash=body_hash, created_at=clock.now()
    )
    fill(session, request, item, version, answers, actor=actor, subject=subject)
    request.origin = origin
    request.submitted_at = clock.now()
    session.add(request)
    session.flush()
    if item.creates:
        _create_coming(session, request, item, answers, subject)
    price(session, request, item)
    if item.gives_holding:
        holdings.plan(session, request, item)
    _copy_for_reports(session, request, item)
    move(session, request, "submit", actor=actor, item=item.id)
    if origin == "person":
        mails.queue(session, "received", to=actor, request=request)
    requests.advance_request(session, request)
    if not request.is_promise_fixed and request.promised_at is None:
        request.promised_at = promises.promised(
            session, item, start=clock.working_now(session), first_day=requests.first_day_of(request)
        )
    return request


def fill(
    session: Session,
    request: ServiceRequest,
    item: CatalogItem,
    version: CatalogVersion,
    answers: Mapping[str, Any],
    *,
    actor: Person,
    subject: Subject,
) -> None:
    """Write what is ordered into a case that is not sent yet."""
    request.item_key = item.id
    request.version_id = version.id
    request.version = version
    request.purpose = "deliver"
    request.state = request.state or "draft"
    request.requester_id, request.requester = actor.id, actor
    request.beneficiary_id = subject.person.id if subject.person is not None else None
    request.beneficiary = subject.person
    request.employment_id = subject.employment.id if subject.employment is not None else None
    request.employment = subject.employment
    request.unit_id = subject.unit.id if subject.unit is not None else None
    request.unit = subject.unit
    request.answers = dict(answers)
    request.facts = {"for_unit": True} if item.order_for == "unit" else {}
    request.process_inputs = {}
    request.cost_centre = cost_centre_of(subject.unit)
    request.currency = item.price.currency
    request.revision = request.revision or 1
    request.round = request.round or 1
    request.price_once = request.price_once or 0  # type: ignore[assignment]  # a whole number is an amount too
    request.price_monthly = request.price_monthly or 0  # type: ignore[assignment]


def _create_coming(
    session: Session, request: ServiceRequest, item: CatalogItem, answers: Mapping[str, Any], subject: Subject
) -> None:
    """Make the coming person and employment; a known person only gets the employment."""
    fields = fields_said(item, answers)
    assert subject.unit is not None
    title = {name: value for name, value in fields.get("employment", {}).items() if name == "title"}
    changes = []
    ref: Any = subject.person.id if subject.person is not None else "person:coming"
    if subject.person is None:
        named = {**title, **fields.get("person", {})}
        changes += people.new("person", "coming", unit_id=subject.unit.id, **named)
    changes += people.new(
        "employment",
        "coming",
        person_id=ref,
        source="order",
        request_id=request.id,
        **{"unit_id": subject.unit.id, "form": "external", **fields.get("employment", {})},
    )
    made = people.apply(session, changes, source="order", actor=request.requester)
    person = subject.person or made["person:coming"]
    employment = made["employment:coming"]
    if subject.person is not None and not _works_elsewhere(session, person, employment):
        request.facts = {**request.facts, "unit_before": person.unit_id}
        back = people.changes_of(person, unit_id=subject.unit.id, is_hidden=False, **title)
        people.apply(session, back, source="order", actor=request.requester)
    request.beneficiary_id, request.beneficiary = person.id, person
    request.employment_id, request.employment = employment.id, employment
    request.unit_id, request.unit = employment.unit_id, employment.unit
    request.cost_centre = cost_centre_of(employment.unit)


def _works_elsewhere(session: Session, person: Person, coming: Employment) -> bool:
    """Somebody who has another post still belongs to its unit."""
    today = clock.today(session)
    others = [each for each in people.employments_of(session, person) if each.id != coming.id]
    return any(each.last_day is None or each.last_day >= today for each in others)


def fields_said(item: CatalogItem, answers: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what answers say of a person and an employment, by noun and column."""
    columns = {
        "mobile": "phone",
        "unit": "unit_id",
        "manager": "manager_id",
        "replaces": "replaces_id",
        "sponsor": "sponsor_id",
    }
    found: dict[str, dict[str, Any]] = {}
    for question in item.questions:
        noun, _, field = (question.is_ or "").partition(".")
        value = answers.get(question.name)
        if field and value not in (None, ""):
            found.setdefault(noun, {})[columns.get(field, field)] = _column_value(question, value)
    return found


def _column_value(question: Question, value: Any) -> Any:
    if question.type == "date":
        return date.fromisoformat(value) if isinstance(value, str) else value
    return int(value) if question.type in ("person", "unit") else value


def price(session: Session, request: ServiceRequest, item: CatalogItem) -> None:
    """Compute the price from the item and the answers; what a client sends is never used."""
    names = names_for(session, request, item)
    total = price_of(item, names, names)
    request.price_once, request.price_monthly, request.currency = total.once, total.monthly, total.currency


def _copy_for_reports(session: Session, request: ServiceRequest, item: CatalogItem) -> None:
    for question in item.questions:
        value = request.answers.get(question.name)
        if question.report and value not in (None, "", []):
            session.add(
                AnswerValue(
                    request_id=request.id,
                    question=question.name,
                    value=str(value)[:200],
                    on=clock.today(session),
                )
            )


def revise(
    session: Session, request: ServiceRequest, item: CatalogItem, answers: Mapping[str, Any], *, actor: Person
) -> None:
    """Write other answers into a case that was sent back; people made by it are changed, not made again."""
    subject = subject_of(session, item, answers, actor=actor, beneficiary=request.beneficiary)
    check_allowed(session, item, actor, subject)
    request.answers = dict(answers)
    fields = fields_said(item, answers)
    if item.creates and request.employment is not None and request.employment.request_id == request.id:
        changes = people.changes_of(request.employment, **fields.get("employment", {}))
        if request.beneficiary is not None and not named(session, item, answers, "person"):
            unit = {"unit_id": subject.unit.id} if subject.unit is not None else {}
            changes += people.changes_of(request.beneficiary, **unit, **fields.get("person", {}))
        people.apply(session, changes, source="order", actor=actor)
    request.unit_id, request.unit = (subject.unit.id, subject.unit) if subject.unit else (None, None)
    request.cost_centre = cost_centre_of(subject.unit)
    price(session, request, item)
    if request.holding_id:
        holdings.replan(session, request, item)
    session.execute(delete(AnswerValue).where(AnswerValue.request_id == request.id))
    _copy_for_reports(session, request, item)
    request.promised_at, request.is_promise_fixed = None, False


def save_draft(
    session: Session,
    version: CatalogVersion,
    answers: Mapping[str, Any],
    *,
    actor: Person,
    beneficiary: Person | None = None,
    draft: ServiceRequest | None = None,
) -> ServiceRequest:
    """Keep an order that is not finished; answers are kept as they were typed."""
    item = items.load(version)
    if draft is None:
        draft = ServiceRequest(number=numbers.next_number(session), state="draft", created_at=clock.now())
    elif draft.state != "draft" or draft.requester_id != actor.id:
        raise NotFound
    key = (draft.facts or {}).get("form") or keys.token()  # so that whoever opens it sends this one
    subject = Subject(beneficiary, None, actor.unit)
    fill(session, draft, item, version, answers, actor=actor, subject=subject)
    draft.facts = {**draft.facts, "form": key}
    session.add(draft)
    session.flush()
    return draft


def discard_draft(session: Session, draft: ServiceRequest, *, actor: Person) -> None:
    """Throw a draft away."""
    if draft.state != "draft" or draft.requester_id != actor.id:
        raise NotFound
    move(session, draft, "cancel", actor=actor)
