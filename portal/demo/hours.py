"""When things happen in the demo: in office hours, on working days, less around holidays."""

import random
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

import holidays

from portal import clock
from portal.demo import sources

OPENS, CLOSES = time(8), time(16)
DAY_MINUTES = 480


@lru_cache(maxsize=2000)
def is_working(day: date) -> bool:
    """Say whether people are at work."""
    return day.weekday() < 5 and day not in _public()


@lru_cache(maxsize=1)
def _public() -> holidays.HolidayBase:
    return holidays.country_holidays("SE")


def at(day: date, hour: int = 8, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of a day in the organisation's zone."""
    return datetime.combine(day, time(hour, minute, second), tzinfo=clock.DEFAULT_ZONE).astimezone(UTC)


def later(moment: datetime, minutes: float) -> datetime:
    """Add working minutes: what is begun in the evening is done the next morning."""
    local = moment.astimezone(clock.DEFAULT_ZONE)
    day, now = local.date(), local.replace(tzinfo=None)
    while True:
        if is_working(day):
            opens, closes = datetime.combine(day, OPENS), datetime.combine(day, CLOSES)
            start = max(now, opens)
            left = (closes - start).total_seconds() / 60
            if left > minutes:
                return (start + timedelta(minutes=minutes)).replace(tzinfo=clock.DEFAULT_ZONE).astimezone(UTC)
            minutes -= max(0.0, left)
        day += timedelta(days=1)
        now = datetime.combine(day, time.min)


def earlier(moment: datetime, minutes: float) -> datetime:
    """Go back by working minutes."""
    local = moment.astimezone(clock.DEFAULT_ZONE)
    day, now = local.date(), local.replace(tzinfo=None)
    while True:
        if is_working(day):
            opens, closes = datetime.combine(day, OPENS), datetime.combine(day, CLOSES)
            end = min(now, closes)
            left = (end - opens).total_seconds() / 60
            if left > minutes:
                return (end - timedelta(minutes=minutes)).replace(tzinfo=clock.DEFAULT_ZONE).astimezone(UTC)
            minutes -= max(0.0, left)
        day -= timedelta(days=1)
        now = datetime.combine(day, time.max)


def drawn(rng: random.Random, delays: list[dict[str, Any]]) -> float:
    """Draw a delay in working minutes from shares."""
    part = rng.choices(delays, [each["share"] for each in delays])[0]
    return rng.uniform(part["from"], part["to"])


class Rhythm:
    """Draws moments of a year as busy weeks, days and hours have them."""

    def __init__(self, first: date, last: date) -> None:
        self.days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        self.how = sources.volumes()["history"]["rhythm"]

    @cached_property
    def _weights(self) -> list[float]:
        how = self.how
        return list(
            accumulate(
                how["weekdays"][day.weekday()]
                * how["months"][day.month - 1]
                * how["quiet_weeks"].get(str(day.isocalendar().week), 1.0)
                * (1.0 if is_working(day) or day.weekday() >= 5 else 0.03)
                for day in self.days
            )
        )

    def draw(self, rng: random.Random, first: date | None = None, last: date | None = None) -> datetime:
        """Draw a moment between two days."""
        weights = self._weights
        low = max(0, (first - self.days[0]).days) if first else 0
        high = min(len(self.days) - 1, (last - self.days[0]).days) if last else len(self.days) - 1
        high = max(low, high)
        floor = weights[low - 1] if low else 0.0
        place = bisect_left(weights, rng.uniform(floor, weights[high]), low, high)
        hours = self.how["hours"]
        hour = int(rng.choices(list(hours), list(hours.values()))[0])
        return at(self.days[place], hour, rng.randint(0, 59), rng.randint(0, 59))
