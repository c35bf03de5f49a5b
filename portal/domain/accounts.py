"""Our records of objects in other systems, and the claims that holdings have on them.

An account should be the sum of its live claims: the values of the claim made last, the latest of `until`
fields (none is later than any day), enabled if any live claim says so. A claim ends by `absent`, or when
its holding's end request is delivered; the object goes only when no live claim is left.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.known import KindInfo
from portal import clock
from portal.domain import audit
from portal.domain.world import world_of
from portal.errors import PortalError
from portal.i18n import N_
from portal.models.holding import Account, Claim, Holding


class BelongsToAnother(PortalError):
    """The object is somebody else's in our own records."""

    message = N_("%(key)s belongs to somebody else in the portal.")
    status = 409


def key_of(kind: KindInfo, wanted: Mapping[str, Any]) -> str:
    """Return the natural key of a wanted object as one text."""
    return " / ".join(_text(wanted.get(name)) for name in kind.key)


def _text(value: Any) -> str:
    return str(value.get("key") or "") if isinstance(value, Mapping) else str(value or "")


def find(session: Session, resource: str, kind: str, key: str) -> Account | None:
    """Find the account of that key that is not gone."""
    return session.scalars(
        select(Account).where(
            Account.resource == resource, Account.kind == kind, Account.key == key, Account.state != "gone"
        )
    ).first()


def of_person(session: Session, person_id: int, resource: str, kind: str) -> Account | None:
    """Find somebody's one object of a kind that another item made."""
    rows = session.scalars(
        select(Account)
        .where(
            Account.person_id == person_id,
            Account.resource == resource,
            Account.kind == kind,
            Account.state == "live",
        )
        .order_by(Account.id)
    ).all()
    return rows[0] if len(rows) == 1 else None


def find_or_make(session: Session, holding: Holding, resource: str, kind: str, key: str) -> Account:
    """Return the owner's account of that key, made planned if there is none.

    Raises BelongsToAnother when the key is another owner's.
    """
    account = find(session, resource, kind, key)
    if account is None:
        account = Account(
            person_id=holding.person_id,
            unit_id=holding.unit_id if holding.person_id is None else None,
            resource=resource,
            kind=kind,
            key=key,
            state="planned",
            created_at=clock.now(),
        )
        session.add(account)
        session.flush()
    elif (account.person_id, account.unit_id) != (
        holding.person_id,
        holding.unit_id if holding.person_id is None else None,
    ):
        raise BelongsToAnother(key=key)
    return account


def claim(
    session: Session,
    holding: Holding,
    account: Account,
    *,
    step: str,
    row: str,
    wanted: Mapping[str, Any],
    renew: bool,
) -> dict[str, Any]:
    """Note that a holding wants an account with these values, and return what the account should be now.

    Mentioned values are laid over earlier ones. `renew` makes the claim the newest, whose values win; an
    extension renews nothing.
    """
    live_or_own = or_(Claim.ended_at.is_(None), Claim.holding_id == holding.id)
    claims = list(session.scalars(select(Claim).where(Claim.account_id == account.id, live_or_own)))
    found = next((each for each in claims if each.holding_id == holding.id), None)
    if found is None:
        found = Claim(
            holding_id=holding.id, account_id=account.id, step=step, row=row, wanted={}, made_at=clock.now()
        )
        session.add(found)
        claims.append(found)
    elif renew:
        found.made_at = clock.now()
    found.ended_at = None
    found.wanted = {**found.wanted, **plain(wanted)}
    claims.sort(key=lambda each: (each.made_at, each.id is None, each.id))  # one not written yet is the last
    kind = world_of(session).kind(account.resource, account.kind)
    return sum_of(kind, [each.wanted for each in claims])


def end_claim(session: Session, holding: Holding, account: Account) -> list[Claim]:
    """End a holding's claim on an account; return the live claims that are left."""
    for own in session.scalars(
        select(Claim).where(
            Claim.holding_id == holding.id, Claim.account_id == account.id, Claim.ended_at.is_(None)
        )
    ):
        own.ended_at = clock.now()
        audit.record(session, account, "unclaim", actor=None, request=None, holding=holding.id)
    session.flush()
    return live_claims(session, account)


def live_claims(session: Session, account: Account) -> list[Claim]:
    """Return the claims on an account that have not ended, the one made last at the end."""
    return list(
        session.scalars(
            select(Claim)
            .where(Claim.account_id == account.id, Claim.ended_at.is_(None))
            .order_by(Claim.made_at, Claim.id)
        )
    )


def sum_of(kind: KindInfo, claims: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up wanted values, the newest last, as architecture says of claims."""
    total: dict[str, Any] = {}
    for wanted in claims:
        for name, value in wanted.items():
            if name in kind.until and name in total:
                total[name] = _later(total[name], value)
            elif name == "enabled" and name in total:
                total[name] = bool(total[name]) or bool(value)
            else:
                total[name] = value
    return total


def wanted_state(session: Session, account: Account) -> dict[str, Any]:
    """Return what an account should be: the sum of its live claims."""
    kind = world_of(session).kind(account.resource, account.kind)
    return sum_of(kind, [each.wanted for each in live_claims(session, account)])


def _later(one: Any, other: Any) -> Any:
    if one in (None, "") or other in (None, ""):
        return None
    return max(str(one), str(other))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as plain data that can be stored."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return str(value)
    return value


def _plain_mapping(value: Mapping[str, Any]) -> Any:
    """Keep of another object its reference, of an answer its value, of a person or unit its name."""
    if "stable_id" in value:
        return {name: value.get(name) or "" for name in ("resource", "kind", "key", "stable_id", "id")}
    return _plain(value["value"]) if "value" in value else value.get("name")
