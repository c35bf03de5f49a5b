"""What can be chosen where the answers are found in the database: units, holdings, rows of lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.schema import CatalogItem, Question
from portal import clock
from portal.domain import org
from portal.domain.queries.people import Whom, helps_everyone
from portal.models.holding import Holding
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.team import SharedList

HELD = ("active", "suspended")


def whom_of(item: CatalogItem, question: Question) -> Whom:
    """Say among whom a person is chosen: whom one may order for, those who have been here, or everybody."""
    if question.is_ == "beneficiary":
        return "orderable"
    return "known" if question.is_ == "person" else "anyone"


def units_for(session: Session, item: CatalogItem, question: Question, actor: Person) -> list[OrgUnit]:
    """Return the units that can be chosen, by name; for a coming person those that one may order for."""
    today = clock.today(session)
    units = [
        unit
        for unit in session.scalars(select(OrgUnit))
        if (unit.valid_from is None or unit.valid_from <= today)
        and (unit.valid_until is None or today <= unit.valid_until)
    ]
    if item.creates and question.is_ == "employment.unit" and not helps_everyone(session, actor):
        mine = org.units_ordered_for(session, actor)
        units = [unit for unit in units if unit.id in mine]
    return sorted(units, key=lambda unit: [each.name for each in reversed(org.units_up(unit))])


def unit_label(unit: OrgUnit) -> str:
    """Name a unit so that two of one name are told apart."""
    parent = unit.parent
    return unit.name if parent is None or parent.parent_id is None else f"{unit.name}, {parent.name}"


def holdings_for(session: Session, question: Question, owner: Person | None) -> list[Holding]:
    """Return the holdings that can be chosen: the beneficiary's own, or everybody's if it says so."""
    query = select(Holding).where(Holding.item_key.in_(question.item), Holding.state.in_(HELD))
    if question.whose == "beneficiary":
        if owner is None or owner.id is None:
            return []
        query = query.where(Holding.person_id == owner.id)
    return list(session.scalars(query.order_by(Holding.id)))


def rows_of(session: Session, key: str | None) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a shared list."""
    shared = session.get(SharedList, key) if key else None
    return shared.rows if shared else ()


def values_of(session: Session, question: Question) -> frozenset[str]:
    """Return the answers that a choice takes."""
    if question.list:
        return frozenset(str(row.get("value")) for row in rows_of(session, question.list))
    return frozenset(choice.value for choice in question.choices)
