"""Whom or what an order is for, and whether somebody may order it for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.rules import Undecidable, holds
from catalog.schema import CatalogItem
from portal import clock
from portal.domain import org, people
from portal.domain.nouns import person_data
from portal.errors import NotAllowed, NotFound, PortalError
from portal.i18n import N_
from portal.models.employment import Employment
from portal.models.holding import Account
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.rights import allowed


class LacksAccount(PortalError):
    """The item builds on an account that the person does not have."""

    message = N_("%(name)s has no account yet. Order an account first.")
    status = 422


@dataclass(frozen=True)
class Subject:
    """Whom or what an order is for; `is_new` when the person only comes to be by it."""

    person: Person | None
    employment: Employment | None
    unit: OrgUnit | None
    is_new: bool = False


def subject_of(
    session: Session,
    item: CatalogItem,
    answers: Mapping[str, Any],
    *,
    actor: Person,
    beneficiary: Person | None,
) -> Subject:
    """Say whom or what an order is for, from the item and the answers."""
    who = named(session, item, answers, "beneficiary") or named(session, item, answers, "person")
    if item.creates:
        unit = _unit_in(session, item, answers) or actor.unit
        return Subject(who, None, unit, is_new=True)
    if item.order_for == "unit":
        return Subject(None, None, _unit_in(session, item, answers) or actor.unit)
    person = who or (actor if item.order_for == "self" else beneficiary or actor)
    return Subject(person, people.main_employment(session, person), person.unit)


def named(session: Session, item: CatalogItem, answers: Mapping[str, Any], target: str) -> Person | None:
    """Find the person whom an answer with this `is:` names."""
    for question in item.questions:
        if question.is_ == target and answers.get(question.name):
            return session.get(Person, int(answers[question.name]))
    return None


def _unit_in(session: Session, item: CatalogItem, answers: Mapping[str, Any]) -> OrgUnit | None:
    for question in item.questions:
        if question.is_ in ("employment.unit", "unit") and answers.get(question.name):
            return session.get(OrgUnit, int(answers[question.name]))
    return None


def viewer_names(session: Session, actor: Person) -> dict[str, Any]:
    """Return what the rule of who may order can ask for."""
    return {"me": person_data(session, actor), "today": clock.today(session)}


def may_see(
    session: Session, item: CatalogItem, actor: Person, names: Mapping[str, Any] | None = None
) -> bool:
    """Say whether an item is offered to somebody at all."""
    if not item.available_to:
        return True
    names = names or viewer_names(session, actor)
    try:
        return holds(item.available_to, names)
    except Undecidable:
        return False


def check_allowed(session: Session, item: CatalogItem, actor: Person, subject: Subject) -> None:
    """Raise unless this person may order this for that subject."""
    if item.kind not in ("order", "report"):
        raise NotFound
    if not may_see(session, item, actor):
        raise NotAllowed(N_("This service is not open for you."))

    def helps() -> bool:
        return allowed(session, actor, "admin") or allowed(session, actor, "work", unit=subject.unit)

    if subject.is_new or subject.person is None:
        units = org.units_ordered_for(session, actor)
        wide = item.order_for in ("unit", "both") and not subject.is_new
        if not wide and subject.unit is not None and subject.unit.id not in units and not helps():
            raise NotAllowed(N_("You may not order for that unit."))
    elif subject.person.id != actor.id:
        if item.order_for == "self":
            raise NotAllowed(N_("This service is ordered by each for themselves."))
        if not org.may_order_for(session, actor, subject.person) and not helps():
            raise NotAllowed(N_("You may not order for %(name)s."), name=subject.person.name)
    elif item.order_for == "others":
        raise NotAllowed(N_("This service is ordered for somebody else."))
    if needs_account(item) and subject.person is not None and not _has_account(session, item, subject.person):
        raise LacksAccount(name=subject.person.name)


def needs_account(item: CatalogItem) -> bool:
    """Say whether an item builds on an account made by another item."""
    return any(getattr(step.spec, "of", "") == "beneficiary" for step in item.steps) or _uses_account(item)


def _uses_account(item: CatalogItem) -> bool:
    text = " ".join(str(getattr(step.spec, "with_", "")) for step in item.steps)
    return "{beneficiary.accounts." in text


def _has_account(session: Session, item: CatalogItem, person: Person) -> bool:
    found = select(Account.id).where(
        Account.person_id == person.id, Account.kind == "account", Account.state == "live"
    )
    return session.scalars(found).first() is not None


def cost_centre_of(unit: OrgUnit | None) -> str:
    """Return the cost centre of a unit, or of the nearest above that has one."""
    return next((each.cost_centre for each in org.units_up(unit) if each.cost_centre), "")
