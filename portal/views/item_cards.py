"""How items and categories look in lists: their words, price, time, and who approves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.domain.queries import catalog
from portal.domain.queries.catalog import Offer
from portal.i18n import N_
from portal.models.person import Person
from portal.views.order_fields import cost, span_text, words

APPROVALS: Mapping[str, str] = {
    "none": N_("No approval"),
    "manager": N_("The manager approves"),
    "others": N_("Approval is needed"),
    "sometimes": N_("Approval is sometimes needed"),
}


@dataclass(frozen=True)
class Door:
    """A category as a card."""

    key: str
    card: Mapping[str, Any]


def cards(session: Session, person: Person, offers: Sequence[Offer]) -> list[Mapping[str, Any]]:
    """Return the arguments of each item's card."""
    held = catalog.held_keys(session, person) if offers else frozenset()
    colours = {each.id: each.colour for each, _count in catalog.categories_of(session, offers)}
    return [_card(session, offer, colours.get(offer.item.category, "petrol"), held) for offer in offers]


def _card(session: Session, offer: Offer, hue: str, held: frozenset[str]) -> Mapping[str, Any]:
    item = offer.item
    title, lang = words(item.title)
    card: dict[str, Any] = {
        "url": url_for("order.show", item_id=item.id),
        "title": title,
        "summary": words(item.summary)[0],
        "icon_name": item.icon,
        "hue": hue,
        "lang": lang,
    }
    if item.kind in ("order", "report"):
        span = (item.promise.done or item.promise.answer) if item.promise else None
        card |= {
            "price": price_text(session, offer),
            "time": span_text(span),
            "quick": span is not None and not span.working_days,
            "approval": _(APPROVALS[offer.approval]),
            "note": _("You have this already") if item.id in held else "",
        }
    return card


def price_text(session: Session, offer: Offer) -> str:
    """Write the price of an item, or what it begins at."""
    once, monthly, more = offer.price_from(session)
    text = cost(once, monthly, offer.item.price.currency)
    if more:
        text = _("From %(price)s", price=text) if once or monthly else _("The price follows your choices")
    return text


def doors(session: Session, offers: Sequence[Offer]) -> list[Door]:
    """Return the categories as cards."""
    found = []
    for category, count in catalog.categories_of(session, offers):
        title, lang = words(category.title)
        card = {
            "url": url_for("catalog.category", category=category.id),
            "title": title,
            "summary": words(category.summary)[0],
            "icon_name": category.icon,
            "hue": category.colour,
            "count": count,
            "lang": lang,
        }
        found.append(Door(category.id, card))
    return found
