"""What people have: made planned at submit, active at delivery, ended, paused and extended by the clock.

What is due is asked of the state of a holding, never remembered as a queue of events; so downtime, moved
dates and late news need no special case.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from portal import clock
from portal.domain import audit, items, people
from portal.domain.transitions import may, move
from portal.domain.world import world_of
from portal.models.employment import Employment, Leave
from portal.models.holding import Account, Claim, Holding, ReservedName
from portal.models.person import Person
from portal.models.request import ServiceRequest


def plan(session: Session, request: ServiceRequest, item: CatalogItem) -> Holding:
    """Make the planned holding of a case."""
    spec = item.holding
    holding = Holding(
        item_key=item.id,
        version_id=request.version_id,
        request_id=request.id,
        person_id=request.beneficiary_id if item.order_for != "unit" else None,
        unit_id=request.unit_id,
        employment_id=request.employment_id,
        follows=_follows(item, request),
        values={},
        price_monthly=request.price_monthly,
        currency=request.currency,
        cost_centre=request.cost_centre,
        state="planned",
        created_at=clock.now(),
    )
    if spec and spec.until:
        holding.until_on = as_day(request.answers.get(spec.until))
    session.add(holding)
    session.flush()
    request.holding_id = holding.id
    refresh(session, holding)
    return holding


def replan(session: Session, request: ServiceRequest, item: CatalogItem) -> None:
    """Bring what is planned in line with other answers."""
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    if holding is None:
        return
    holding.unit_id, holding.cost_centre = request.unit_id, request.cost_centre
    holding.price_monthly, holding.currency = request.price_monthly, request.currency
    if item.holding and item.holding.until:
        holding.until_on = as_day(request.answers.get(item.holding.until))
    refresh(session, holding)


def _follows(item: CatalogItem, request: ServiceRequest) -> str:
    follows = item.holding.follows if item.holding else "employment"
    if follows == "employment" and request.employment_id is None:
        return "person" if request.beneficiary_id and item.order_for != "unit" else ""
    return "" if follows == "nothing" or (item.order_for == "unit" and follows == "employment") else follows


def as_day(value: Any) -> date | None:
    """Read a stored day."""
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def followed_last_day(session: Session, holding: Holding) -> date | None:
    """Return the last day of what a holding follows; None when that has no end."""
    if holding.follows == "employment" and holding.employment_id is not None:
        employment = session.get_one(Employment, holding.employment_id)
        return _cut(employment)
    if holding.follows == "person" and holding.person_id is not None:
        days = [
            _cut(each) for each in people.employments_of(session, session.get_one(Person, holding.person_id))
        ]
        if days and None not in days:
            return max(day for day in days if day is not None)
    return None


def _cut(employment: Employment) -> date | None:
    """A cancelled post ended the day before it began."""
    return employment.starts_on - timedelta(days=1) if employment.is_cancelled else employment.last_day


def refresh(session: Session, holding: Holding) -> None:
    """Compute the last day again: the earlier of its own and that of what it follows."""
    days = [day for day in (holding.until_on, followed_last_day(session, holding)) if day is not None]
    holding.ends_on = min(days) if days else None


def activate(session: Session, holding: Holding, *, actor: Person | None = None) -> None:
    """The order is delivered: they have it now."""
    if holding.state == "planned":
        move(session, holding, "activate", actor=actor)
        holding.started_on = clock.today(session)
        holding.applied_ends_on = holding.ends_on


def drop(session: Session, holding: Holding, *, actor: Person | None = None) -> None:
    """Nothing was made: the planned holding ends and names are free again."""
    if holding.state == "planned":
        move(session, holding, "drop", actor=actor)
        holding.ended_on = clock.today(session)
    for name in session.scalars(select(ReservedName).where(ReservedName.request_id == holding.request_id)):
        session.delete(name)


def made_something(session: Session, holding: Holding) -> bool:
    """Say whether any object has been made for a holding."""
    return (
        session.scalars(
            select(Claim.id)
            .join(Account)
            .where(Claim.holding_id == holding.id, Claim.ended_at.is_(None), Account.state == "live")
        ).first()
        is not None
    )


def objects_of(session: Session, holding: Holding) -> list[Mapping[str, Any]]:
    """Return the live objects of a holding as the process wants to know them, oldest first."""
    rows = session.execute(
        select(Claim, Account)
        .join(Account)
        .where(Claim.holding_id == holding.id, Claim.ended_at.is_(None))
        .order_by(Claim.id)
    )
    return [{"step": claim.step, "row": claim.row, "account": account.ref()} for claim, account in rows]


def pausing_leave(session: Session, holding: Holding, on: date) -> Leave | None:
    """Return the leave that pauses what follows an employment, by the policy of its form."""
    if holding.follows != "employment" or holding.employment_id is None:
        return None
    employment = session.get_one(Employment, holding.employment_id)
    leave = next((each for each in _leaves(session, employment) if each.covers(on)), None)
    if leave is None:
        return None
    rule = world_of(session).policy(employment.form).leave.get(leave.kind)
    if rule is None or rule.pause_after_days is None:
        return None
    lasts = (leave.ends_on - leave.starts_on).days + 1 if leave.ends_on else None
    return leave if lasts is None or lasts > rule.pause_after_days else None


def _leaves(session: Session, employment: Employment) -> list[Leave]:
    return list(
        session.scalars(
            select(Leave)
            .where(Leave.employment_id == employment.id, Leave.is_cancelled.is_(False))
            .order_by(Leave.id)
        )
    )


def due(session: Session, holding: Holding, on: date) -> str:
    """Say what the clock must do with a holding on a day: a purpose, or "" for nothing."""
    over = holding.ends_on is not None and holding.ends_on < on
    if holding.state in ("active", "suspended", "planned") and over:
        return "end"
    if holding.state == "ending":
        return "" if over else "resume"
    if holding.state not in ("active", "suspended"):
        return ""
    leave = pausing_leave(session, holding, on)
    if leave is not None and holding.state == "active" and holding.leave_id != leave.id:
        return "suspend"
    if leave is None and holding.state == "suspended":
        return "resume"
    if holding.applied_ends_on != holding.ends_on:
        return "extend"
    return ""


def candidates(session: Session, on: date, *, limit: int = 500) -> list[Holding]:
    """Return the holdings that may have something due, those that end first."""
    open_states = ("planned", "active", "suspended")
    on_leave = select(Leave.employment_id).where(
        Leave.is_cancelled.is_(False),
        Leave.starts_on <= on,
        or_(Leave.ends_on.is_(None), Leave.ends_on >= on),
    )
    return list(
        session.scalars(
            select(Holding)
            .where(
                or_(
                    Holding.state.in_(open_states) & (Holding.ends_on < on),
                    (Holding.state == "ending") & or_(Holding.ends_on.is_(None), Holding.ends_on >= on),
                    Holding.state == "suspended",
                    (Holding.state == "active") & Holding.applied_ends_on.is_distinct_from(Holding.ends_on),
                    (Holding.state == "active") & Holding.employment_id.in_(on_leave),
                )
            )
            .order_by(Holding.ends_on, Holding.id)
            .limit(limit)
        )
    )


def item_of(session: Session, holding: Holding) -> CatalogItem:
    """Return the item as it was when the holding was ordered."""
    return items.load(holding.version)


def settle_lifecycle(
    session: Session, holding: Holding, request: ServiceRequest, *, did_something: bool
) -> None:
    """A lifecycle case is delivered: the holding becomes what it was for."""
    today = clock.today(session)
    match request.purpose:
        case "end" | "undo":
            for claim in session.scalars(
                select(Claim).where(Claim.holding_id == holding.id, Claim.ended_at.is_(None))
            ):
                claim.ended_at = clock.now()
            if may(holding, "finish"):
                move(session, holding, "finish", actor=None)
            holding.ended_on = holding.ended_on or today
        case "suspend":
            leave = pausing_leave(session, holding, today)
            holding.leave_id = leave.id if leave else holding.leave_id
            if did_something and may(holding, "suspend"):
                move(session, holding, "suspend", actor=None)
        case "resume":
            holding.leave_id = None if pausing_leave(session, holding, today) is None else holding.leave_id
            if may(holding, "resume"):
                move(session, holding, "resume", actor=None)
            elif may(holding, "revive"):
                move(session, holding, "revive", actor=None)
                holding.ended_on = None
            holding.applied_ends_on = as_day(request.facts.get("ends_on"))
        case "extend" | "change":
            holding.applied_ends_on = as_day(request.facts.get("ends_on"))


def set_until(session: Session, holding: Holding, until: date | None, *, actor: Person | None) -> None:
    """Give a holding its own last day, or take it away."""
    audit.record(session, holding, "set_until", actor=actor, until=until.isoformat() if until else None)
    holding.until_on = until
    refresh(session, holding)


def adopt(
    session: Session,
    version_id: int,
    item: CatalogItem,
    person: Person,
    employment: Employment | None,
    **values: Any,
) -> Holding:
    """Take over something that was there before the portal: a holding without a case."""
    holding = Holding(
        item_key=item.id,
        version_id=version_id,
        person_id=person.id,
        unit_id=person.unit_id,
        employment_id=employment.id if employment else None,
        follows="employment" if employment else "person",
        values=values,
        price_monthly=item.price.monthly,
        currency=item.price.currency,
        state="planned",
        created_at=clock.now(),
    )
    session.add(holding)
    refresh(session, holding)
    move(session, holding, "activate", actor=None)
    holding.started_on = employment.starts_on if employment else clock.today(session)
    holding.applied_ends_on = holding.ends_on
    return holding
