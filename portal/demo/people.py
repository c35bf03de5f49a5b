"""Who can be tried with one click, and the line on top of every page."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import progress, sources
from portal.demo_mode import Demo, OneClick
from portal.models.person import Identity, Person
from portal.views.saying import say

ISSUER = "demo"
"""Who says the keys under which the demo finds its people again."""


def demo(*, code: str = "") -> Demo:
    """Make what switches a demo on."""
    return Demo(one_click, banner, code)


def story_ids(session: Session) -> dict[str, int]:
    """Find the people of the story by their keys."""
    keys = list(sources.story()["people"])
    rows = session.execute(
        select(Identity.subject, Identity.person_id).where(
            Identity.issuer == ISSUER, Identity.subject.in_(keys)
        )
    )
    return {row.subject: row.person_id for row in rows}


def one_click(session: Session) -> list[OneClick]:
    """List those to sign in as, in the order of the story, in the reader's language."""
    ids = story_ids(session)
    found = []
    for key, about in sources.story()["people"].items():
        person = session.get(Person, ids[key]) if about.get("signs_in") and key in ids else None
        if person is not None:
            unit = person.unit.name if person.unit is not None else ""
            role = ", ".join(part for part in (person.title, unit) if part)
            found.append(OneClick(person.id, person.name, role, say(about["why"])))
    return found


def banner(session: Session) -> Mapping[str, Any]:
    """Say which day it is in the demo, and where its tools are."""
    written = progress.read(session)
    return {
        "today": clock.today(session),
        "filling": written if written is not None and not written.is_whole else None,
        "clock_url": url_for("demo.clock"),
        "mailbox_url": url_for("demo.mailbox"),
        "people_url": url_for("demo.index"),
    }
