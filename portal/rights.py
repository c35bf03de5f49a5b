"""Who may do what, and where: what the grants of a person and of their teams add up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.i18n import N_
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.team import Grant, TeamMember

GRANTED: Final = {
    "work": N_("Work with tasks"),
    "people.view": N_("See people"),
    "people.edit": N_("Change people"),
    "catalog.edit": N_("Write services"),
    "catalog.publish": N_("Publish services"),
    "resources.view": N_("See connected systems"),
    "resources.operate": N_("Operate connected systems"),
    "reports.view": N_("See reports"),
    "audit.view": N_("Read the audit log"),
    "settings.view": N_("See the settings"),
    "approvals.desk": N_("Decide at the approval desk"),
    "admin": N_("Administer everything"),
}
"""The rights that somebody has to be given. `admin` holds all the others."""

EVERYONES: Final = ("order", "approve", "signed_in")
"""What everybody who is signed in may do; which things, each query says."""

SCOPES: Final = ("all", "unit", "category", "resource")


@dataclass(frozen=True)
class Rights:
    """The rights of one person, with their scopes."""

    granted: frozenset[tuple[str, str, str]]
    teams: frozenset[int]
    is_active: bool

    def has(self, right: str) -> bool:
        """Tell whether they have a right anywhere at all."""
        if not self.is_active:
            return False
        if right in EVERYONES or (right == "work" and self.teams):
            return True
        return any(each == right or (each == "admin" and kind == "all") for each, kind, _ in self.granted)

    def everywhere(self, right: str) -> bool:
        """Tell whether they have a right without bounds."""
        return self.is_active and bool({(right, "all", ""), ("admin", "all", "")} & self.granted)

    def within(self, right: str, kind: str) -> frozenset[str]:
        """List what a right is bounded to: keys of units, categories or resources."""
        if not self.is_active:
            return frozenset()
        return frozenset(ref for each, scope, ref in self.granted if each == right and scope == kind)

    @property
    def is_administrative(self) -> bool:
        """Tell whether they hold rights whose approvals should ask for sign-in."""
        return bool({right for right, _, _ in self.granted} & {"admin", "settings.view", "people.edit"})


NOBODY: Final = Rights(frozenset(), frozenset(), False)


def rights_of(session: Session, person: Person | None) -> Rights:
    """Add up what a person may do, from their own grants and their teams'; once for each look at a page."""
    if person is None or person.is_disabled:
        return NOBODY
    if not session.info.get("reads"):
        return _added_up(session, person)
    kept: dict[int, Rights] = session.info.setdefault("rights", {})
    if person.id not in kept:
        kept[person.id] = _added_up(session, person)
    return kept[person.id]


def _added_up(session: Session, person: Person) -> Rights:
    teams = frozenset(session.scalars(sa.select(TeamMember.team_id).where(TeamMember.person_id == person.id)))
    grants = session.execute(
        sa.select(Grant.right, Grant.scope_kind, Grant.scope_ref).where(
            (Grant.person_id == person.id) | Grant.team_id.in_(teams)
        )
    )
    return Rights(frozenset((right, kind, ref) for right, kind, ref in grants), teams, True)


def allowed(
    session: Session,
    person: Person | None,
    right: str,
    *,
    unit: OrgUnit | None = None,
    category: str = "",
    resource: str = "",
) -> bool:
    """Tell whether a person has a right, for a unit, category or resource where one is named.

    Without one the question is whether they have the right anywhere. A grant for a unit holds for all below.
    """
    rights = rights_of(session, person)
    if not rights.has(right):
        return False
    if right in EVERYONES or rights.everywhere(right) or not (unit or category or resource):
        return True
    if category and category in rights.within(right, "category"):
        return True
    if resource and resource in rights.within(right, "resource"):
        return True
    bounded = rights.within(right, "unit")
    return bool(bounded) and any(each.key in bounded for each in line_of(unit))


def line_of(unit: OrgUnit | None) -> Iterable[OrgUnit]:
    """Go from a unit upwards to the root; a circle in the data ends the walk."""
    seen: set[int] = set()
    while unit is not None and unit.id not in seen:
        seen.add(unit.id)
        yield unit
        unit = unit.parent
