"""The shipped catalog: every item is read without a complaint, in three languages, and found by its words."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import flask_bootstrap
import pytest
from ruamel.yaml import YAML

from catalog.known import Known
from catalog.loader import parse_item
from catalog.schema import CatalogItem
from catalog.writer import write_item
from tests.catalog.world import known

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "catalog" / "items").rglob("*.yaml"))
LISTS = sorted((ROOT / "catalog" / "lists").glob("*.yaml"))
LANGUAGES = {"sv", "nb", "en"}
FIRST_SET = {
    "employee-account",
    "change-employment",
    "mobile-subscription",
    "laptop",
    "accessory",
    "loan-equipment",
    "software",
    "records-access",
    "shared-mailbox",
    "mailbox-access",
    "remote-work",
    "external-account",
    "report-fault",
    "suggest-service",
    "guest-wifi",
    "payslip",
}
TYPED = {
    "ny dator": "laptop",
    "laptop": "laptop",
    "ny pc": "laptop",
    "hörlurar": "accessory",
    "ny mobil": "mobile-subscription",
    "surf utomlands": "mobile-subscription",
    "mobilabonnement": "mobile-subscription",
    "nyanställd": "employee-account",
    "sommarjobbare": "employee-account",
    "new starter": "employee-account",
    "förlänga konto": "change-employment",
    "går i pension": "change-employment",
    "tillbaka från ledighet": "change-employment",
    "w3": "records-access",
    "handläggarbehörighet": "records-access",
    "funktionsbrevlåda": "shared-mailbox",
    "felles postkasse": "shared-mailbox",
    "vpn": "remote-work",
    "remote access": "remote-work",
    "acrobat": "software",
    "gis licens": "software",
    "wifi": "guest-wifi",
    "låna projektor": "loan-equipment",
    "skrivaren funkar inte": "report-fault",
    "idé": "suggest-service",
}


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text("utf-8"))


def lists() -> dict[str, tuple[dict[str, Any], ...]]:
    return {file.stem: tuple(read(file)["rows"]) for file in LISTS}


def world() -> Known:
    """Everything the shipped items may name: the demo's teams, the shipped lists and categories."""
    organisation = read(ROOT / "portal" / "demo" / "data" / "organisation.yaml")
    return known(
        teams=frozenset(team["key"] for team in organisation["teams"]),
        lists=lists(),
        items=frozenset(file.stem for file in FILES),
        categories=frozenset(each["id"] for each in read(ROOT / "catalog" / "categories.yaml")),
        letters=frozenset({"first-password"}),
    )


def item(item_id: str) -> CatalogItem:
    file = next(file for file in FILES if file.stem == item_id)
    found = parse_item(file.read_text("utf-8"), world(), file=file.name).item
    assert found is not None
    return found


def texts(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Walk through everything that is written in languages."""
    if isinstance(value, dict):
        if value and set(value) & LANGUAGES:
            yield where, value
        else:
            for key, each in value.items():
                yield from texts(each, f"{where}.{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from texts(each, f"{where}[{index}]")


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{([^{}|]*)", text))


def test_the_first_sixteen_are_there() -> None:
    assert {file.stem for file in FILES} == FIRST_SET


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_can_be_said_against_an_item(file: Path) -> None:
    parsed = parse_item(file.read_text("utf-8"), world(), file=file.name)

    assert [str(problem) for problem in parsed.problems] == []
    assert parsed.item is not None
    assert parsed.item.id == file.stem
    assert parsed.item.category == file.parent.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_file_is_what_the_browser_would_export(file: Path) -> None:
    assert write_item(item(file.stem)) == file.read_text("utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_of_an_item_is_in_three_languages(file: Path) -> None:
    found = list(texts(read(file)))

    assert len(found) > 2
    assert [where for where, text in found if set(text) != LANGUAGES or not all(text.values())] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_languages_of_a_text_name_the_same_things(file: Path) -> None:
    found = [(where, [placeholders(each) for each in text.values()]) for where, text in texts(read(file))]

    assert [where for where, named in found if any(each != named[0] for each in named)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_item_that_no_norwegian_has_read_says_so(file: Path) -> None:
    assert item(file.stem).languages_unread == ("nb",)


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.stem)
def test_a_shared_list_has_its_own_name_and_no_value_twice(file: Path) -> None:
    shared = read(file)

    assert shared["id"] == file.stem
    assert set(shared["title"]) == LANGUAGES
    assert all(set(text) == LANGUAGES for _, text in texts(shared["rows"]))
    assert len({row["value"] for row in shared["rows"]}) == len(shared["rows"])


def test_every_category_has_an_item_and_three_languages() -> None:
    categories = read(ROOT / "catalog" / "categories.yaml")

    assert {each["id"] for each in categories} == {file.parent.name for file in FILES}
    assert {each["colour"] for each in categories} <= {"petrol", "plum", "ochre", "blue", "forest", "clay"}
    assert all(set(each["title"]) == set(each["summary"]) == LANGUAGES for each in categories)


def test_every_icon_is_in_the_sprite() -> None:
    sprite = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"
    there = set(re.findall(r'<symbol[^>]*id="([^"]+)"', sprite.read_text("utf-8")))
    categories = read(ROOT / "catalog" / "categories.yaml")

    assert {each["icon"] for each in [*categories, *map(read, FILES)]} - there == set()


@pytest.mark.parametrize(("typed", "meant"), TYPED.items())
def test_what_people_type_is_among_the_words_of_the_right_item(typed: str, meant: str) -> None:
    wanted = item(meant)
    words = " ".join([*wanted.keywords, *wanted.title.root.values()]).lower()

    assert [word for word in typed.lower().split() if word not in words] == []


def test_seasonal_accounts_cost_79_a_month_and_others_129() -> None:
    account = item("employee-account")
    form = account.question("form")
    assert form is not None

    prices = {
        choice.value: account.price.monthly + (choice.price.monthly if choice.price else Decimal(0))
        for choice in form.choices
    }

    assert prices == {"permanent": 129, "fixed_term": 129, "seasonal": 79, "hourly": 129, "trainee": 129}


def test_no_item_is_made_for_one_form_of_employment() -> None:
    forms = {"permanent", "fixed_term", "seasonal", "hourly", "trainee"}
    policies = read(ROOT / "config" / "lifecycle.yaml")["forms"]

    assert not [file for file in FILES if any(form.replace("_", "-") in file.stem for form in forms)]
    assert set(policies) == forms | {"consultant"}
    assert all(set(policy["label"]) == LANGUAGES for policy in policies.values())
