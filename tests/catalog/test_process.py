"""What happens next in a case: the table of the architecture, line by line."""

from datetime import date

import pytest

from catalog.loader import read_item
from catalog.process import Attention, Cancel, Facts, Finish, Skip, Start, TaskView, advance, process_for
from catalog.schema import CatalogItem
from catalog.values import pack
from tests.catalog.play import Play
from tests.catalog.world import ACCOUNT, ITEM

NAMES = {
    "given_name": "Noah",
    "form": "seasonal",
    "first_day": date(2027, 6, 1),
    "last_day": date(2027, 8, 31),
    "abroad": False,
}


def item_of(steps: str, on_end: str = "") -> CatalogItem:
    """Make the small item with other steps."""
    head = ITEM[: ITEM.index("steps:")]
    return read_item(f"{head}steps:\n{steps}{on_end}")


def play(steps: str, **names: object) -> Play:
    """Begin to play an item with these steps."""
    return Play(process_for(item_of(steps)), names).go()


def account(**names: object) -> Play:
    """Begin to play the account."""
    return Play(process_for(read_item(ACCOUNT)), {**NAMES, **names}).go()


APPROVE = "  - {id: manager, approve: {by: manager, fallback: team/approval-desk}}\n"


def task(name: str, more: str = "") -> str:
    """Write a task step."""
    return f"  - {{id: {name}, task: {{team: team/caretakers, title: {name}}}{more}}}\n"


def test_a_step_waits_for_the_step_before_it() -> None:
    case = play(task("one") + task("two"))

    assert case.ready() == ["one"]
    assert case.settle("one").ready() == ["two"]


def test_a_step_with_needs_waits_for_those_only() -> None:
    case = play(task("one") + task("two") + task("three", ", needs: [one]"))

    case.settle("one")

    assert case.ready() == ["three", "two"]


def test_a_step_that_needs_nothing_begins_at_once() -> None:
    assert play(task("one") + task("two", ", needs: []")).ready() == ["one", "two"]


def test_what_a_step_refers_to_counts_as_needed() -> None:
    case = play(task("one") + task("two", ", needs: [], when: \"steps.one.state == 'done'\""))

    assert case.ready() == ["one"]
    assert case.settle("one").ready() == ["two"]


def test_everything_written_after_an_approval_waits_for_it_whatever_it_needs() -> None:
    case = play(APPROVE + task("at_once", ", needs: []"))

    assert case.ready() == ["manager"]


def test_approvals_and_reservations_may_run_beside_an_approval() -> None:
    beside = (
        "  - {id: second, approve: {by: team/service-desk, fallback: team/approval-desk}, needs: []}\n"
        '  - {id: name, reserve: {as: username, space: names, from: "{why}"}, needs: []}\n'
    )

    assert play(APPROVE + beside + task("work"), why="x").ready() == ["manager", "name", "second"]


def test_an_approval_is_skipped_only_by_its_own_rule() -> None:
    case = play(APPROVE.replace("}}\n", "}, when: \"level == 'write'\"}\n") + task("work"), level="read")

    assert case.states() == {"manager": "skipped", "work": "ready"}


def test_a_step_whose_rule_is_false_is_skipped_and_what_follows_still_runs() -> None:
    case = play(task("one", ", when: \"level == 'write'\"") + task("two"), level="read")

    assert case.log[0] == Skip("one", "", "level == 'write'")
    assert case.ready() == ["two"]


def test_what_uses_the_result_of_a_step_skipped_by_its_rule_is_skipped_too() -> None:
    group = "  - {id: group, ensure: staff-directory/group, with: {name: x}, when: \"level == 'write'\"}\n"
    uses = '  - {id: member, ensure: staff-directory/membership, with: {group: "{steps.group.key}"}}\n'
    again = "  - {id: renamed, ensure: staff-directory/group, of: group, with: {name: y}}\n"

    case = play(group + uses + again + task("last"), level="read")

    assert case.states() == {"group": "skipped", "member": "skipped", "renamed": "skipped", "last": "ready"}


def test_what_uses_a_result_that_an_agent_skipped_needs_attention() -> None:
    group = "  - {id: group, ensure: staff-directory/group, with: {name: x}}\n"
    uses = '  - {id: member, ensure: staff-directory/membership, with: {group: "{steps.group.key}"}}\n'

    case = play(group + uses).settle("group", "skipped")

    assert isinstance(case.log[-1], Attention)
    assert case.log[-1].params == {"step": "group"}
    assert case.states()["member"] == "failed"


def test_an_agent_may_skip_with_a_result_that_others_use() -> None:
    group = "  - {id: group, ensure: staff-directory/group, with: {name: x}}\n"
    uses = '  - {id: member, ensure: staff-directory/membership, with: {group: "{steps.group.key}"}}\n'

    assert play(group + uses).settle("group", "skipped", key="readers").ready() == ["member"]


def test_a_rule_that_cannot_be_decided_needs_attention_with_its_text() -> None:
    case = play(task("one", ', when: "price.once > 1000"') + task("two"), price=None)

    assert case.log == [Attention("one", "", "price.once > 1000")]
    assert case.states() == {"one": "failed"}


def test_a_failed_task_holds_its_own_branch_only() -> None:
    case = play(
        task("one")
        + task("two", ", needs: []")
        + task("three", ", needs: [one]")
        + task("four", ", needs: [two]")
    )

    case.settle("one", "failed").settle("two")

    assert case.states() == {"one": "failed", "two": "done", "four": "ready"}


def test_a_retried_attention_is_looked_at_again() -> None:
    steps = item_of(task("one", ', when: "price.once > 1000"'))
    waiting = [TaskView("one", "", "waiting")]

    assert advance(process_for(steps), Facts({"price": {"once": 2000}}), waiting) == [Start("one")]


def test_a_case_is_delivered_when_everything_is_settled() -> None:
    case = account().to_the_end()

    assert case.log[-1] == Finish("deliver")
    assert case.states() | {"travel": "skipped", "desk": "skipped"} == case.states()
    assert case.moves() == []


def test_the_form_of_employment_is_a_parameter_and_never_another_list_of_steps() -> None:
    lists = {
        form: [step.id for step in account(form=form).process.steps] for form in ("permanent", "seasonal")
    }

    assert lists["permanent"] == lists["seasonal"]
    assert account(form="permanent").settle("manager").ready() == ["desk", "name"]
    assert account(form="seasonal").settle("manager").ready() == ["name"]


def test_a_no_cancels_what_waits_and_finishes_the_case() -> None:
    beside = "  - {id: second, approve: {by: team/service-desk, fallback: team/approval-desk}, needs: []}\n"

    case = play(APPROVE + beside + task("work")).settle("manager", decision="reject")

    assert case.log[-2:] == [Cancel("second"), Finish("reject")]
    assert case.state == "rejected"


def test_a_running_task_may_finish_after_a_no() -> None:
    case = play(task("early") + APPROVE.replace("}}\n", "}, needs: []}\n") + task("late"))
    case.tasks["early", ""] = TaskView("early", "", "running")

    case.settle("manager", decision="reject")

    assert case.states() == {"early": "running", "manager": "done"}


@pytest.mark.parametrize("state", ["draft", "delivered", "rejected", "cancelled"])
def test_a_request_that_is_not_open_starts_nothing(state: str) -> None:
    process = process_for(item_of(task("one")))

    assert advance(process, Facts({}, state), []) == []


def test_a_cancelled_request_cancels_what_has_not_begun() -> None:
    process = process_for(item_of(task("one") + task("two", ", needs: []")))
    tasks = [TaskView("one", "", "ready"), TaskView("two", "", "running")]

    assert advance(process, Facts({}, "cancelled"), tasks) == [Cancel("one")]


def test_nothing_happens_while_a_case_is_sent_back() -> None:
    assert advance(process_for(item_of(task("one"))), Facts({}, held=True), []) == []


def test_a_new_round_asks_again_and_keeps_the_reserved_name() -> None:
    process = process_for(read_item(ACCOUNT))
    first = [
        TaskView("manager", "", "cancelled", round=1),
        TaskView("name", "", "done", {"value": "noah", "from": "noah"}, round=1),
    ]

    assert advance(process, Facts(NAMES, "in_approval", 2), first) == [Start("manager")]
    second = [*first, TaskView("manager", "", "done", {"decision": "approve"}, round=2)]
    assert advance(process, Facts(NAMES, "in_approval", 2), second)[0] == Start("account")


def test_a_reserved_name_is_taken_anew_when_its_candidate_changed() -> None:
    process = process_for(read_item(ACCOUNT))
    tasks = [
        TaskView("name", "", "done", {"value": "noah", "from": "noah"}, round=1),
        TaskView("manager", "", "done", {"decision": "approve"}, round=2),
    ]

    moves = advance(process, Facts({**NAMES, "given_name": "Lars"}, "in_approval", 2), tasks)

    assert moves[0] == Start("name")


def test_each_row_of_a_list_is_a_task_of_its_own_and_the_step_settles_with_the_last() -> None:
    rows = "  - {id: each, notify: beneficiary, message: ready, for_each: members}\n"
    process = process_for(item_of(rows + task("last")))
    names = {"members": [{"id": 7}, {"id": 9}]}

    assert advance(process, Facts(names), []) == [Start("each", "7"), Start("each", "9")]
    one = [TaskView("each", "7", "done"), TaskView("each", "9", "failed")]
    assert advance(process, Facts(names), one) == []
    both = [TaskView("each", "7", "done"), TaskView("each", "9", "done")]
    assert advance(process, Facts(names), both) == [Start("last")]
    assert advance(process, Facts({"members": []}), [])[0] == Skip("each", "", "members")


def test_what_a_step_set_is_known_to_later_rules_also_after_being_stored() -> None:
    kept = '  - {id: keep, set: {values: {ready_on: "{today}"}}}\n'
    case = play(
        kept + task("one", ', when: "ready_on > first_day and steps.keep.ready_on == ready_on"'),
        first_day=date(2027, 1, 1),
    )

    assert case.settle("keep", values=pack({"ready_on": date(2027, 2, 1)})).ready() == ["one"]


def test_reserved_names_and_results_are_known_to_later_rules() -> None:
    steps = (
        '  - {id: name, reserve: {as: username, space: names, from: "{why}"}}\n'
        + task("one", ", when: \"username == 'noah'\"")
        + task("two", ", when: \"steps.one.room == '12'\"")
    )
    case = play(steps, why="x").settle("name").settle("one")

    assert case.ready() == ["two"]
