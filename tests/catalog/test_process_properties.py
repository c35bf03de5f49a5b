"""What is true of every process, whatever its steps and whatever order people and systems work in."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.process import Facts, Process, Start, TaskView, advance, process_for
from catalog.schema import CatalogItem, Step
from catalog.steps import KINDS
from catalog.texts import Texts
from tests.catalog.play import RESULTS, Play

EFFECTS = frozenset(kind for kind, spec in KINDS.items() if spec.effect)
FREE = frozenset(kind for kind, spec in KINDS.items() if spec.gate_free)
WHENS = ("", "", "", "yes", "no", "level == 'high'", "number > 3")
NAMES = {"yes": True, "no": False, "level": "high", "number": 5}
TEXT = {"sv": "A"}


def written(kind: str, number: int, used: str | None) -> dict[str, Any]:
    """Write a step of a kind; `used` names a step whose result it uses."""
    of = {"with": {"name": f"{{steps.{used}.key}}"}} if used else {"with": {"name": "x"}}
    kinds: dict[str, dict[str, Any]] = {
        "approve": {"approve": {"by": "manager", "fallback": "team/desk"}},
        "task": {"task": {"team": "team/desk", "title": TEXT}},
        "ensure": {"ensure": "directory/group", **of},
        "notify": {"notify": "beneficiary", "message": "ready"},
        "wait": {"wait": {"days": 1}},
        "reserve": {"reserve": {"as": f"name_{number}", "space": "names", "from": "x"}},
        "set": {"set": {"values": {f"value_{number}": "1"}}},
    }
    return kinds[kind]


@st.composite
def items(draw: st.DrawFn) -> CatalogItem:
    """Draw an item whose steps need and use earlier ones in any way that can be written."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(
            st.sampled_from(("approve", "task", "ensure", "ensure", "notify", "wait", "reserve", "set"))
        )
        earlier = [step.id for step in steps]
        makers = [step.id for step in steps if step.kind == "ensure"]
        used = draw(st.sampled_from([None, *makers])) if kind == "ensure" else None
        raw: dict[str, Any] = {"id": f"s{number}", **written(kind, number, used)}
        if draw(st.booleans()):
            raw["needs"] = tuple(draw(st.lists(st.sampled_from(earlier), unique=True))) if earlier else ()
        raw["when"] = draw(st.sampled_from(WHENS))
        steps.append(Step.model_validate(raw))
    text = Texts(root=TEXT)
    return CatalogItem(id="any", title=text, summary=text, category="c", owner="team/t", steps=tuple(steps))


def settled(process: Process, step: str, decision: str = "approve") -> TaskView:
    """Settle a step."""
    found = process.step(step)
    assert found is not None
    result = dict(RESULTS.get(found.step.kind, {"key": "k", "id": step}))
    if found.step.kind == "approve":
        result = {"decision": decision}
    return TaskView(step, "", "done", result)


@settings(deadline=None, max_examples=150)
@given(items(), st.randoms(use_true_random=False))
def test_if_every_ready_task_settles_the_request_ends(item: CatalogItem, chance: Any) -> None:
    case = Play(process_for(item), NAMES).to_the_end(lambda ready: chance.choice(list(ready)))

    assert case.state == "delivered"
    assert set(case.states()) == {step.id for step in item.steps}
    assert set(case.states().values()) <= {"done", "skipped"}


@settings(deadline=None, max_examples=100)
@given(items(), st.randoms(use_true_random=False), st.integers(0, 8))
def test_the_same_settled_tasks_give_the_same_moves_in_any_order(
    item: CatalogItem, chance: Any, count: int
) -> None:
    case = Play(process_for(item), NAMES).go()
    for _ in range(count):
        if case.ready():
            case.settle(chance.choice(case.ready()))
    tasks = [task for task in case.tasks.values() if task.state in ("done", "skipped")]
    shuffled = chance.sample(tasks, len(tasks))
    facts = Facts(NAMES, "in_delivery")

    moves = advance(case.process, facts, tasks)

    assert advance(case.process, facts, shuffled) == moves
    assert advance(case.process, facts, [*tasks, *shuffled]) == moves
    assert advance(case.process, facts, reversed(tasks)) == moves


@settings(deadline=None, max_examples=100)
@given(items(), st.randoms(use_true_random=False))
def test_whatever_the_order_of_work_the_same_is_done_and_skipped(item: CatalogItem, chance: Any) -> None:
    first = Play(process_for(item), NAMES).to_the_end()
    other = Play(process_for(item), NAMES).to_the_end(lambda ready: chance.choice(list(ready)))

    assert first.states() == other.states()


@settings(deadline=None, max_examples=100)
@given(items(), st.randoms(use_true_random=False), st.integers(0, 8))
def test_nothing_starts_after_closing(item: CatalogItem, chance: Any, count: int) -> None:
    case = Play(process_for(item), NAMES).go()
    for _ in range(count):
        if case.ready():
            case.settle(chance.choice(case.ready()))

    for state in ("rejected", "cancelled", "delivered"):
        moves = advance(case.process, Facts(NAMES, state), list(case.tasks.values()))
        assert [move for move in moves if isinstance(move, Start)] == []


@settings(deadline=None, max_examples=150)
@given(items(), st.randoms(use_true_random=False))
def test_no_effect_begins_without_every_yes_above_it_that_its_own_rule_asks_for(
    item: CatalogItem, chance: Any
) -> None:
    case = Play(process_for(item), NAMES).go()
    order = [step.id for step in item.steps]
    while True:
        for (name, _), task in case.tasks.items():
            step = item.step(name)
            if task.state not in ("ready", "running", "done") or step is None or step.kind in FREE:
                continue
            above = [
                item.steps[index] for index in range(order.index(name)) if item.steps[index].kind == "approve"
            ]
            states = {approve.id: case.states().get(approve.id) for approve in above}
            assert set(states.values()) <= {"done", "skipped"}, (name, states)
        if not case.ready():
            break
        case.settle(chance.choice(case.ready()))


@settings(deadline=None, max_examples=100)
@given(items(), st.randoms(use_true_random=False))
def test_after_a_no_nothing_more_begins_and_the_request_is_closed(item: CatalogItem, chance: Any) -> None:
    case = Play(process_for(item), NAMES).go()
    while case.ready():
        name = chance.choice(case.ready())
        step = item.step(name)
        if step is not None and step.kind == "approve":
            before = set(case.states())
            case.settle(name, decision="reject")
            assert case.state == "rejected"
            assert set(case.states()) == before
            assert case.ready() == []
            return
        case.settle(name)


@settings(deadline=None, max_examples=100)
@given(items(), st.randoms(use_true_random=False), st.integers(0, 8))
def test_twice_is_once(item: CatalogItem, chance: Any, count: int) -> None:
    case = Play(process_for(item), NAMES).go()
    for _ in range(count):
        if case.ready():
            case.settle(chance.choice(case.ready()))

    assert case.moves() == []
    starts = [(move.step, move.row) for move in case.log if isinstance(move, Start)]
    assert len(starts) == len(set(starts))


def played(item: CatalogItem, order: Sequence[int]) -> Play:
    """Play an item, picking by numbers."""
    turns = iter(order)
    return Play(process_for(item), NAMES).to_the_end(lambda ready: ready[next(turns, 0) % len(ready)])


@settings(deadline=None, max_examples=60)
@given(items(), st.lists(st.integers(0, 7), max_size=8))
def test_what_was_made_is_taken_away_at_the_end_once_each(item: CatalogItem, order: list[int]) -> None:
    case = played(item, order)
    made = [step for step, task in case.states().items() if task == "done" and item.step(step) in item.steps]
    makers = [name for name in made if (step := item.step(name)) is not None and step.kind == "ensure"]

    ending = process_for(item, "end", case.done(), NAMES)

    assert sorted(step.object for step in ending.steps) == sorted(makers)
    assert Play(ending, NAMES).to_the_end().state == "delivered"
