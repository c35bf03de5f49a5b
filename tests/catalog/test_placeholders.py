"""Placeholders: looked up, filtered, never evaluated."""

import time
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.placeholders import TemplateFault, names_in, parse, render, to_ascii
from catalog.texts import Texts

NAMES: dict[str, Any] = {
    "given_name": "Åse-Marie",
    "surname": "Ōstergård O’Brien",
    "last_day": date(2027, 8, 3),
    "enabled": False,
    "empty": None,
    "count": 3,
    "price": Decimal("129.00"),
    "half": Decimal("1.50"),
    "form": {"value": "seasonal", "label": {"sv": "Säsong", "en": "Seasonal"}},
    "program": {
        "value": "visio",
        "label": Texts(root={"sv": "Ritprogram", "en": "Drawing"}),
        "group": "lic-visio",
    },
    "person": {
        "id": 7,
        "name": "Noah Ek",
        "unit": {"id": 1, "name": "Drift"},
        "accounts": {"staff-directory": "noah"},
    },
    "steps": {"account": {"id": "u", "key": "noah", "resource": "staff-directory"}, "desk": {"room": "12"}},
    "zones": ["north", "south"],
}

FILLED: dict[str, Any] = {
    "Hej {given_name}!": "Hej Åse-Marie!",
    "{given_name|ascii|lower|first:3}": "ase",
    "{surname|slug}": "ostergard-obrien",
    "{surname|ascii|letters|lower|first:5}": "oster",
    "{surname|upper}": "ŌSTERGÅRD O’BRIEN",
    "{given_name|last:5}": "Marie",
    "{person.name|lower|title}": "Noah Ek",
    "{last_day}": date(2027, 8, 3),
    "Till {last_day}": "Till 2027-08-03",
    "{last_day|day:short}, {last_day|day:compact}, {last_day|day:year}": "3/8, 20270803, 2027",
    "{enabled}": False,
    "{empty}": None,
    "[{empty}]": "[]",
    "{empty|lower}": None,
    "{empty|or:none}": "none",
    "{nowhere.to.be.found}": None,
    "{count}": 3,
    "{count} for {price} or {half}": "3 for 129 or 1.5",
    "{form}": "seasonal",
    "{form.label}": "Säsong",
    "{program.group}": "lic-visio",
    "{program.label} ({program})": "Ritprogram (visio)",
    "{person.unit.name}": "Drift",
    "Till {person}, {person.unit}": "Till Noah Ek, Drift",
    "{person.accounts.staff-directory}": "noah",
    "{steps.account}": NAMES["steps"]["account"],
    "user {steps.account}": "user noah",
    "{zones}": ["north", "south"],
    "{zones}.": "north, south.",
    "{{not}} {count}": "{not} 3",
    "+46 70 {count|digits}": "+46 70 3",
    "": "",
}


@pytest.mark.parametrize("template", FILLED)
def test_a_text_is_filled_in(template: str) -> None:
    assert render(template, NAMES, "sv") == FILLED[template]


def test_labels_are_written_in_the_readers_language() -> None:
    assert render("{form.label}, {program.label}", NAMES, "en") == "Seasonal, Drawing"


def test_lists_and_mappings_are_filled_in_within() -> None:
    wanted = {"a": "{count}", "b": ["{form}", 1, None], "c": {"d": "x{empty}"}}

    assert render(wanted, NAMES) == {"a": 3, "b": ["seasonal", 1, None], "c": {"d": "x"}}
    assert names_in(wanted) == {"count", "form", "empty"}


ATTACKS = [
    "{{{7*7}}}", "{7*7}", "{config()}", "{''.__class__}", "{person.name|}", "{person.__class__}",
    "{given_name|eval}", "{}", "{given_name|first:x}", "{given_name|first:99999999}", "{given_name|first}",
    "{given_name|lower:3}", "{a b}", "{", "}", "{given_name!r}", "{given_name:>9999999}", "{0}",
    "{given_name[0]}", "{last_day|day:%Y}", "{x|" + "|lower" * 9 + "}", "{x" + "|lower" * 9 + "}",
    "x" * 20_001, "{% for x in y %}{% endfor %}",
]  # fmt: skip


@pytest.mark.parametrize("template", ATTACKS, ids=lambda text: text[:30])
def test_i08_what_is_no_placeholder_is_a_fault(template: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        parse(template)

    assert "%(" not in str(caught.value)


def test_i08_nothing_of_any_object_is_ever_reached() -> None:
    assert render("{person.unit.real}", NAMES) is None
    assert render("{program.label.root}{given_name.upper}", NAMES) == ""


def test_i08_what_was_filled_in_is_not_read_again() -> None:
    assert render("<{x}>", {"x": "{count}", "count": 3}) == "<{count}>"


def test_i08_no_template_takes_long() -> None:
    started = time.perf_counter()
    for hostile in ("{" * 9001, "}" * 9001, "{a" + ".a" * 5000, "{a|" + "a" * 9000):
        with pytest.raises(TemplateFault):
            parse(hostile)

    assert time.perf_counter() - started < 0.5


@given(st.text(max_size=80))
def test_any_text_is_filled_in_or_a_fault(text: str) -> None:
    filled: Any = None
    with suppress(TemplateFault):
        filled = render(text, NAMES)

    assert "{" in text or "}" in text or filled == text


@given(st.text(max_size=40))
def test_ascii_is_ascii(text: str) -> None:
    assert to_ascii(text).isascii()


@pytest.mark.parametrize(
    ("name", "ascii"),
    [
        ("Åsa", "Asa"), ("Øystein", "Oystein"), ("Weiß", "Weiss"), ("Łukasz", "Lukasz"),
        ("Čáhppe", "Cahppe"), ("Ŋuŋŋe", "Nunne"), ("Đorđe", "Dorde"), ("Þóra", "Thora"),
        ("Æsa", "Aesa"), ("د", ""), ("Anne‑Lill", "Anne-Lill"),
    ],
)  # fmt: skip
def test_letters_without_ascii_are_written_with_what_every_system_takes(name: str, ascii: str) -> None:
    assert to_ascii(name) == ascii
