"""People find what they need by the words they use."""

import pytest

from catalog.known import Known
from catalog.loader import parse_item
from portal.domain.queries.search import FITS, Entry, entry_of, ranked, stem
from tests.cast import ITEMS

SOUGHT = {
    "ny dator": "laptop",
    "laptop": "laptop",
    "hörlurar": "accessory",
    "ny mobil": "mobile-subscription",
    "surf utomlands": "mobile-subscription",
    "nyanställd": "employee-account",
    "sommarjobbare": "employee-account",
    "förlänga konto": "change-employment",
    "går i pension": "change-employment",
    "tillbaka från ledighet": "change-employment",
    "w3": "records-access",
    "handläggarbehörighet": "records-access",
    "funktionsbrevlåda": "shared-mailbox",
    "vpn": "remote-work",
    "acrobat": "software",
    "gis licens": "software",
    "wifi": "guest-wifi",
    "låna projektor": "loan-equipment",
    "skrivaren funkar inte": "report-fault",
    "idé": "suggest-service",
    "ny pc": "laptop",
    "felles postkasse": "shared-mailbox",
    "mobilabonnement": "mobile-subscription",
    "new starter": "employee-account",
    "remote access": "remote-work",
    "VPN!": "remote-work",
    "datr": "laptop",
    "labtop": "laptop",
    "LAPTOP": "laptop",
    "jag vill ha en dator": "laptop",
    "dat": "laptop",
}


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    read = (parse_item(file.read_text(encoding="utf-8"), Known()).item for file in ITEMS.glob("*/*.yaml"))
    return [entry_of(item) for item in read if item is not None]


def test_the_right_item_is_among_the_first_three(entries: list[Entry]) -> None:
    lost = {
        typed: [key for key, _ in ranked(typed, entries)][:3]
        for typed, key in SOUGHT.items()
        if key not in [found for found, score in ranked(typed, entries)[:3] if score >= FITS]
    }

    assert lost == {}


@pytest.mark.parametrize("typed", ["parkeringstillstånd", "skrivbord höj", "", "   ", "%%%", "'; drop table"])
def test_what_is_not_there_is_not_found(entries: list[Entry], typed: str) -> None:
    assert [key for key, score in ranked(typed, entries) if score >= FITS] == []


def test_a_very_long_query_is_cut_and_answered(entries: list[Entry]) -> None:
    assert ranked("dator " * 10_000, entries)[0][0] == "laptop"


def test_endings_are_taken_off_long_words_only() -> None:
    assert [stem(word) for word in ("datorer", "skrivaren", "mus", "licenser")] == [
        "dator",
        "skriv",
        "mus",
        "licens",
    ]
