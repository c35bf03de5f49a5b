"""Publishing the shipped items, six of them with the versions that came before."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalog.schema import CatalogItem as Item
from catalog.writer import write_item
from portal import clock
from portal.demo import sources
from portal.demo.organisation import Book
from portal.domain import items
from portal.models.item import CatalogItem, CatalogVersion


def publish(session: Session, book: Book, moment: datetime) -> None:
    """Publish everything that comes with the portal, each version on the day it came."""
    petter = book.person(session, "petter")
    texts = {
        file.stem: file.read_text("utf-8") for file in sorted((sources.CATALOG / "items").glob("*/*.yaml"))
    }
    for key in texts:
        session.add(CatalogItem(key=key, state="draft", category="", draft_revision=0, exported_digest=""))
    session.flush()
    for key, text in texts.items():
        reasons = sources.phrases()["versions"].get(key, ["Första versionen."])
        days = DAYS.get(key, (400,))
        for reason, day, changed in zip(reasons, days, _earlier(key, text), strict=True):
            with clock.at(moment - timedelta(days=day)):
                items.publish(session, key, actor=petter, reason=reason, text=changed)
                session.commit()


def draft(session: Session, book: Book) -> None:
    """Keep the drafts of the story: a copy that has problems yet."""
    petter = book.person(session, "petter")
    for situation in sources.story()["situations"]:
        if situation["kind"] != "draft_item":
            continue
        source = items.copy(session, situation["item"], situation["copy"], actor=petter)
        text = source.draft or ""
        title = ", ".join(f"{language}: {words}" for language, words in situation["title"].items())
        text = re.sub(r"^title: .*$", f"title: {{{title}}}", text, count=1, flags=re.MULTILINE)
        for right, wrong in situation["mistakes"].items():
            text = text.replace(right, wrong)
        items.save_draft(session, situation["copy"], text, actor=petter)
    session.commit()


def at(session: Session, key: str, when: datetime) -> CatalogVersion:
    """Return the version of an item that could be ordered at a moment."""
    found = [v for v in _versions(session, key) if v.published_at <= when]
    return found[-1] if found else _versions(session, key)[0]


def _versions(session: Session, key: str) -> list[CatalogVersion]:
    known: dict[str, list[CatalogVersion]] = session.info.setdefault("demo.versions", {})
    if key not in known:
        query = session.query(CatalogVersion).where(CatalogVersion.item_key == key)
        known[key] = query.order_by(CatalogVersion.number).all()
    return known[key]


DAYS = {
    "employee-account": (420, 385, 371),
    "mobile-subscription": (400, 220),
    "remote-work": (400, 190),
    "software": (400, 260),
    "records-access": (400, 150),
    "accessory": (400, 300, 120),
}
"""How many days before the demo's first day each version came."""


def _earlier(key: str, text: str) -> list[str]:
    """Return the texts of all versions of an item, the shipped one last."""
    versions = [text]
    if key in CHANGES:
        item = items.parsed(items.digest(text), text)
        for change in reversed(CHANGES[key]):
            item = change(item)
            versions.insert(0, write_item(item))
    return versions


def _changed(item: Item, name: str, **fields: Any) -> Item:
    """Give a question other fields."""
    questions = (q.model_copy(update=fields) if q.name == name else q for q in item.questions)
    return item.model_copy(update={"questions": tuple(questions)})


def _without_step(item: Item, step: str) -> Item:
    return item.model_copy(update={"steps": tuple(each for each in item.steps if each.id != step)})


def _asks_nobody_back(item: Item) -> Item:
    gone = ("worked_here", "returning")
    kept = tuple(each for each in item.questions if each.name not in gone)
    item = item.model_copy(update={"questions": kept})
    return _changed(_changed(item, "given_name", when=None), "surname", when=None)


def _two_forms_only(item: Item) -> Item:
    choices = next(each for each in item.questions if each.name == "form").choices
    kept = tuple(each for each in choices if each.value in ("permanent", "fixed_term", "trainee"))
    return _changed(item, "form", choices=kept)


def _card_first(item: Item) -> Item:
    first, *others = next(each for each in item.questions if each.name == "sim").choices
    return _without_step(_changed(item, "sim", choices=(*others, first)), "cost")


def _without_security(item: Item) -> Item:
    return _without_step(item, "security")


def _without_cost(item: Item) -> Item:
    return _without_step(item, "cost")


def _for_ever(item: Item) -> Item:
    return _changed(item, "to_day", max=None)


def _without_backpack(item: Item) -> Item:
    kept = tuple(word for word in item.keywords if "ryggsäck" not in word and word != "backpack")
    return item.model_copy(update={"keywords": kept})


def _always_asks(item: Item) -> Item:
    steps = (s.model_copy(update={"when": None}) if s.id == "manager" else s for s in item.steps)
    return item.model_copy(update={"steps": tuple(steps)})


CHANGES: dict[str, tuple[Callable[[Item], Item], ...]] = {
    "employee-account": (_two_forms_only, _asks_nobody_back),
    "mobile-subscription": (_card_first,),
    "remote-work": (_without_security,),
    "software": (_without_cost,),
    "records-access": (_for_ever,),
    "accessory": (_always_asks, _without_backpack),
}
"""What each version brought, taken away again; the oldest first."""
