"""Who leads whom, who may order for whom, and what somebody is in the organisation."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, not_, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import people
from portal.models.employment import Employment
from portal.models.org import Coordinator, OrgUnit
from portal.models.person import Delegation, Person
from portal.models.request import ServiceRequest
from portal.models.team import Grant, Team, TeamMember


def line_upward(session: Session, employment: Employment | None, unit: OrgUnit | None) -> Iterator[Person]:
    """Walk from somebody's own manager to the top, each once."""
    seen: set[int] = set()
    if employment is not None and employment.manager is not None:
        seen.add(employment.manager.id)
        yield employment.manager
    while unit is not None:
        if unit.manager is not None and unit.manager.id not in seen:
            seen.add(unit.manager.id)
            yield unit.manager
        unit = unit.parent


def manager_of(session: Session, employment: Employment | None, unit: OrgUnit | None) -> Person | None:
    """Return the nearest manager, present or not."""
    return next(line_upward(session, employment, unit), None)


def units_up(unit: OrgUnit | None) -> list[OrgUnit]:
    """Return a unit and everything above it."""
    found = []
    while unit is not None:
        found.append(unit)
        unit = unit.parent
    return found


def units_below(session: Session, roots: list[int]) -> set[int]:
    """Return the ids of units and everything below them."""
    found = set(roots)
    layer = list(roots)
    while layer:
        layer = [
            each
            for each in session.scalars(select(OrgUnit.id).where(OrgUnit.parent_id.in_(layer)))
            if each not in found
        ]
        found.update(layer)
    return found


def led_units(session: Session, person: Person) -> set[int]:
    """Return the units that somebody manages, with everything below."""
    own = list(session.scalars(select(OrgUnit.id).where(OrgUnit.manager_id == person.id)))
    return units_below(session, own) if own else set()


def coordinated_units(session: Session, person: Person) -> set[int]:
    """Return the units that somebody may order for as a coordinator, with everything below."""
    own = list(session.scalars(select(Coordinator.unit_id).where(Coordinator.person_id == person.id)))
    return units_below(session, own) if own else set()


def units_ordered_for(session: Session, person: Person) -> set[int]:
    """Return the units whose people somebody may order for."""
    return led_units(session, person) | coordinated_units(session, person)


def coordinators_of(session: Session, unit: OrgUnit | None) -> list[Person]:
    """Return the coordinators of the nearest unit that has any."""
    for each in units_up(unit):
        found = list(
            session.scalars(
                select(Person)
                .join(Coordinator, Coordinator.person_id == Person.id)
                .where(Coordinator.unit_id == each.id)
            )
        )
        if found:
            return found
    return []


def may_order_for(session: Session, person: Person, other: Person) -> bool:
    """Say whether somebody may order for another person: as manager (also by post) or coordinator."""
    units = units_ordered_for(session, person)
    if other.unit_id in units:
        return True
    led = session.scalar(
        select(func.count(Employment.id)).where(
            Employment.person_id == other.id,
            Employment.is_cancelled.is_(False),
            agreed(),
            or_(Employment.manager_id == person.id, Employment.unit_id.in_(units or {-1})),
        )
    )
    return bool(led)


def agreed() -> ColumnElement[bool]:
    """A post that an order made gives nobody any say about the person before it is approved."""
    asked = select(ServiceRequest.id).where(
        ServiceRequest.id == Employment.request_id, ServiceRequest.state == "in_approval"
    )
    return not_(asked.exists())


def teams_of(session: Session, person: Person) -> list[str]:
    """Return the keys of somebody's teams, without the `team/`."""
    return list(
        session.scalars(
            select(Team.key).join(TeamMember).where(TeamMember.person_id == person.id).order_by(Team.key)
        )
    )


def team_named(session: Session, ref: str) -> Team | None:
    """Find a team by `team/<key>` or its key."""
    return session.scalars(select(Team).where(Team.key == ref.removeprefix("team/"))).first()


def members_of(session: Session, ref: str) -> list[Person]:
    """Return the people of a team who can be asked."""
    return list(
        session.scalars(
            select(Person)
            .join(TeamMember, TeamMember.person_id == Person.id)
            .join(Team)
            .where(Team.key == ref.removeprefix("team/"), Person.is_disabled.is_(False))
            .order_by(Person.id)
        )
    )


def grants_of(session: Session, person: Person) -> list[Grant]:
    """Return what somebody may do, themselves and through teams."""
    through = select(TeamMember.team_id).where(TeamMember.person_id == person.id)
    return list(
        session.scalars(select(Grant).where(or_(Grant.person_id == person.id, Grant.team_id.in_(through))))
    )


ROLE_OF_RIGHT = {
    "work": "agent",
    "catalog.edit": "author",
    "audit.view": "auditor",
    "admin": "administrator",
}


def roles_of(session: Session, person: Person) -> list[str]:
    """Return the roles that rules may ask for."""
    today = clock.today(session)
    roles = set()
    if any(e.is_current(today) for e in people.employments_of(session, person)):
        roles.add("employee")
    if led_units(session, person):
        roles.add("manager")
    if coordinated_units(session, person):
        roles.add("coordinator")
    roles |= {ROLE_OF_RIGHT[g.right] for g in grants_of(session, person) if g.right in ROLE_OF_RIGHT}
    return sorted(roles)


def stand_ins_for(session: Session, person: Person) -> list[Person]:
    """Return the people whom somebody stands in for today."""
    today = clock.today(session)
    return list(
        session.scalars(
            select(Person)
            .join(Delegation, Delegation.person_id == Person.id)
            .where(
                Delegation.delegate_id == person.id, Delegation.from_on <= today, Delegation.to_on >= today
            )
        )
    )


def stand_ins_of(session: Session, person: Person) -> list[Person]:
    """Return the people who stand in for somebody today."""
    today = clock.today(session)
    return list(
        session.scalars(
            select(Person)
            .join(Delegation, Delegation.delegate_id == Person.id)
            .where(Delegation.person_id == person.id, Delegation.from_on <= today, Delegation.to_on >= today)
        )
    )


def organisation_of(session: Session, unit: OrgUnit | None) -> OrgUnit | None:
    """Return the root above a unit; the only root when no unit is given."""
    if unit is None:
        return session.scalars(
            select(OrgUnit).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id)
        ).first()
    return units_up(unit)[-1]
