"""An order as it would be: the same case, coming person and post, never put in the session."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from catalog.steps.reserve import Reserve
from portal import clock
from portal.domain import ordering
from portal.domain.names import names_for
from portal.domain.steps import reserve
from portal.domain.subjects import Subject
from portal.models.employment import Employment
from portal.models.holding import ReservedName
from portal.models.item import CatalogVersion
from portal.models.person import Person
from portal.models.request import ServiceRequest

PERSON = dict.fromkeys(
    ("given_name", "surname", "mail", "phone", "title", "company", "language"),
    "",
)
POST: Mapping[str, Any] = {
    "form": "",
    "title": "",
    "workplace": "",
    "has_portal_end": False,
    "is_cancelled": False,
    "starts_on": None,
    "ends_on": None,
}


def imagine(
    session: Session,
    item: CatalogItem,
    version: CatalogVersion | None,
    answers: Mapping[str, Any],
    *,
    actor: Person,
    subject: Subject,
) -> ServiceRequest:
    """Return the case that an order would make."""
    with session.no_autoflush:
        request = ServiceRequest(number="", state="draft", created_at=clock.now(), origin="person")
        unread = CatalogVersion(item_key=item.id, number=0, text="", digest="")
        ordering.fill(session, request, item, version or unread, answers, actor=actor, subject=subject)
        if item.creates:
            _imagine_coming(session, request, item, answers, subject)
        ordering.price(session, request, item)
    return request


def _imagine_coming(
    session: Session, request: ServiceRequest, item: CatalogItem, answers: Mapping[str, Any], subject: Subject
) -> None:
    fields = ordering.fields_said(item, answers)
    person = subject.person or Person(
        **{**PERSON, **fields.get("person", {}), "unit": subject.unit, "is_protected": False}
    )
    said = fields.get("employment", {})
    linked = {
        name: session.get(Person, said[f"{name}_id"]) if said.get(f"{name}_id") else None
        for name in ("manager", "replaces", "sponsor")
    }
    plain = {name: value for name, value in said.items() if not name.endswith("_id")}
    post = {**POST, **plain, **linked}
    request.beneficiary = person
    request.employment = Employment(**post, person=person, unit=subject.unit)


def names_of(session: Session, request: ServiceRequest, item: CatalogItem) -> Mapping[str, Any]:
    """Return all that the rules of an imagined case may ask for; names that would be reserved are not yet."""
    own: dict[str, Any] = {"steps": {}}
    for step in item.all_steps():
        if isinstance(step.spec, Reserve):
            held = owned_name(session, request, step.spec.space)
            own[step.spec.as_] = held.name if held else None
    return ChainMap(own, names_for(session, request, item))  # type: ignore[arg-type]  # only ever read


def owned_name(session: Session, request: ServiceRequest, space: str) -> ReservedName | None:
    """Return the name that the beneficiary has already."""
    if request.beneficiary_id is None or request.facts.get("for_unit"):
        return None
    return reserve.owned(session, request, space)
