"""What tests of the studio share."""

import hashlib
import html
import re
from pathlib import Path
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.domain import items
from portal.models import Base
from portal.models.item import CatalogItem
from portal.models.person import Person
from portal.models.team import Grant
from portal.work.world import build_world
from tests.cast import Cast, publish_text
from tests.views.staff import House, StaffBrowser

CARD = """format: 1
id: card
kind: order
title: {sv: Kort, nb: Kort, en: Card}
summary: {sv: Ett kort, nb: Et kort, en: A card}
category: accounts
owner: team/it-accounts
order_for: both
price: {monthly: 129}
promise: {working_days: 3}

questions:
  - name: level
    type: choice
    label: {sv: Sort, nb: Type, en: Sort}
    required: true
    choices:
      - value: plain
        label: {sv: Vanligt, nb: Vanlig, en: Plain}
      - value: gold
        label: {sv: Guld, nb: Gull, en: Gold}
        price: {monthly: 70}
  - name: why
    type: text
    label: {sv: Varför, nb: Hvorfor, en: Why}
    required: true
    when: level == 'gold'

steps:
  - id: manager
    approve: {by: manager, fallback: team/approval-desk}
  - id: security
    approve: {by: team/it-security, fallback: team/approval-desk}
    when: level == 'gold'
  - id: desk
    label: {sv: Skriv ut kortet, nb: Skriv ut kortet, en: Print the card}
    task: {team: team/caretakers, title: {sv: Gör, nb: Gjør, en: Do}}
"""


def published(cast: Cast, text: str = CARD) -> CatalogItem:
    """Publish an item and return its row."""
    version = publish_text(cast.session, text)
    cast.session.commit()
    return cast.session.get_one(CatalogItem, version.item_key)


def grant(cast: Cast, person: Person, right: str, category: str) -> None:
    """Give somebody a right within one category."""
    row = Grant(person_id=person.id, right=right, scope_kind="category", scope_ref=category)
    cast.session.add(row)
    cast.session.commit()


def wall_in(cast: Cast, *groups: str) -> None:
    """Let items use only some groups of the directory."""
    file = Path(str(cast.settings.file("files.resources")))
    listed = ", ".join(f'"{group}"' for group in groups)
    file.write_text(re.sub(r"groups = \[[^\]]*\]", f"groups = [{listed}]", file.read_text()))
    world = build_world(cast.settings)
    cast.database.tell(world=world)
    cast.session.info["world"] = world


def shown(answer: TestResponse, status: int = 200) -> str:
    """Give an answer's page as it is read, with its entities as letters."""
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body[:3000]
    return html.unescape(body)


def field_of(body: str, name: str) -> str:
    """Give the value of a field of a form."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', body)
    assert found, f"{name} is not on the page"
    return found[1]


def text_in(body: str) -> str:
    """Give what the editor holds."""
    return body.partition('id="text"')[2].partition(">\n")[2].partition("</textarea>")[0]


def save(browser: StaffBrowser, key: str, text: str, **more: Any) -> TestResponse:
    """Save a text on the revision that stands there now, unless told otherwise."""
    data = {"text": text, "save": "1", **more}
    if "revision" not in data:
        data["revision"] = field_of(shown(browser.get(f"/studio/{key}")), "revision")
    return browser.send(f"/studio/{key}", data)


def look(browser: StaffBrowser, key: str, text: str, **more: Any) -> TestResponse:
    """Look at a text without saving it, as when a name is searched for."""
    return browser.send(f"/studio/{key}", {"text": text, "revision": "0", "refresh": "1", **more})


def place(text: str, found: str, key: str = "card") -> str:
    """Write where something stands in a text, as problems do."""
    before = text[: text.index(found)]
    return f"{key}.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def draft_of(house: House, key: str) -> str | None:
    """Give the draft of an item as it is stored."""
    return house.cast.session.get_one(CatalogItem, key).draft


def current_text(house: House, key: str) -> str:
    """Give the text that is ordered."""
    return items.current(house.cast.session, key).text


def everything(session: Session) -> str:
    """Digest every row of every table but sign-ins, to see whether anything was written."""
    session.rollback()
    parts = []
    for table in Base.metadata.sorted_tables:
        rows = session.execute(sql(f'SELECT * FROM "{table.name}"')).all()
        parts.append(f"{table.name} {sorted(map(repr, rows))}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
