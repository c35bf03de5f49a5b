"""Working days of the organisation: Monday to Friday without public holidays and own closed days."""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal.domain.world import world_of

if TYPE_CHECKING:
    import holidays


@lru_cache(maxsize=8)
def _public(country: str) -> "holidays.HolidayBase":
    import holidays  # it reads the calendars of every country, which only who counts days needs

    return holidays.country_holidays(country)


def is_working(session: Session, day: date) -> bool:
    """Say whether people are at work on that day."""
    world = world_of(session)
    if day.weekday() >= 5 or day in world.closed_days:
        return False
    # Swedish calendars count every Sunday as a holiday, which weekday() has already said
    return day not in _public(world.calendar)


def add(session: Session, day: date, count: int) -> date:
    """Return the day that lies `count` working days after; the first working day on or after when 0."""
    while not is_working(session, day):
        day += timedelta(days=1)
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working(session, day):
            day += timedelta(days=1)
    return day


def between(session: Session, start: date, end: date) -> int:
    """Count the working days after `start` up to and including `end`."""
    return sum(is_working(session, start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
