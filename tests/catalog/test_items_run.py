"""Every shipped item runs to its end: ordered, paused and taken up again, and ended."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from catalog.loader import read_item
from catalog.process import Facts, Finish, Process, Skip, Start, TaskView, advance, process_for
from catalog.schema import CatalogItem, Question
from catalog.steps import Ensure, Reserve, Task
from tests.catalog.test_items import FILES, lists

ORDERABLE = [file for file in FILES if "\nsteps:\n" in file.read_text("utf-8")]
UNIT = {
    "id": 4,
    "name": "Naturvård",
    "code": "n",
    "group": "enhet-n",
    "cost_centre": "41200",
    "domain": "lan.example",
}
NOAH: dict[str, Any] = {
    "id": 7,
    "name": "Noah Öst",
    "given_name": "Noah",
    "surname": "Öst",
    "mail": "noah.ost@lan.example",
    "title": "handläggare",
    "unit": UNIT,
    "roles": ["employee"],
    "accounts": {"staff-directory": "noaost"},
}
MIA = {**NOAH, "id": 8, "name": "Mia Ek", "roles": ["employee", "manager"]}


def sample(question: Question) -> Any:
    """An answer that somebody could give."""
    match question.type:
        case "choice" if question.list:
            return dict(lists()[question.list][0])
        case "choice":
            return {"value": question.choices[0].value, "label": question.choices[0].shown("sv")}
        case "person":
            return NOAH
        case "people":
            return [NOAH]
        case "unit":
            return UNIT
        case "date":
            return date(2027, 6, 1)
        case "number":
            return 1
        case "yes_no":
            return True
        case "holding":
            return {"id": 3, "title": "Jakt", "values": {"owner": MIA, "group_name": "brev-jakt"}}
    return "Öst"


def names_of(item: CatalogItem, **answers: Any) -> dict[str, Any]:
    given = {question.name: sample(question) for question in item.questions if question.asks}
    employment = {
        "form": "fixed_term",
        "starts_on": date(2026, 9, 1),
        "ends_on": date(2027, 3, 31),
        "unit": UNIT,
    }
    return {
        **given,
        "me": MIA,
        "requester": MIA,
        "beneficiary": NOAH,
        "unit": UNIT,
        "employment": employment,
        "leave": None,
        "price": {"once": 1890, "monthly": 890},
        "policy": {"grace": 90},
        "today": date(2026, 11, 22),
        **answers,
    }


def result_of(step: Any) -> Mapping[str, Any]:
    match step.spec:
        case Reserve():
            return {"value": "noaost"}
        case Ensure():
            return {
                "id": 1,
                "key": "noaost",
                "stable_id": "s",
                "resource": step.spec.resource,
                "kind": step.spec.object_kind,
            }
        case Task():
            return {
                result.name: result.choices[0].value if result.choices else "x"
                for result in step.spec.results
            }
    return {"decision": "approve"} if step.kind == "approve" else {}


def run(process: Process, names: Mapping[str, Any]) -> tuple[list[str], list[TaskView]]:
    """Settle whatever may be started until the request closes; return the steps in the order they began."""
    begun: list[str] = []
    tasks: list[TaskView] = []
    for _ in range(100):
        for move in advance(process, Facts(names), tasks):
            match move:
                case Finish(state="deliver"):
                    return begun, tasks
                case Skip(step=step, row=row):
                    tasks.append(TaskView(step, row, "skipped", skipped_by="rule"))
                case Start(step=step, row=row):
                    written = process.step(step)
                    assert written is not None
                    begun.append(step)
                    tasks.append(TaskView(step, row, "done", result_of(written.step)))
                case _:
                    raise AssertionError(f"{move} after {begun}")
    raise AssertionError(f"never closed after {begun}")


def done_of(process: Process, tasks: list[TaskView]) -> list[dict[str, Any]]:
    done = []
    for task in tasks:
        written = process.step(task.step)
        assert written is not None
        spec = written.step.spec
        target = f"{spec.resource}/{spec.object_kind}" if isinstance(spec, Ensure) else ""
        done.append(
            {
                "step": task.step,
                "row": task.row,
                "kind": written.step.kind,
                "resource": target,
                "state": task.state,
                "skipped_by": task.skipped_by,
                "result": task.result,
                "account": 1 if target and task.state == "done" else None,
            }
        )
    return done


ONCE = frozenset({"staff-directory/first-password"})


@pytest.mark.parametrize("file", ORDERABLE, ids=lambda file: file.stem)
def test_an_order_and_what_follows_it_come_to_their_end(file: Any) -> None:
    item = read_item(file.read_text("utf-8"))
    names = names_of(item)
    order = process_for(item, "deliver", (), names, once=ONCE)

    begun, tasks = run(order, names)
    done = done_of(order, tasks)
    later = [
        run(process_for(item, purpose, done, names, once=ONCE), names)[0]
        for purpose in ("suspend", "resume", "end")
    ]

    assert begun
    assert (not item.on_end) or later[2]


def begun_for(item_id: str, purpose: Any = "deliver", done: Any = (), **answers: Any) -> list[str]:
    item = read_item(next(file for file in FILES if file.stem == item_id).read_text("utf-8"))
    names = names_of(item, **answers)
    return run(process_for(item, purpose, done, names, once=ONCE), names)[0]


def test_a_seasonal_worker_in_the_field_needs_no_caretaker() -> None:
    begun = begun_for("employee-account", form={"value": "seasonal"}, workplace={"value": "field"})

    assert begun == [
        "manager",
        "name",
        "address",
        "account",
        "own_address",
        "unit_group",
        "everyone",
        "password",
        "first",
        "enabled",
        "tell_manager",
        "welcome",
    ]


def test_somebody_with_a_desk_gets_a_key_while_the_account_is_made() -> None:
    begun = begun_for("employee-account", form={"value": "permanent"}, workplace={"value": "sjomark"})

    assert begun.index("place") < begun.index("first")


def test_an_extended_season_asks_the_cost_centre_only_beyond_nine_months() -> None:
    season = {"form": "seasonal", "starts_on": date(2026, 9, 1), "ends_on": date(2027, 3, 31), "unit": UNIT}
    extend = {"what": {"value": "extend"}, "employment": season, "mailbox_to": None, "stand_in": None}

    short = begun_for("change-employment", new_last_day=date(2027, 5, 31), **extend)
    long = begun_for("change-employment", new_last_day=date(2027, 6, 30), **extend)

    assert short == ["manager", "last_day", "tell_extended"]
    assert long == ["manager", "cost", "last_day", "tell_extended"]


def test_accessories_are_approved_from_a_thousand() -> None:
    assert begun_for("accessory", price={"once": 690, "monthly": 0}) == ["pick", "tell"]
    assert begun_for("accessory", price={"once": 1890, "monthly": 0}) == ["manager", "pick", "tell"]


def test_a_loan_of_two_weeks_asks_nobody() -> None:
    day = date(2027, 6, 1)

    assert begun_for("loan-equipment", from_day=day, to_day=date(2027, 6, 15)) == ["handout", "tell"]
    assert begun_for("loan-equipment", from_day=day, to_day=date(2027, 6, 16)) == [
        "manager",
        "handout",
        "tell",
    ]


def test_work_from_abroad_also_asks_it_security() -> None:
    assert begun_for("remote-work", from_where={"value": "home"}) == ["manager", "vpn", "guide"]
    assert begun_for("remote-work", from_where={"value": "abroad"}) == ["manager", "security", "vpn", "guide"]


def test_a_kept_phone_is_not_paused_during_leave() -> None:
    item = read_item(next(file for file in FILES if file.stem == "mobile-subscription").read_text("utf-8"))
    names = names_of(item)
    order = process_for(item, "deliver", (), names, once=ONCE)
    done = done_of(order, run(order, names)[1])

    kept = begun_for("mobile-subscription", "suspend", done, leave={"keep_phone": True})
    left = begun_for("mobile-subscription", "suspend", done, leave={"keep_phone": False})

    assert (kept, left) == ([], ["paused"])
