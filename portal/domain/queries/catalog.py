"""What can be ordered by whom: lists, search, what is popular, what is often ordered in a unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from catalog.categories import Category
from catalog.schema import CatalogItem, Question
from catalog.steps import Approve
from catalog.texts import Texts
from portal import clock
from portal.domain import items, subjects
from portal.domain.choices import HELD, rows_of
from portal.domain.queries import search as searching
from portal.domain.world import world_of
from portal.errors import NotFound
from portal.models import item as tables
from portal.models.holding import Holding
from portal.models.item import CatalogVersion
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.work import SearchMiss

LATEST = 2000
"""How many of the latest orders say what is popular."""


@dataclass(frozen=True)
class Offer:
    """A published item that somebody may order, read or follow."""

    version: CatalogVersion
    item: CatalogItem

    @property
    def key(self) -> str:
        """The id of the item."""
        return self.item.id

    @property
    def approval(self) -> str:
        """Say who approves, as far as that is known before the answers: none, manager, others, sometimes."""
        asked = [step for step in self.item.steps if isinstance(step.spec, Approve)]
        if not asked:
            return "none"
        always = [step.spec for step in asked if not step.when]
        if not always:
            return "sometimes"
        return "manager" if "manager" in always[0].by else "others"  # type: ignore[attr-defined]  # an approval

    def price_from(self, session: Session) -> tuple[Decimal, Decimal, bool]:
        """Return the least price, once and monthly, and whether answers can make it more."""
        once, monthly, more = self.item.price.once, self.item.price.monthly, False
        for question in self.item.questions:
            amounts = _amounts(session, question)
            if not amounts:
                continue
            more = more or len(set(amounts)) > 1 or not question.required
            if question.type == "choice" and question.required and not question.when:
                least = min(amounts, key=lambda each: (each[0] + each[1], each))
                once, monthly = once + least[0], monthly + least[1]
        return once, monthly, more


def _amounts(session: Session, question: Question) -> list[tuple[Decimal, Decimal]]:
    if question.type not in ("choice", "choices"):
        return []
    zero = Decimal(0)
    amounts = [
        (each.price.once, each.price.monthly) if each.price else (zero, zero) for each in question.choices
    ]
    for row in rows_of(session, question.list):
        price = row.get("price") or {}
        amounts.append((Decimal(str(price.get("once", 0))), Decimal(str(price.get("monthly", 0)))))
    return amounts if any(once or monthly for once, monthly in amounts) else []


def items_for(session: Session, person: Person, *, category: str | None = None) -> list[Offer]:
    """Return what somebody is offered, in the order of the categories and then by title."""
    query = (
        select(tables.CatalogItem)
        .where(tables.CatalogItem.state == "published", tables.CatalogItem.version_id.is_not(None))
        .options(joinedload(tables.CatalogItem.version))
    )
    if category is not None:
        query = query.where(tables.CatalogItem.category == category)
    names = subjects.viewer_names(session, person)
    offers = [
        Offer(row.version, items.load(row.version))
        for row in session.scalars(query)
        if row.version is not None
    ]
    places = {each.id: place for place, each in enumerate(world_of(session).categories)}
    offers.sort(key=lambda each: (places.get(each.item.category, len(places)), each.item.title.get("sv")))
    return [offer for offer in offers if subjects.may_see(session, offer.item, person, names)]


def find_item(session: Session, key: str, *, viewer: Person) -> Offer:
    """Find a published item by its id; NotFound unless it is offered to the viewer."""
    version = items.current(session, key)
    item = items.load(version)
    if not subjects.may_see(session, item, viewer):
        raise NotFound
    return Offer(version, item)


def find_draft(session: Session, number: str, *, viewer: Person) -> ServiceRequest:
    """Find an order that was begun; NotFound unless it is the viewer's own."""
    draft = session.scalars(select(ServiceRequest).where(ServiceRequest.number == number[:20])).first()
    if draft is None or draft.state != "draft" or draft.requester_id != viewer.id:
        raise NotFound
    return draft


def drafts_of(session: Session, person: Person, item_key: str | None = None) -> list[ServiceRequest]:
    """Return the orders that somebody has begun, the latest first."""
    query = select(ServiceRequest).where(
        ServiceRequest.requester_id == person.id, ServiceRequest.state == "draft"
    )
    if item_key is not None:
        query = query.where(ServiceRequest.item_key == item_key)
    return list(session.scalars(query.order_by(ServiceRequest.id.desc()).limit(50)))


def categories_of(session: Session, offers: Sequence[Offer]) -> list[tuple[Category, int]]:
    """Return the categories with how many of these items each has; empty ones are left out."""
    counts: dict[str, int] = {}
    for offer in offers:
        counts[offer.item.category] = counts.get(offer.item.category, 0) + 1
    known = [each for each in world_of(session).categories if each.id in counts]
    others = [category_of(session, key) for key in sorted(counts.keys() - {each.id for each in known})]
    return [(each, counts[each.id]) for each in (*known, *others)]


def find_category(session: Session, key: str) -> Category:
    """Find a category by its id."""
    found = next((each for each in world_of(session).categories if each.id == key), None)
    if found is None:
        raise NotFound
    return found


def category_of(session: Session, key: str) -> Category:
    """Return the category an item says it lies in, known or not."""
    known = (each for each in world_of(session).categories if each.id == key)
    return next(known, None) or Category(id=key, title=Texts(root={"": key.replace("-", " ").capitalize()}))


@dataclass(frozen=True)
class Fingerprint:
    """An item known by the digest of its text, so that what is read from it can be kept."""

    digest: str
    item: CatalogItem = field(compare=False)


@dataclass(frozen=True)
class Result:
    """What a search found: the hits, or else what comes nearest."""

    hits: list[Offer]
    nearest: list[Offer]


def search(offers: Sequence[Offer], text: str) -> Result:
    """Find items by what was typed, the best first."""
    by_key = {offer.key: offer for offer in offers}
    entries = [_entry(Fingerprint(offer.version.digest, offer.item)) for offer in offers]
    scored = searching.ranked(text, entries)
    hits = [by_key[key] for key, score in scored if score >= searching.FITS]
    if hits:
        best = scored[0][1]
        hits = [by_key[key] for key, score in scored if score >= max(searching.FITS, best / 5)]
    return Result(hits, [] if hits else [by_key[key] for key, _ in scored[:3]])


@lru_cache(maxsize=512)
def _entry(version: Fingerprint) -> searching.Entry:
    return searching.entry_of(version.item)


def miss(text: str, language: str) -> SearchMiss:
    """Return the note that somebody searched for this in vain."""
    return SearchMiss(query=" ".join(text.split())[:200], language=language[:5], at=clock.now())


def popular(session: Session, offers: Sequence[Offer], *, most: int = 4) -> list[Offer]:
    """Return what is ordered most of what is offered, filled up with the first of the catalog."""
    latest = (
        select(ServiceRequest.item_key)
        .where(ServiceRequest.purpose == "deliver", ServiceRequest.submitted_at.is_not(None))
        .order_by(ServiceRequest.id.desc())
        .limit(LATEST)
        .subquery()
    )
    found = _most_ordered(session, latest, offers, most)
    others = [each for each in offers if each.item.kind == "order" and each not in found]
    return [*found, *others][:most]


def often_in_unit(session: Session, person: Person, offers: Sequence[Offer], *, most: int = 4) -> list[Offer]:
    """Return what is ordered most in somebody's unit."""
    if person.unit_id is None:
        return []
    latest = (
        select(ServiceRequest.item_key)
        .where(
            ServiceRequest.unit_id == person.unit_id,
            ServiceRequest.purpose == "deliver",
            ServiceRequest.submitted_at.is_not(None),
        )
        .order_by(ServiceRequest.id.desc())
        .limit(300)
        .subquery()
    )
    return _most_ordered(session, latest, offers, most)


def _most_ordered(session: Session, latest: Any, offers: Sequence[Offer], most: int) -> list[Offer]:
    rows = session.execute(select(latest.c.item_key, func.count()).group_by(latest.c.item_key)).all()
    counts: Mapping[str, int] = {row[0]: row[1] for row in rows}
    ordered = [each for each in offers if each.key in counts and each.item.kind in ("order", "report")]
    return sorted(ordered, key=lambda each: (-counts[each.key], each.key))[:most]


def latest_of(
    session: Session, person: Person, offers: Sequence[Offer], *, most: int = 4
) -> list[tuple[Offer, ServiceRequest]]:
    """Return what somebody has ordered lately, each item once, so that it can be ordered again."""
    by_key = {offer.key: offer for offer in offers}
    rows = session.scalars(
        select(ServiceRequest)
        .where(
            ServiceRequest.requester_id == person.id,
            ServiceRequest.purpose == "deliver",
            ServiceRequest.submitted_at.is_not(None),
        )
        .order_by(ServiceRequest.id.desc())
        .limit(60)
    )
    found: dict[str, ServiceRequest] = {}
    for row in rows:
        if row.item_key in by_key and len(found) < most:
            found.setdefault(row.item_key, row)
    return [(by_key[key], row) for key, row in found.items()]


def held_keys(session: Session, person: Person) -> frozenset[str]:
    """Return the items of which somebody has something already."""
    query = select(Holding.item_key).where(Holding.person_id == person.id, Holding.state.in_(HELD))
    return frozenset(session.scalars(query.distinct()))
