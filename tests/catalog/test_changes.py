"""What a new version changes, said to people."""

import pytest

from catalog.changes import changes
from catalog.loader import read_item
from tests.catalog.world import ITEM

DIFFERENT = [
    ("sv: Intranät", "sv: Intranätet", ["Title: from “Intranät” to “Intranätet”."]),
    ("category: access", "category: accounts", ["Category: from “access” to “accounts”."]),
    ("owner: team/it-accounts", "owner: team/it-accounts\nlink: x", ["Address: added “x”."]),
    (", required: true", "", ["“Nivå”: required removed, it was “true”."]),
    ("[read, write]", "[read, write, own]", ["“Nivå”: choices from “read, write” to “read, write, own”."]),
    ("level == 'write'", "level == 'read'", ["“Varför”: when from “level == 'write'” to “level == 'read'”."]),
    ("group: readers", "group: writers", ["“group”: with.group from “readers” to “writers”."]),
    (
        "by: manager",
        "by: team/service-desk",
        ["“manager”: approve.by from “manager” to “team/service-desk”."],
    ),
    ("remind: [2, 4], ", "", ["“manager”: approve.remind removed, it was “2, 4”."]),
    (
        "fallback: team/approval-desk",
        "fallback: team/approval-desk, decide: all",
        ["“manager”: approve.decide added, “all”."],
    ),
    ("id: tell", "id: told", ["Step removed: “tell”.", "New step: “told”."]),
    ("name: why", "name: reason", ["Question removed: “Varför”.", "New question: “Varför”."]),
]


@pytest.mark.parametrize(("old", "new", "said"), DIFFERENT, ids=[new for _, new, _ in DIFFERENT])
def test_each_difference_is_a_sentence(old: str, new: str, said: list[str]) -> None:
    assert ITEM.count(old) == 1

    found = changes(read_item(ITEM), read_item(ITEM.replace(old, new)))

    assert [change.text(language="sv") for change in found] == said


def test_the_same_item_has_no_changes() -> None:
    assert changes(read_item(ITEM), read_item(ITEM)) == []


def test_another_order_of_steps_is_told_once() -> None:
    lines = ITEM.splitlines(keepends=True)
    turned = "".join([*lines[:-2], lines[-1], lines[-2]])

    assert [change.text() for change in changes(read_item(ITEM), read_item(turned))] == [
        "The steps stand in another order."
    ]


def test_changes_are_said_in_the_readers_language() -> None:
    swedish = {
        "Title": "Titel",
        "%(what)s: from “%(before)s” to “%(after)s”.": "%(what)s: från ”%(before)s” till ”%(after)s”.",
    }
    found = changes(read_item(ITEM), read_item(ITEM.replace("sv: Intranät", "sv: Intranätet")))

    assert found[0].text(lambda text: swedish[text], "sv") == "Titel: från ”Intranät” till ”Intranätet”."


def test_steps_at_the_end_say_where_they_are() -> None:
    ending = ITEM + "on_end:\n  - {id: bye, notify: beneficiary, message: ready}\n"

    assert [change.message for change in changes(read_item(ITEM), read_item(ending))] == [
        "New step %(where)s: “%(name)s”."
    ]
