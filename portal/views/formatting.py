"""The formats of `portal.formats`, bound to the reader's language and zone, as filters in templates."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import Flask
from flask_babel import get_locale, get_timezone

from portal import formats
from portal.i18n import language_of


def page_language() -> str:
    """Return the language of the page, for `<html lang>`."""
    return language_of(str(get_locale() or "en")) or "en"


def money(amount: Decimal | int, currency: str = "SEK") -> str:
    """Write an amount in its own currency."""
    return formats.money(amount, currency, page_language())


def number(value: Decimal | float) -> str:
    """Write a number."""
    return formats.number(value, page_language())


def percent(share: float) -> str:
    """Write a share in per cent."""
    return formats.percent(share, page_language())


def day(value: date, form: formats.DayForm = "long") -> str:
    """Write a day; of an aware moment, the day it is in the reader's zone."""
    if isinstance(value, datetime):
        value = value.astimezone(get_timezone()).date()
    return formats.day(value, page_language(), form)


def clock(value: datetime) -> str:
    """Write a time of day."""
    return formats.clock(value, page_language(), get_timezone())


def moment(value: datetime) -> str:
    """Write a moment in full."""
    return formats.moment(value, page_language(), get_timezone())


def ago(value: datetime) -> str:
    """Write a moment as how long ago it was, if that is less than a day, else in full."""
    return formats.when(value, page_language(), get_timezone())


def duration(value: timedelta) -> str:
    """Write a length of time."""
    return formats.duration(value, page_language())


def init_app(app: Flask) -> None:
    """Give templates the filters, and `page_language()`."""
    app.add_template_global(page_language, "page_language")
    for function in (money, number, percent, day, clock, moment, ago, duration):
        app.add_template_filter(function)
