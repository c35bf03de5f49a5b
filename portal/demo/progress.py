"""How far history has come: noted with each part of it, read by the pages and by a later start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.db import Database
from portal.models.setting import Setting
from portal.settings import Settings

KEY = "demo.progress"


@dataclass(frozen=True)
class Progress:
    """The moment the demo was made for, orders written of all, and how many chains of the rest that was.

    `pending` are the objects of the last part, which may not have reached the directory.
    """

    moment: datetime
    done: int
    orders: int
    chains: int
    is_whole: bool = False
    pending: tuple[tuple[str, str], ...] = ()


def note(session: Session, progress: Progress) -> None:
    """Write down how far it has come."""
    value = {
        "moment": progress.moment.isoformat(),
        "done": progress.done,
        "orders": progress.orders,
        "chains": progress.chains,
        "is_whole": progress.is_whole,
        "pending": [list(each) for each in progress.pending],
    }
    row = session.get(Setting, KEY)
    if row is None:
        session.add(Setting(key=KEY, value=value))
    else:
        row.value = value
    session.flush()


def read(session: Session) -> Progress | None:
    """Read how far it has come; None before the first page can be shown."""
    row = session.get(Setting, KEY, populate_existing=True)
    return of(row.value) if row is not None else None


def read_from(settings: Settings) -> Progress | None:
    """Read how far it has come in a database that is not open."""
    database = Database(settings.database_url)
    try:
        with database.read_session() as session:
            return read(session)
    finally:
        database.dispose()


def of(value: Mapping[str, Any]) -> Progress:
    """Read a note."""
    return Progress(
        datetime.fromisoformat(value["moment"]),
        value["done"],
        value["orders"],
        value["chains"],
        value["is_whole"],
        tuple((kind, key) for kind, key in value.get("pending", ())),
    )
