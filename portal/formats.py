"""Money, days, times, durations and shares, as each language writes them. Pages and mails share them."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from portal.i18n import FORMATS, N_, language_of, translate

DayForm = Literal["long", "plain", "short"]

OWN_CURRENCY = {"sv": "SEK", "nb": "NOK"}
"""Whose currency is written as a word (kr); every other shows its code, two sorts of kr never meet."""

RELATIVE_FOR = timedelta(hours=24)


def _language(language: str) -> str:
    return language_of(language) or "en"


def _locale(language: str) -> Locale:
    return Locale.parse(FORMATS[_language(language)])


def money(amount: Decimal | int, currency: str, language: str) -> str:
    """Write an amount: `12 350 kr`; with two decimals only where it has any."""
    decimals = "" if amount == int(amount) else ".00"
    sign = "¤" if OWN_CURRENCY.get(_language(language)) == currency else "¤¤"
    pattern = f"#,##0{decimals} {sign}"
    return format_currency(amount, currency, pattern, locale=_locale(language), currency_digits=False)


def number(value: Decimal | float, language: str) -> str:
    """Write a number with the language's own separators."""
    return format_decimal(value, locale=_locale(language))


def percent(share: float, language: str) -> str:
    """Write a share between 0 and 1 in whole per cent."""
    return format_percent(share, locale=_locale(language))


def day(value: date, language: str, form: DayForm = "long") -> str:
    """Write a day: `torsdag 26 november 2026` (long), without the year (plain), or `26 nov.` (short).

    The patterns are the locale's own, since the order and the points differ (nb: `26. november`).
    """
    locale = _locale(language)
    pattern = str(locale.date_formats["medium" if form == "short" else "full"]).replace(",", "")
    if form != "long":
        pattern = pattern.replace(" y", "")
    return format_date(value, pattern, locale=locale)


def clock(value: datetime, language: str, zone: tzinfo) -> str:
    """Write the time of day of an aware moment: `10:42`."""
    return format_time(value, "short", tzinfo=zone, locale=_locale(language))


def moment(value: datetime, language: str, zone: tzinfo) -> str:
    """Write an aware moment in full: `Friday 20 November 2026 at 10:44`."""
    return translate(
        N_("%(day)s at %(time)s"),
        _language(language),
        day=day(value.astimezone(zone).date(), language),
        time=clock(value, language, zone),
    )


def when(value: datetime, language: str, zone: tzinfo, now: datetime | None = None) -> str:
    """Write an aware moment: `3 hours ago` within the last 24 hours, else in full."""
    since = (now or datetime.now(UTC)) - value
    if timedelta(0) <= since < RELATIVE_FOR:
        return format_timedelta(
            -since, granularity="minute", threshold=1, add_direction=True, locale=_locale(language)
        )
    return moment(value, language, zone)


def duration(value: timedelta, language: str) -> str:
    """Write a length of time in its largest fitting unit: `5 minuter`, `3 days`."""
    # the threshold keeps 90 minutes from becoming 2 hours, and 1.5 days from becoming 2
    return format_timedelta(value, granularity="minute", threshold=2, locale=_locale(language))
