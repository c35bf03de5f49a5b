"""Money, days and times, as each language writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portal import formats

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 11, 20, 9, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        (12350, "SEK", "sv", "12 350 kr"),
        (12350, "NOK", "nb", "12 350 kr"),
        (12350, "SEK", "nb", "12 350 SEK"),  # two sorts of kr never meet
        (12350, "NOK", "sv", "12 350 NOK"),
        (12350, "SEK", "en", "12,350 SEK"),
        (Decimal("12.50"), "SEK", "sv", "12,50 kr"),
        (Decimal("312.00"), "SEK", "sv", "312 kr"),
        (-79, "SEK", "en", "-79 SEK"),
    ],
)
def test_money_is_written_as_the_language_writes_it(
    amount: Decimal | int, currency: str, language: str, written: str
) -> None:
    assert formats.money(amount, currency, language).replace("\xa0", " ") == written


@pytest.mark.parametrize(
    ("language", "form", "written"),
    [
        ("sv", "long", "torsdag 26 november 2026"),
        ("nb", "long", "torsdag 26. november 2026"),
        ("en", "long", "Thursday 26 November 2026"),
        ("sv", "plain", "torsdag 26 november"),
        ("nb", "plain", "torsdag 26. november"),
        ("en", "plain", "Thursday 26 November"),
        ("sv", "short", "26 nov."),
        ("en", "short", "26 Nov"),
    ],
)
def test_a_day_is_written_in_words(language: str, form: formats.DayForm, written: str) -> None:
    assert formats.day(date(2026, 11, 26), language, form) == written


def test_a_moment_is_told_in_the_readers_zone() -> None:
    assert formats.clock(NOON, "sv", STOCKHOLM) == "10:44"
    assert "20 november 2026" in formats.moment(NOON, "sv", STOCKHOLM)
    assert formats.moment(NOON, "en", STOCKHOLM) == "Friday 20 November 2026 at 10:44"


def test_a_moment_after_midnight_here_is_the_next_day() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

    assert formats.moment(late, "en", STOCKHOLM) == "Saturday 21 November 2026 at 00:30"


@pytest.mark.parametrize(
    ("ago", "written"),
    [
        (timedelta(seconds=3), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(hours=23, minutes=59), "24 hours ago"),
        (timedelta(hours=24), "Friday 20 November 2026 at 10:44"),
        (timedelta(hours=-1), "Friday 20 November 2026 at 10:44"),  # what lies ahead is never "ago"
    ],
)
def test_only_the_last_day_is_told_as_how_long_ago(ago: timedelta, written: str) -> None:
    assert formats.when(NOON, "en", STOCKHOLM, NOON + ago) == written


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(minutes=5), "5 minuter"),
        (timedelta(minutes=90), "90 minuter"),
        (timedelta(hours=4), "4 timmar"),
        (timedelta(days=3), "3 dygn"),
    ],
)
def test_a_length_of_time_is_not_rounded_into_another(length: timedelta, written: str) -> None:
    assert formats.duration(length, "sv") == written


def test_shares_and_numbers_follow_the_language() -> None:
    assert formats.percent(0.634, "sv").replace("\xa0", " ") == "63 %"
    assert formats.percent(0.634, "en") == "63%"
    assert formats.number(12345.5, "sv").replace("\xa0", " ") == "12 345,5"


def test_an_unknown_language_is_written_as_english() -> None:
    assert formats.day(date(2026, 11, 26), "fi") == "Thursday 26 November 2026"
