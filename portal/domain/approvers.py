"""Who is asked for a yes.

The manager is that of the beneficiary's employment in question. Whoever orders, gets it, has gone or is
long away is passed over upwards; the fallback is asked when the line ends. But when the one who orders is
the one who would be asked, and it is for somebody else, the order is the yes: unless the item is sensitive,
the step says `own_order: next_level`, or the cost limit says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from catalog.rules import evaluate
from catalog.schema import CatalogItem
from catalog.steps.approve import Approve
from portal import clock
from portal.domain import org, people
from portal.domain.world import world_of
from portal.models.employment import Employment
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.team import SharedList

LIMITS = "cost-limits"


@dataclass(frozen=True)
class Asked:
    """A person or team (`team/…`) who is asked, and why; `order_is_yes` when their own order answers."""

    person: Person | None
    team: str
    reason: str
    order_is_yes: bool = False


@dataclass(frozen=True)
class Situation:
    """What the choice of an approver depends on."""

    requester: Person | None
    beneficiary: Person | None
    employment: Employment | None
    unit: OrgUnit | None
    cost_centre: str
    names: Mapping[str, Any]


def asked_by(session: Session, item: CatalogItem, spec: Approve, about: Situation) -> list[Asked]:
    """Return everyone that a step asks; the fallback when nobody else can be."""
    found: list[Asked] = []
    for who in spec.by:
        one = _one(session, item, spec, who, about)
        if one is not None and not any(_same(one, each) for each in found):
            found.append(one)
    if found:
        return found
    fallback = spec.fallback or world_of(session).desk
    last = _one(session, item, spec, fallback, about)
    return [last or Asked(None, world_of(session).desk, "fallback")]


def _same(one: Asked, other: Asked) -> bool:
    return one.person == other.person and one.team == other.team


def _one(session: Session, item: CatalogItem, spec: Approve, who: str, about: Situation) -> Asked | None:
    if who.startswith("team/"):
        return Asked(None, who, "team") if _can_answer(org.members_of(session, who), about) else None
    if who == "information_owner":
        owner = item.information_owner
        can = owner and _can_answer(org.members_of(session, owner), about)
        return Asked(None, owner, "information_owner") if owner and can else None
    if who == "manager":
        line = list(org.line_upward(session, about.employment, about.unit))
        return _first(session, line, item, spec, about, "manager", own=spec.own_order)
    if who == "cost_centre_owner":
        return _cost_centre_owner(session, item, spec, about)
    ids = people_in(evaluate(who, about.names))
    line = [person for each in ids if (person := session.get(Person, each)) is not None]
    return _first(session, line + _above(session, line), item, spec, about, "rule", own=spec.own_order)


def _above(session: Session, line: list[Person]) -> list[Person]:
    return [p for person in line for p in org.line_upward(session, None, person.unit)]


def _cost_centre_owner(session: Session, item: CatalogItem, spec: Approve, about: Situation) -> Asked | None:
    row = limits_of(session, about.cost_centre)
    line = owners_of(session, row)
    own = str(row.get("own_order", spec.own_order))
    return _first(session, line + _above(session, line), item, spec, about, "cost_centre_owner", own=own)


def limits_of(session: Session, cost_centre: str) -> Mapping[str, Any]:
    """Return a cost centre's row in the shared list of limits; empty when it has none."""
    shared = session.get(SharedList, LIMITS)
    return next((r for r in (shared.rows if shared else []) if str(r.get("value")) == cost_centre), {})


def owners_of(session: Session, row: Mapping[str, Any]) -> list[Person]:
    """Return the owner of a cost centre and their stand-in."""
    ids = [row[name] for name in ("owner", "stand_in") if row.get(name)]
    return [person for each in ids if (person := session.get(Person, int(each))) is not None]


def _first(
    session: Session,
    line: list[Person],
    item: CatalogItem,
    spec: Approve,
    about: Situation,
    reason: str,
    *,
    own: str,
) -> Asked | None:
    today = clock.today(session)
    for person in line:
        if person == about.requester and person != about.beneficiary:
            if own == "is_yes" and not item.sensitive:
                return Asked(person, "", reason, order_is_yes=True)
            continue
        if not _can_answer([person], about):
            continue
        if people.is_away(session, person, today) and not _can_answer(
            org.stand_ins_of(session, person), about
        ):
            continue
        return Asked(person, "", reason)
    return None


def _can_answer(asked: list[Person], about: Situation) -> bool:
    """Say whether any of these is neither the one who orders nor the one who gets it."""
    own = (about.requester, about.beneficiary)
    return any(not any(same_human(person, each) for each in own) for person in asked)


def same_human(person: Person, other: Person | None) -> bool:
    """Say whether two are one human; two accounts with one address are."""
    if other is None or person.id == other.id:
        return other is not None
    return bool(person.mail) and person.mail.casefold() == other.mail.casefold()


def people_in(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping) and "id" in value:
        yield int(value["id"])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from people_in(each)


def next_in_line(session: Session, person: Person, about: Situation) -> Asked:
    """Return who is asked when somebody does not answer: the next above them, else the desk."""
    today = clock.today(session)
    line = list(org.line_upward(session, about.employment, about.unit))
    after = (
        line[line.index(person) + 1 :]
        if person in line
        else list(org.line_upward(session, None, person.unit))
    )
    for each in after:
        if each in (person, about.requester, about.beneficiary) or people.is_away(session, each, today):
            continue
        return Asked(each, "", "escalated")
    return Asked(None, world_of(session).desk, "escalated")
