"""What the first page tells somebody: what waits for them, what is on its way, what ends soon."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.domain import approvals, messages, org
from portal.domain.queries import catalog
from portal.models.employment import Employment
from portal.models.holding import Holding
from portal.models.item import CatalogItem
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.rights import rights_of
from portal.states import OPEN_REQUEST

SOON: Final = timedelta(days=30)
MOST: Final = 6


@dataclass(frozen=True)
class Nudge:
    """One thing to tell: what sort, how many, and the case, holding or day that stands for them."""

    kind: str
    count: int = 1
    request: ServiceRequest | None = None
    holding: Holding | None = None
    since: datetime | None = None
    on: date | None = None


def nudges_for(session: Session, person: Person) -> list[Nudge]:
    """Return what somebody should know, what waits for them first."""
    found = [
        *_approvals(session, person),
        *_questions(session, person),
        *_failed(session, person),
        *_leaving(session, person),
        *_drafts(session, person),
        *_on_its_way(session, person),
        *_paused(session, person),
        *_ending(session, person),
        *_items_begun(session, person),
    ]
    return found[:MOST]


def _approvals(session: Session, person: Person) -> list[Nudge]:
    waiting = approvals.waiting_for(session, person)
    if not waiting:
        return []
    oldest = min(waiting, key=lambda each: each.asked_at)
    return [Nudge("approvals", len(waiting), oldest.request, since=oldest.asked_at)]


def _questions(session: Session, person: Person) -> list[Nudge]:
    waiting = messages.questions_for(session, person)
    return [Nudge("questions", len(waiting), waiting[0])] if waiting else []


def _failed(session: Session, person: Person) -> list[Nudge]:
    """Steps that need somebody, for those who work with them."""
    rights = rights_of(session, person)
    if not rights.has("work"):
        return []
    query = (
        select(func.count(Task.id))
        .join(ServiceRequest, Task.request_id == ServiceRequest.id)
        .where(Task.state == "failed", ServiceRequest.state.in_(OPEN_REQUEST))
    )
    if not rights.everywhere("work"):
        query = query.where(or_(Task.person_id == person.id, Task.team.in_(org.teams_of(session, person))))
    count = session.scalar(query) or 0
    return [Nudge("failed", count)] if count else []


def _leaving(session: Session, person: Person) -> list[Nudge]:
    """Posts that end soon in the units somebody leads or orders for."""
    units = org.units_ordered_for(session, person)
    if not units:
        return []
    today = clock.today(session)
    rows = session.scalars(
        select(Employment).where(
            Employment.unit_id.in_(units),
            Employment.is_cancelled.is_(False),
            or_(
                Employment.ends_on.between(today, today + SOON),
                Employment.portal_ends_on.between(today, today + SOON),
            ),
        )
    )
    days = [each.last_day for each in rows if each.last_day and today <= each.last_day <= today + SOON]
    return [Nudge("leaving", len(days), on=min(days))] if days else []


def _drafts(session: Session, person: Person) -> list[Nudge]:
    drafts = catalog.drafts_of(session, person)
    return [Nudge("draft", len(drafts), drafts[0])] if drafts else []


def _on_its_way(session: Session, person: Person) -> list[Nudge]:
    """The open case of one's own, or ordered for others, that is promised first."""
    query = (
        select(ServiceRequest)
        .where(
            or_(ServiceRequest.requester_id == person.id, ServiceRequest.beneficiary_id == person.id),
            ServiceRequest.state.in_(OPEN_REQUEST),
            ServiceRequest.purpose == "deliver",
            ServiceRequest.sent_back_at.is_(None),
        )
        .options(joinedload(ServiceRequest.beneficiary))
        .order_by(ServiceRequest.promised_at.is_(None), ServiceRequest.promised_at, ServiceRequest.id)
        .limit(100)
    )
    rows = list(session.scalars(query))
    return [Nudge("on_its_way", len(rows), rows[0])] if rows else []


def _paused(session: Session, person: Person) -> list[Nudge]:
    query = select(Holding).where(Holding.person_id == person.id, Holding.state == "suspended")
    rows = list(session.scalars(query.order_by(Holding.id)))
    return [Nudge("paused", len(rows), holding=rows[0])] if rows else []


def _ending(session: Session, person: Person) -> list[Nudge]:
    today = clock.today(session)
    query = (
        select(Holding)
        .where(
            Holding.person_id == person.id,
            Holding.state == "active",
            Holding.ends_on.between(today, today + SOON),
        )
        .order_by(Holding.ends_on, Holding.id)
    )
    rows = list(session.scalars(query))
    return [Nudge("ending", len(rows), holding=rows[0], on=rows[0].ends_on)] if rows else []


def _items_begun(session: Session, person: Person) -> list[Nudge]:
    """Items that an author has begun to write."""
    if not rights_of(session, person).has("catalog.edit"):
        return []
    query = select(func.count(CatalogItem.key)).where(CatalogItem.draft.is_not(None))
    count = session.scalar(query.where(CatalogItem.draft_by_id == person.id)) or 0
    return [Nudge("items_begun", count)] if count else []
