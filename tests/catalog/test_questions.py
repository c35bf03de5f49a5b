"""The form and its price with given answers."""

# ruff: noqa: E501 - items are written as authors write them, a question a line

from datetime import date
from decimal import Decimal

from catalog.loader import read_item
from catalog.pricing import Line, price_of
from catalog.questions import answers_in_force, bound_of, default_of, is_valid, visible
from catalog.schema import CatalogItem
from catalog.texts import Texts
from tests.catalog.world import ACCOUNT, ITEM

ACCOUNT_ITEM = read_item(ACCOUNT)


def item_of(questions: str, price: str = "{}") -> CatalogItem:
    """Make an item with these questions."""
    head, steps = ITEM.split("questions:")[0], ITEM[ITEM.index("steps:") :]
    return read_item(f"{head}price: {price}\nquestions:\n{questions}\n{steps}")


def names(item: CatalogItem, **answers: object) -> list[str]:
    """List what is shown."""
    return [question.name for question in visible(item, answers, {"today": date(2027, 1, 1)})]


def test_a_question_is_shown_by_its_rule() -> None:
    assert names(ACCOUNT_ITEM, form="permanent") == ["given_name", "form", "first_day", "abroad"]
    assert names(ACCOUNT_ITEM, form="seasonal") == ["given_name", "form", "first_day", "last_day", "abroad"]


def test_what_is_hidden_is_none_for_what_follows_whatever_was_sent() -> None:
    item = item_of(
        "  - {name: a, type: yes_no, label: A}\n"
        "  - {name: b, type: text, label: B, when: a}\n"
        "  - {name: c, type: text, label: C, when: \"b == 'x'\"}\n"
        "  - {name: d, type: people, label: D, when: a}\n"
    )

    assert names(item, a=False, b="x", c="y") == ["a"]
    assert names(item, a=True, b="x") == ["a", "b", "c", "d"]
    assert answers_in_force(item, {"a": False, "b": "x", "d": [1]}, {}) == {
        "a": False,
        "b": None,
        "c": None,
        "d": [],
    }


def test_a_question_whose_rule_cannot_be_decided_yet_is_not_asked() -> None:
    item = item_of(
        "  - {name: a, type: number, label: A}\n"
        "  - {name: b, type: text, label: B, when: a > 500}\n"
        "  - {name: info, type: information, label: C, when: a > 100}\n"
    )

    assert names(item) == ["a"]
    assert names(item, a=200) == ["a", "info"]


def test_limits_defaults_and_rules_of_an_answer() -> None:
    item = item_of(
        "  - {name: a, type: date, label: A, min: today, max: today + days(30), default: '{today}', valid: 'a != today', message: M}\n"
        "  - {name: b, type: number, label: B, min: 1, default: 2}\n"
        "  - {name: c, type: text, label: C, default: '{beneficiary.unit.cost_centre}'}\n"
    )
    a, b, c = item.questions
    now = {"today": date(2027, 1, 1), "a": date(2027, 1, 1), "beneficiary": {"unit": {"cost_centre": "4711"}}}

    assert (bound_of(a, "min", now), bound_of(a, "max", now)) == (date(2027, 1, 1), date(2027, 1, 31))
    assert (bound_of(b, "min", now), bound_of(b, "max", now)) == (1, None)
    assert [default_of(question, now) for question in (a, b, c)] == [date(2027, 1, 1), 2, "4711"]
    assert not is_valid(a, now)
    assert is_valid(a, {**now, "a": date(2027, 1, 2)})
    assert not is_valid(a, {"a": None})


SUBSCRIPTION = item_of(
    "  - {name: data, type: choice, label: A, choices: [{value: small}, {value: large, label: Large, price: {monthly: 70}}]}\n"
    "  - {name: abroad, type: yes_no, label: B}\n"
    "  - {name: extra, type: choices, label: C, when: abroad, choices: [{value: card, price: {once: 50}}, {value: usa, price: {monthly: 99.5}}]}\n",
    "{once: 10, monthly: 129}",
)


def test_what_is_chosen_adds_to_the_items_price() -> None:
    assert price_of(SUBSCRIPTION, {"data": "small"}, {}).monthly == Decimal(129)
    cost = price_of(SUBSCRIPTION, {"data": {"value": "large"}, "abroad": True, "extra": ["card", "usa"]}, {})

    assert (cost.once, cost.monthly, cost.currency) == (Decimal(60), Decimal("298.5"), "SEK")
    assert cost.lines[1] == Line(
        Texts(root={"": "Large"}), Decimal(0), Decimal(70), question="data", value="large"
    )
    assert cost.lines[3].label.get("sv") == "usa"


def test_i13_what_is_hidden_costs_nothing() -> None:
    assert price_of(
        SUBSCRIPTION, {"data": "small", "abroad": False, "extra": ["card", "usa"]}, {}
    ).once == Decimal(10)


def test_a_number_multiplies_what_it_says() -> None:
    item = item_of(
        "  - {name: what, type: choice, label: A, list: things, times: quantity}\n"
        "  - {name: quantity, type: number, label: B}\n",
        "{once: 5}",
    )
    screen = {"value": "screen", "label": {"sv": "Skärm", "en": "Screen"}, "price": {"once": 1890}}

    assert price_of(item, {"what": screen, "quantity": 3}, {}).once == Decimal(5675)
    assert price_of(item, {"what": screen}, {}).once == Decimal(1895)
    assert price_of(item, {"what": screen, "quantity": -3}, {}).once == Decimal(1895)
    assert price_of(item, {"what": "screen", "quantity": 3}, {}).once == Decimal(5)


def test_the_items_own_price_can_be_multiplied_too() -> None:
    item = item_of("  - {name: quantity, type: number, label: B}\n", "{once: 5, times: quantity}")

    assert price_of(item, {"quantity": 4}).once == Decimal(20)
