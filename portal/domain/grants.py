"""Giving rights to people and teams, and taking them away."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import audit
from portal.errors import Invalid
from portal.i18n import N_
from portal.models.item import CatalogItem
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.team import Grant, Team
from portal.rights import GRANTED, SCOPES


class NoSuchRight(Invalid):
    """There is no right of that name."""

    message = N_("There is no right %(right)s. There are: %(rights)s.")


class NoSuchScope(Invalid):
    """The bound names something that is not there."""

    message = N_("There is no %(kind)s %(ref)s.")


class NotBounded(Invalid):
    """Some rights hold everywhere or not at all."""

    message = N_("A right is bounded to a unit, a category or a resource: %(scope)s is none of them.")


def give(
    session: Session,
    whom: Person | Team,
    right: str,
    *,
    actor: Person | None,
    scope: tuple[str, str] = ("all", ""),
) -> Grant | None:
    """Give a right; None when they have it already. `scope` is a kind and what it is bounded to."""
    _check(session, right, scope)
    if _find(session, whom, right, scope) is not None:
        return None
    grant = Grant(
        person_id=whom.id if isinstance(whom, Person) else None,
        team_id=whom.id if isinstance(whom, Team) else None,
        right=right,
        scope_kind=scope[0],
        scope_ref=scope[1],
    )
    session.add(grant)
    session.flush()
    audit.record(session, grant, "give", actor=actor, **_told(whom, right, scope))
    return grant


def revoke(
    session: Session,
    whom: Person | Team,
    right: str,
    *,
    actor: Person | None,
    scope: tuple[str, str] = ("all", ""),
) -> bool:
    """Take a right away; tell whether they had it."""
    grant = _find(session, whom, right, scope)
    if grant is None:
        return False
    audit.record(session, grant, "revoke", actor=actor, **_told(whom, right, scope))
    audit.write(session)
    session.delete(grant)
    session.flush()
    return True


def _check(session: Session, right: str, scope: tuple[str, str]) -> None:
    if right not in GRANTED:
        raise NoSuchRight(right=right, rights=", ".join(GRANTED))
    kind, ref = scope
    if kind not in SCOPES or (kind == "all") != (ref == ""):
        raise NotBounded(scope=kind)
    if kind == "unit" and session.scalars(select(OrgUnit).where(OrgUnit.key == ref)).first() is None:
        raise NoSuchScope(kind=kind, ref=ref)
    known = select(CatalogItem.key).where(CatalogItem.category == ref)
    if kind == "category" and session.scalars(known).first() is None:
        raise NoSuchScope(kind=kind, ref=ref)


def _find(session: Session, whom: Person | Team, right: str, scope: tuple[str, str]) -> Grant | None:
    owner = Grant.person_id == whom.id if isinstance(whom, Person) else Grant.team_id == whom.id
    return session.scalars(
        select(Grant).where(
            owner, Grant.right == right, Grant.scope_kind == scope[0], Grant.scope_ref == scope[1]
        )
    ).first()


def _told(whom: Person | Team, right: str, scope: tuple[str, str]) -> dict[str, str]:
    name = f"team/{whom.key}" if isinstance(whom, Team) else f"person {whom.id}"
    return {"to": name, "right": right, "scope": " ".join(scope).strip()}
