"""Two clocks: the machine's (leases, sessions, links) and the working one (days, promises, waits).

The working clock is the machine's plus a number of whole days, kept in the table `setting`. Only the demo
moves it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

OFFSET_KEY: Final = "clock.offset_days"
DEFAULT_ZONE: Final = ZoneInfo("Europe/Stockholm")

# the clock lies below the models, so it names the two columns that it needs itself
_setting = sa.table("setting", sa.column("key", sa.String), sa.column("value", sa.JSON))


class Frozen:
    """A clock that stands still until it is told to move."""

    def __init__(self, moment: datetime) -> None:
        """Stand still at an aware moment."""
        if moment.tzinfo is None:
            raise ValueError("A moment needs its zone.")
        self.moment = moment.astimezone(UTC)

    def move(self, **delta: float) -> datetime:
        """Move by a timedelta given in words: `move(days=1)`."""
        self.moment += timedelta(**delta)
        return self.moment

    def set(self, moment: datetime) -> None:
        """Move to a moment."""
        self.moment = moment.astimezone(UTC)


_frozen: ContextVar[Frozen | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """Tell the machine's time, in UTC."""
    frozen = _frozen.get()
    return frozen.moment if frozen else datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[Frozen]:
    """Let it be another time inside the block, in this thread: for tests and for seeding history."""
    frozen = Frozen(moment)
    token = _frozen.set(frozen)
    try:
        yield frozen
    finally:
        _frozen.reset(token)


def zone(session: Session) -> ZoneInfo:
    """Tell the organisation's zone: as the domain set it on the session, else the installation's."""
    found = session.info.get("zone")
    return found if isinstance(found, ZoneInfo) else DEFAULT_ZONE


def offset_days(session: Session) -> int:
    """Tell how many days the working clock is ahead; asked of the database once per transaction."""
    if "clock.offset" not in session.info:
        with session.no_autoflush:
            found = session.execute(
                sa.select(_setting.c.value).where(_setting.c.key == OFFSET_KEY)
            ).scalar_one_or_none()
        session.info["clock.offset"] = int(found or 0)
    return int(session.info["clock.offset"])


def move_working(session: Session, days: int) -> int:
    """Move the working clock by whole days and tell how far ahead it is now."""
    ahead = offset_days(session) + days
    changed = session.execute(sa.update(_setting).where(_setting.c.key == OFFSET_KEY).values(value=ahead))
    if not changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE always gives a CursorResult
        session.execute(sa.insert(_setting).values(key=OFFSET_KEY, value=ahead))
    session.info["clock.offset"] = ahead
    return ahead


def working_now(session: Session) -> datetime:
    """Tell the working clock's time in UTC: same time of day as the wall clock, some days on."""
    local = now().astimezone(zone(session))
    return (local + timedelta(days=offset_days(session))).astimezone(UTC)


due_now = working_now
"""What is due is asked of the working clock."""


def today(session: Session) -> date:
    """Tell the working day in the organisation's zone."""
    return working_now(session).astimezone(zone(session)).date()


def start_of(day: date, in_zone: ZoneInfo) -> datetime:
    """Tell when a day begins in a zone, in UTC."""
    return datetime.combine(day, time.min, tzinfo=in_zone).astimezone(UTC)


def local_day(moment: datetime, in_zone: ZoneInfo) -> date:
    """Tell which day a moment lies on in a zone."""
    return moment.astimezone(in_zone).date()
