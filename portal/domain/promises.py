"""When something will be done, as it was promised.

A promise counts from the last yes that is needed, or from the first day when that is later. Until then it
is a forecast ("ready by … if … answers today"); then it is fixed and stored. Days are working days in the
organisation's zone; a promised day lasts until its end.
"""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from catalog.schema import CatalogItem, Span
from portal import clock
from portal.domain import workdays


def end_of(session: Session, day: date) -> datetime:
    """Return the last second of a day in the organisation's zone, in UTC."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=clock.zone(session)).astimezone(UTC)


def promised(
    session: Session, item: CatalogItem, *, start: datetime, first_day: date | None = None
) -> datetime | None:
    """Return the moment by which it is done when the clock of the promise starts at `start`."""
    span = item.promise.done if item.promise else None
    if span is None:
        return None
    ready = _after(session, span, start)
    if first_day is not None:
        begins = end_of(session, first_day)
        return max(ready, begins)
    return ready


def _after(session: Session, span: Span, start: datetime) -> datetime:
    if span.working_days:
        day = start.astimezone(clock.zone(session)).date()
        return end_of(session, workdays.add(session, day, span.working_days))
    return start + timedelta(hours=span.hours or 0, minutes=span.minutes or 0)


def is_late(session: Session, promised_at: datetime | None) -> bool:
    """Say late only once the promised moment has passed."""
    return promised_at is not None and clock.working_now(session) > promised_at
