"""Taking over what was there before the portal: names, objects and the holdings behind them, without a case.

What is adopted is ours from then on: it has an account row with its marker, a claim, and a holding that ends
with the employment like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from portal import clock
from portal.domain import holdings
from portal.domain.transitions import move
from portal.models.employment import Employment
from portal.models.holding import Account, Claim, Holding, ReservedName
from portal.models.item import CatalogVersion
from portal.models.person import Person


@dataclass(frozen=True)
class Known:
    """An object as it was found in another system, and the step of the item that would have made it."""

    step: str
    resource: str
    kind: str
    key: str
    stable_id: str
    values: Mapping[str, Any]
    wanted: Mapping[str, Any] = field(default_factory=dict)


def adopt(
    session: Session,
    version: CatalogVersion,
    item: CatalogItem,
    person: Person,
    employment: Employment,
    *,
    objects: Sequence[Known] = (),
    names: Mapping[str, str] | None = None,
    since: date | None = None,
    **values: Any,
) -> tuple[Holding, list[Account]]:
    """Take over what somebody has of an item, with its objects and reserved names (by name space)."""
    holding = holdings.adopt(session, version.id, item, person, employment, **values)
    holding.started_on = since or holding.started_on
    made = []
    for found in objects:
        account = Account(
            uuid=uuid4(),
            person_id=person.id,
            resource=found.resource,
            kind=found.kind,
            key=found.key,
            stable_id=found.stable_id,
            values=dict(found.values),
            made_by_us=True,
            state="planned",
            created_at=clock.now(),
        )
        wanted = dict(found.wanted or found.values)
        session.add(
            Claim(holding=holding, account=account, step=found.step, wanted=wanted, made_at=clock.now())
        )
        move(session, account, "make", actor=None, key=found.key, adopted=True)
        made.append(account)
    for space, name in (names or {}).items():
        session.add(ReservedName(space=space, name=name, person_id=person.id, created_at=clock.now()))
    return holding, made
