"""Which steps the later life of a holding has: extend, change, pause, resume, end, undo."""

from typing import Any

import pytest

from catalog.loader import read_item
from catalog.objects import Purpose
from catalog.process import Attention, Facts, Process, Start, advance, process_for
from catalog.schema import CatalogItem
from tests.catalog.play import Play
from tests.catalog.test_process import NAMES
from tests.catalog.world import ACCOUNT, ONCE

ITEM = read_item(ACCOUNT)
FOLDED = {
    "username": "{username}",
    "given_name": "{given_name}",
    "surname": "X",
    "enabled": True,
    "expires_on": "{last_day}",
}


def delivered(until: str = "", **names: Any) -> list[dict[str, Any]]:
    """Play the order, to its end or until a step, and give what it settled."""
    case = Play(process_for(ITEM), {**NAMES, **names}).go()
    while case.ready() and until not in case.ready():
        case.settle(case.ready()[0])
    return case.done()


def later(
    purpose: Purpose,
    done: list[dict[str, Any]],
    *,
    item: CatalogItem = ITEM,
    suspended: bool = False,
    **names: Any,
) -> Process:
    """Give the process of a later request."""
    return process_for(item, purpose, done, {**NAMES, **names}, suspended, once=ONCE)


def wanted(process: Process) -> dict[str, Any]:
    """Give what each step wants."""
    return {step.id: dict(step.wanted) if step.wanted is not None else None for step in process.steps}


@pytest.mark.parametrize("purpose", ["extend", "resume", "change"])
def test_what_was_done_is_folded_into_one_wanted_state_per_object(purpose: Purpose) -> None:
    process = later(purpose, delivered())

    assert wanted(process) == {
        "account": FOLDED,
        "readers": {"account": "{steps.account}", "group": "readers"},
    }
    assert [(step.whole, step.account) for step in process.steps] == [
        (True, "account-of-account"),
        (True, "account-of-readers"),
    ]
    assert process.needs == {"account": frozenset(), "readers": {"account"}}


def test_an_account_that_is_not_yet_open_stays_so_when_extended() -> None:
    process = later("extend", delivered(until="first"))

    assert wanted(process)["account"] == {**FOLDED, "enabled": False}


def test_a_kind_marked_once_is_never_folded() -> None:
    assert "password" not in wanted(later("extend", delivered()))


def test_while_suspended_nothing_is_opened_by_an_extension() -> None:
    assert wanted(later("extend", delivered(), suspended=True))["account"] == {**FOLDED, "enabled": False}


def test_resuming_opens_what_was_open() -> None:
    assert wanted(later("resume", delivered(), suspended=True))["account"] == FOLDED


def test_a_change_looks_again_at_what_was_skipped_by_its_rule() -> None:
    done = delivered(abroad=False)

    assert "travel" not in wanted(later("extend", done, abroad=True))
    assert wanted(later("change", done, abroad=True))["travel"] == {
        "account": "{steps.account}",
        "group": "travel",
    }


def test_a_change_takes_away_what_its_rule_no_longer_gives() -> None:
    process = later("change", delivered(abroad=True), abroad=False)

    gone = process.step("gone_travel")
    assert gone is not None
    assert (gone.step.kind, gone.object, gone.account) == ("absent", "travel", "account-of-travel")
    assert "gone_travel" not in wanted(later("extend", delivered(abroad=True), abroad=False))


def test_what_a_change_took_away_is_not_taken_away_again() -> None:
    done = delivered(abroad=True)
    done += [{"step": "gone_travel", "state": "done", "kind": "absent", "account": "account-of-travel"}]

    assert "gone_travel" not in wanted(later("change", done, abroad=False))
    assert "travel" in wanted(later("change", done, abroad=True))


def test_a_fold_whose_rule_cannot_be_decided_needs_attention() -> None:
    text = ACCOUNT.replace("when: abroad", "when: 'days(first_day, last_day) > 30'")
    done = delivered(abroad=True)

    process = later("extend", done, item=read_item(text), last_day=None)

    moves = advance(process, Facts({**NAMES, "last_day": None}), [])
    assert moves == [Start("account"), Attention("travel", "", "days(first_day, last_day) > 30")]


def test_steps_of_its_own_run_after_the_fold() -> None:
    text = ACCOUNT + "on_extend:\n  - {id: told, notify: beneficiary, message: ready, needs: []}\n"

    process = later("extend", delivered(), item=read_item(text))

    assert process.needs["told"] == {"account", "readers"}


def test_pausing_turns_off_what_can_be_on() -> None:
    process = later("suspend", delivered())

    assert wanted(process) == {"account": {"enabled": False}}
    assert process.steps[0].account == "account-of-account"
    assert not process.steps[0].whole


def test_an_items_own_way_to_pause_replaces_the_default() -> None:
    away = ACCOUNT + "on_suspend:\n  - {id: paused, absent: staff-directory/membership, of: readers}\n"

    assert list(wanted(later("suspend", delivered(), item=read_item(away)))) == ["paused"]
    assert later("suspend", delivered(), item=read_item(ACCOUNT + "on_suspend: []\n")).steps == ()


def test_the_end_takes_away_what_nobody_named_last_made_first_before_the_first_absent() -> None:
    process = later("end", delivered(abroad=True))

    assert [step.id for step in process.steps] == ["closed", "grace", "gone_travel", "gone_readers", "gone"]
    assert process.needs["gone_travel"] == {"grace"}
    assert process.needs["gone_readers"] == {"gone_travel"}
    assert process.needs["gone"] == {"gone_readers", "gone_travel"}


def test_the_end_takes_away_only_what_was_made() -> None:
    assert [step.id for step in later("end", delivered(until="readers")).steps] == ["closed", "grace", "gone"]


def test_what_an_on_end_step_means_is_skipped_when_it_was_never_made() -> None:
    case = Play(later("end", delivered(until="account")), NAMES).to_the_end()

    assert case.states() == {"closed": "skipped", "grace": "done", "gone": "skipped"}


def test_what_has_gone_already_is_not_taken_away_again() -> None:
    done = delivered()
    done += [{"step": "gone_readers", "state": "done", "kind": "absent", "account": "account-of-readers"}]

    assert [step.id for step in later("end", done).steps] == ["closed", "grace", "gone"]


def test_what_came_back_by_an_extension_is_taken_away_again() -> None:
    done = delivered()
    done += [{"step": "gone_readers", "state": "done", "kind": "absent", "account": "account-of-readers"}]
    done += [{"step": "readers", "state": "done", "kind": "ensure", "account": "account-of-readers"}]

    assert [step.id for step in later("end", done).steps] == ["closed", "grace", "gone_readers", "gone"]


def test_undoing_takes_away_what_was_made_and_waits_for_nothing() -> None:
    process = later("undo", delivered(until="first"))

    assert [step.id for step in process.steps] == ["closed", "gone_readers", "gone"]
    assert process.needs["gone"] == {"closed", "gone_readers"}
    assert later("undo", delivered(until="account")).steps == ()


def test_another_items_object_is_never_taken_away() -> None:
    text = ACCOUNT[: ACCOUNT.index("on_end:")].replace(
        "  - {id: tell,",
        "  - {id: phone, ensure: staff-directory/account, of: beneficiary, with: {phone: '1'}}\n"
        "  - {id: tell,",
    )
    item = read_item(text)
    done = [
        {"step": "phone", "state": "done", "kind": "ensure", "account": "theirs"},
        {"step": "readers", "state": "done", "kind": "ensure", "account": "ours"},
    ]

    assert [step.id for step in later("end", done, item=item).steps] == ["gone_readers"]
    assert wanted(later("extend", done, item=item))["phone"] == {"phone": "1"}


def test_an_on_step_means_the_only_object_of_its_kind_without_saying_so() -> None:
    text = ACCOUNT.replace("absent: staff-directory/account, of: account", "absent: staff-directory/account")

    process = later("end", delivered(), item=read_item(text))

    assert [step.object for step in process.steps][-1] == "account"
