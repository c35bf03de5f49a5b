"""The functions of rules: spans of days and months, distances between days, and the length of a list."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from catalog.values import plain

MOST = 3650


@dataclass(frozen=True)
class Months:
    """A span of whole months; the last day of a short month stands in for days it does not have."""

    number: int

    def __radd__(self, day: date) -> date:
        if not isinstance(day, date):
            return NotImplemented
        year, month = divmod(day.year * 12 + day.month - 1 + self.number, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def __rsub__(self, day: date) -> date:
        return Months(-self.number).__radd__(day)


def days(first: Any, second: Any = None, *, two: bool = False) -> Any:
    """Give a span of days, or the number of days from one day to another."""
    first, second = plain(first), plain(second)
    if not two:
        return timedelta(days=_number(first))
    return (_day(second) - _day(first)).days


def months(first: Any, second: Any = None, *, two: bool = False) -> Any:
    """Give a span of months, or the number of whole months from one day to another."""
    first, second = plain(first), plain(second)
    if not two:
        return Months(_number(first))
    start, end = _day(first), _day(second)
    whole = (end.year - start.year) * 12 + end.month - start.month
    return whole if start + Months(whole) <= end else whole - 1


def length(value: Any) -> int:
    """Count what is in a list, or the letters of a text; none has none."""
    value = plain(value)
    return 0 if value is None else len(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST:
        raise ValueError("not a number of days or months")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date):
        raise ValueError("not a day")
    return value


def _one_or_two(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: function(*values, two=len(values) > 1)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "days": _one_or_two(days),
    "months": _one_or_two(months),
    "len": length,
}
