"""Publishing the shipped items, six of them with the versions that came before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import sources
from portal.demo.organisation import Book
from portal.domain import items
from portal.models.item import CatalogItem, CatalogVersion

Data = dict[str, Any]


def publish(session: Session, book: Book, moment: datetime) -> None:
    """Publish everything that comes with the portal, each version on the day it came."""
    petter = book.person(session, "petter")
    texts = {file.stem: file.read_text("utf-8") for file in sorted((sources.CATALOG / "items").glob("*/*.yaml"))}
    for key, text in texts.items():
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
        data = YAML(typ="safe").load(source.draft or "")
        data["title"] = situation["title"]
        for problem in situation["problems"]:
            _, step, *path = problem["where"].split(".")
            place = next(each for each in data["steps"] if each["id"] == step)
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = problem["value"]
        items.save_draft(session, situation["copy"], _written(data), actor=petter)
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
    steps = CHANGES.get(key, ())
    versions = [text]
    for change in reversed(steps):
        data = YAML(typ="safe").load(versions[0])
        change(data)
        versions.insert(0, _written(data))
    return versions


def _written(data: Data) -> str:
    out = StringIO()
    writer = YAML(typ="rt")
    writer.width = 100
    writer.allow_unicode = True
    writer.dump(data, out)
    return out.getvalue()


def _question(item: Data, name: str) -> Data:
    return next(each for each in item["questions"] if each.get("name") == name)


def _without_question(item: Data, *names: str) -> None:
    item["questions"] = [each for each in item["questions"] if each.get("name") not in names]


def _without_step(item: Data, *ids: str) -> None:
    item["steps"] = [each for each in item["steps"] if each["id"] not in ids]


def _asks_nobody_back(item: Data) -> None:
    _without_question(item, "worked_here", "returning")
    for name in ("given_name", "surname"):
        _question(item, name).pop("when")


def _two_forms_only(item: Data) -> None:
    form = _question(item, "form")
    form["choices"] = [each for each in form["choices"] if each["value"] in ("permanent", "fixed_term", "trainee")]


def _card_only(item: Data) -> None:
    sim = _question(item, "sim")
    sim["choices"] = [*sim["choices"][1:], sim["choices"][0]]
    _without_step(item, "cost")


def _without_security(item: Data) -> None:
    _without_step(item, "security")


def _without_cost(item: Data) -> None:
    _without_step(item, "cost")


def _for_ever(item: Data) -> None:
    question = _question(item, "to_day")
    question.pop("max")


def _without_backpack(item: Data) -> None:
    item["keywords"] = [word for word in item["keywords"] if "ryggsäck" not in word and word != "backpack"]


def _always_asks(item: Data) -> None:
    next(each for each in item["steps"] if each["id"] == "manager").pop("when")


CHANGES: dict[str, tuple[Callable[[Data], None], ...]] = {
    "employee-account": (_two_forms_only, _asks_nobody_back),
    "mobile-subscription": (_card_only,),
    "remote-work": (_without_security,),
    "software": (_without_cost,),
    "records-access": (_for_ever,),
    "accessory": (_always_asks, _without_backpack),
}
"""What each version brought, taken away again; the oldest first."""
