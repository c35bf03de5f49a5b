"""Planning and applying, where the connector does not matter."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.base import Connector, Found, Key, Once, Secret, Until, Value, Wanted
from connectors.ensure import apply, plan, plan_absent
from connectors.errors import Conflict, Denied, Invalid, Unavailable, Unknown
from connectors.memory import Memory, forget, store
from connectors.registry import open_resource
from tests.connectors.examples import make, noah

MARKER = "ordna:11111111-1111-4111-8111-111111111111"


class Card(Wanted):
    """A door card."""

    number: str = Key("Number")
    holder: str | None = Value("Holder", needed=True)
    colour: str | None = Once("Colour")
    pin: str | None = Secret("PIN", needed=False)
    until: dt.date | None = Until("Last day")
    zones: tuple[str, ...] | None = Value("Zones")


class Letter(Wanted):
    """A letter that cannot be called back."""

    is_one_shot = True

    to: str = Key("To")


class Doors(Connector):
    """Cards in a dictionary; `keeps` says what it makes of a value."""

    title = "Doors"
    kinds = (Card, Letter)

    def __init__(self) -> None:
        super().__init__("doors", {}, {})
        self.cards: dict[str, dict[str, Any]] = {}
        self.sent: list[str] = []
        self.marker = ""
        self.accepts_holder = True

    def find(self, wanted: Wanted) -> Found | None:
        """Look in the dictionary."""
        row = self.cards.get(wanted.key)
        return Found(wanted.key, wanted.key, row, self.marker) if row is not None else None

    def create(self, wanted: Wanted, marker: str) -> None:
        """Put it in."""
        if isinstance(wanted, Letter):
            self.sent.append(wanted.to)
            raise Unknown("lost")
        self.marker = marker
        self.cards[wanted.key] = {k: v for k, v in wanted.mentioned().items() if k != "pin"}

    def update(self, found: Found, wanted: Wanted, changes: Mapping[str, Any]) -> None:
        """Change it, or only say so."""
        kept = {k: v for k, v in changes.items() if k != "holder" or self.accepts_holder}
        self.cards[found.key].update(kept)

    def delete(self, found: Found, wanted: Wanted) -> None:
        """Take it out."""
        self.cards.pop(found.key, None)


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def memory() -> Iterator[Connector]:
    forget()
    yield open_resource("staff-directory", {"connector": "memory"})
    forget()


def _ensure(connector: Connector, kind: str, wanted: dict[str, Any], **more: Any) -> Any:
    return apply(connector, plan(connector, kind, wanted, marker=MARKER, **more), MARKER)


def test_what_is_given_once_is_not_compared_afterwards(doors: Doors) -> None:
    _ensure(doors, "card", {"number": "7", "holder": "Noah", "colour": "red"})

    again = plan(doors, "card", {"number": "7", "colour": "blue"}, marker=MARKER)

    assert (doors.cards["7"]["colour"], again.action) == ("red", "nothing")


def test_a_secret_is_neither_shown_nor_read_back(doors: Doors) -> None:
    planned = plan(doors, "card", {"number": "7", "holder": "Noah", "pin": "canary-4711"}, marker=MARKER)
    outcome = apply(doors, planned, MARKER)

    everything = f"{planned!r}{planned.text()}{json.dumps(planned.to_data())}{outcome!r}"
    assert "canary-4711" not in everything
    assert "••••" in planned.text()
    assert plan(doors, "card", {"number": "7", "pin": "another"}, marker=MARKER).action == "nothing"


def test_a_list_is_the_same_in_any_order(doors: Doors) -> None:
    _ensure(doors, "card", {"number": "7", "holder": "Noah", "zones": ["a", "b"]})

    assert plan(doors, "card", {"number": "7", "zones": ["b", "a"]}, marker=MARKER).action == "nothing"
    assert plan(doors, "card", {"number": "7", "zones": []}, marker=MARKER).differences[0].before == (
        "a",
        "b",
    )


def test_the_key_may_be_left_to_the_caller(doors: Doors) -> None:
    _ensure(doors, "card", {"number": "7", "holder": "Noah"})

    planned = plan(doors, "card", {"until": "2027-08-31"}, marker=MARKER, key="7")

    assert [(d.field, d.after) for d in planned.differences] == [("until", dt.date(2027, 8, 31))]
    assert apply(doors, planned, MARKER).values["until"] == "2027-08-31"


def test_what_cannot_be_made_without_is_named(doors: Doors) -> None:
    with pytest.raises(Invalid) as refused:
        plan(doors, "card", {"number": "7"}, marker=MARKER)

    assert refused.value.field == "holder"


def test_what_is_needed_cannot_be_emptied(doors: Doors) -> None:
    _ensure(doors, "card", {"number": "7", "holder": "Noah"})

    with pytest.raises(Invalid) as refused:
        plan(doors, "card", {"number": "7", "holder": ""}, marker=MARKER)

    assert refused.value.field == "holder"


def test_a_change_that_was_accepted_and_not_made_is_an_error(doors: Doors) -> None:
    _ensure(doors, "card", {"number": "7", "holder": "Noah"})
    doors.accepts_holder = False

    with pytest.raises(Invalid) as refused:
        _ensure(doors, "card", {"number": "7", "holder": "Mia"})

    assert refused.value.field == "holder"


def test_a_one_shot_call_without_an_answer_is_not_sent_again(doors: Doors) -> None:
    with pytest.raises(Unknown):
        _ensure(doors, "letter", {"to": "Mia"})

    assert doors.sent == ["Mia"]


def test_another_accounts_marker_on_the_object_we_knew_is_a_conflict(memory: Connector) -> None:
    stable_id = make(memory, "account", noah("noaost"), "ordna:somebody-else")

    planned = plan(memory, "account", {"username": "noaost"}, marker=MARKER, stable_id=stable_id)

    assert planned.action == "conflict"
    with pytest.raises(Conflict):
        apply(memory, planned, MARKER)


def test_an_account_that_was_taken_over_is_found_by_its_id(memory: Connector) -> None:
    stable_id = make(memory, "account", noah("noaost"), "by hand")

    planned = plan(
        memory, "account", {"username": "noaost", "enabled": True}, marker=MARKER, stable_id=stable_id
    )

    assert planned.action == "update"


def test_a_first_password_leaves_nothing_to_take_away(memory: Connector) -> None:
    make(memory, "account", noah("noaost"))
    wanted = {"account": {"key": "noaost"}, "password": "canary-4711"}

    made = _ensure(memory, "first-password", wanted)

    assert "canary-4711" not in str(made)
    assert plan_absent(memory, "first-password", wanted, marker=MARKER).action == "nothing"


def test_a_lost_first_password_may_be_set_again(memory: Connector) -> None:
    make(memory, "account", noah("noaost"))
    store().fail_next(Unknown("lost"), after=True)

    with pytest.raises(Unavailable):
        _ensure(memory, "first-password", {"account": "noaost", "password": "x"})


def test_a_link_that_an_earlier_try_made_is_ours(memory: Connector) -> None:
    make(memory, "account", noah("noaost"))
    make(memory, "group", {"name": "rangers"})
    link = {"account": "noaost", "group": "rangers"}
    make(memory, "membership", link)

    assert not plan(memory, "membership", link, marker=MARKER).made_by_us
    assert plan(memory, "membership", link, marker=MARKER, began=True).made_by_us


def test_walls_are_looked_at_again_right_before_the_call(memory: Connector) -> None:
    planned = plan(memory, "group", {"name": "rangers"}, marker=MARKER)
    memory.stated_walls = {"groups": ["intranet-*"]}

    with pytest.raises(Denied):
        apply(memory, planned, MARKER)

    assert store().ledger == []


def test_a_plan_can_be_kept_as_json_and_read_by_people(memory: Connector) -> None:
    make(memory, "account", noah("noaost", title="Ranger"), MARKER)

    planned = plan(memory, "account", {"username": "noaost", "title": "", "enabled": True}, marker=MARKER)

    assert json.loads(json.dumps(planned.to_data()))["differences"] == [
        {"field": "title", "label": "Title", "before": "Ranger", "after": "–"},
        {"field": "enabled", "label": "Can sign in", "before": "–", "after": "yes"},
    ]
    assert planned.text().splitlines()[0] == "Change account noaost."


def test_memory_is_a_connector_like_any_other() -> None:
    assert issubclass(Memory, Connector)
