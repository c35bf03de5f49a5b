"""The process as a pure function: which steps a request has, and what happens next.

`process_for(item, purpose, done, names, suspended)` says which steps a request has; `advance(process,
facts, tasks)` what happens next. Nothing here knows a database or a clock: live cases, trying out, replay
and property tests all call them.

Shapes, all plain data that can be stored as JSON (days and money through `catalog.values.pack`):

- `done`: what earlier requests of the same holding settled, oldest first, each `{"step", "row", "kind",
  "resource", "state", "skipped_by", "result", "account"}`. `kind` is the step kind, `resource` the
  "resource/kind" of an ensure or absent ("" for others), `state` is `done` or `skipped`, `skipped_by` is
  "rule" or "agent", `account` the id of our account row or None. Only `step` and `state` must be there.
- `names`: the names of catalog/README.md: answers, people, `today` … Hidden and unanswered ones are None.
- a step's result: approve `{"decision": "approve" | "reject"}`, reserve `{"value": …, "from": the first
  candidate}`, task its result fields, ensure `{"id": the account row's, "key", "stable_id", "resource",
  "kind", "values"}`, set its `values`.

A task that waits for a yes, a day or a hand is *ready* or *running*; `waiting` is the same as no task. What
is skipped by its rule is told by Skip; the caller writes the row, and says `skipped_by="rule"` for it ever
after.
"""

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import rules
from catalog.fold import steps_for
from catalog.moves import Attention, Cancel, Facts, Finish, Move, Skip, Start, TaskView
from catalog.objects import Done, Purpose, Written
from catalog.placeholders import render
from catalog.problems import N_
from catalog.references import bound, needs_of, result_steps
from catalog.schema import CatalogItem, Step
from catalog.steps import Reserve
from catalog.values import plain, unpack

OPEN = frozenset({"in_approval", "in_delivery"})
SETTLED = frozenset({"done", "skipped"})
NO_RESULT = N_("This step uses the result of “%(step)s”, which was skipped without one.")


ProcessStep = Written

__all__ = [
    "Attention", "Cancel", "Facts", "Finish", "Move", "Process", "ProcessStep", "Purpose", "Skip", "Start",
    "TaskView", "advance", "names_of", "process_for",
]  # fmt: skip


@dataclass(frozen=True)
class Process:
    """The steps of one request, what each stands on, and what was settled before it."""

    purpose: Purpose
    steps: tuple[ProcessStep, ...]
    needs: Mapping[str, frozenset[str]]
    done: tuple[Done, ...] = ()

    def step(self, step_id: str) -> ProcessStep | None:
        """Find a step of this process."""
        return next((step for step in self.steps if step.id == step_id), None)


def process_for(
    item: CatalogItem,
    purpose: Purpose = "deliver",
    done: Sequence[Mapping[str, Any]] = (),
    names: Mapping[str, Any] | None = None,
    suspended: bool = False,
    *,
    once: Collection[str] = (),
) -> Process:
    """Say which steps a request has. `once` holds the "resource/kind" of kinds marked once."""
    past = tuple(Done.of(record) for record in done)
    known = names_with(names or {}, past, (), item.all_steps())
    steps = steps_for(item, purpose, past, known, suspended=suspended, once=frozenset(once))
    needs = needs_of([written.step for written in steps])
    needs = {written.id: needs[written.id] | written.after for written in steps}
    return Process(purpose, tuple(steps), needs, past)


def names_of(process: Process, facts: Facts, tasks: Iterable[TaskView]) -> Mapping[str, Any]:
    """Give all names a rule or placeholder can use: the facts', and what the steps have given."""
    settled = current(process, facts, tasks).values()
    return names_with(facts.names, process.done, settled, [written.step for written in process.steps])


def names_with(
    names: Mapping[str, Any], done: Iterable[Done], tasks: Iterable[TaskView], steps: Iterable[Step]
) -> Mapping[str, Any]:
    """Add to names what settled steps have given. Names that are looked up late are still looked up late."""
    by_id = {step.id: step for step in steps}
    unknown: dict[str, Any] = {name: None for step in by_id.values() for name in bound(step)}
    given: dict[str, Any] = {}
    results: dict[str, Any] = dict.fromkeys(by_id)
    settled: Iterable[Done | TaskView] = (*done, *tasks)
    for each in settled:
        if each.state not in SETTLED or each.row:
            continue
        result = unpack(each.result)
        values = result.get("values")
        inner = values if isinstance(values, Mapping) else {}
        results[each.step] = {**inner, **result, "state": each.state}
        if each.state == "done" and each.step in by_id:
            found = _given(by_id[each.step], result)
            given.update({name: value for name, value in found.items() if value is not None})
    return _layered({"steps": results, **given}, names, unknown)


def _layered(*layers: Mapping[str, Any]) -> Mapping[str, Any]:
    return ChainMap(*layers)  # type: ignore[arg-type]  # only ever read


def _given(step: Step, result: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(step.spec, Reserve):
        return {step.spec.as_: result.get("value")}
    values = result.get("values")
    return {name: values.get(name) for name in bound(step)} if isinstance(values, Mapping) else {}


def current(process: Process, facts: Facts, tasks: Iterable[TaskView]) -> dict[tuple[str, str], TaskView]:
    """Pick the tasks that count in this round: its own, and names reserved in earlier ones."""
    picked: dict[tuple[str, str], TaskView] = {}
    for task in sorted(tasks, key=lambda task: task.round):
        if task.round == facts.round or (task.round < facts.round and _kept(process, facts, task)):
            picked[task.step, task.row] = task
    return picked


def _kept(process: Process, facts: Facts, task: TaskView) -> bool:
    """Tell whether a name reserved in an earlier round is still the one that would be asked for."""
    written = process.step(task.step)
    if written is None or not isinstance(written.step.spec, Reserve) or task.state != "done":
        return False
    return "from" not in task.result or task.result["from"] == render(written.step.spec.from_, facts.names)


def advance(process: Process, facts: Facts, tasks: Iterable[TaskView]) -> list[Move]:
    """Say what happens next. Skips are followed to their end; calling again without change gives the same."""
    tasks = list(tasks)
    if facts.state not in OPEN:
        return _closing(facts, tasks)
    if facts.held:
        return []
    board = _Board(process, facts, current(process, facts, tasks))
    if board.rejected():
        return [*_cancels(tasks), Finish("reject")]
    return board.moves()


def _closing(facts: Facts, tasks: Iterable[TaskView]) -> list[Move]:
    return list(_cancels(tasks)) if facts.state in {"rejected", "cancelled"} else []


def _cancels(tasks: Iterable[TaskView]) -> list[Move]:
    waiting = {(task.step, task.row) for task in tasks if task.state in {"waiting", "ready"}}
    return [Cancel(step, row) for step, row in sorted(waiting)]


class _Board:
    """The state of one request while its next moves are looked for."""

    def __init__(self, process: Process, facts: Facts, tasks: dict[tuple[str, str], TaskView]) -> None:
        self.process, self.facts = process, facts
        self.tasks = {key: task for key, task in tasks.items() if task.state != "waiting"}
        self.given = names_of(process, facts, tasks.values())
        self.past = {record.step: record for record in process.done if not record.row}
        self.told: dict[tuple[str, str], Move] = {}

    def rejected(self) -> bool:
        """Tell whether somebody has said no."""
        approvals = {step.id for step in self.process.steps if step.step.kind == "approve"}
        return any(
            task.step in approvals and task.state == "done" and task.result.get("decision") == "reject"
            for task in self.tasks.values()
        )

    def moves(self) -> list[Move]:
        """Look at each step in the order written until nothing more follows."""
        looked = True
        while looked:
            looked = False
            for written in self.process.steps:
                looked = self._look(written) or looked
        if self.told:
            return self._in_order()
        settled = all(self.is_settled(step.id) for step in self.process.steps)
        return [Finish("deliver")] if settled else []

    def _in_order(self) -> list[Move]:
        places = {written.id: index for index, written in enumerate(self.process.steps)}
        return [
            move
            for _, move in sorted(self.told.items(), key=lambda entry: (places[entry[0][0]], entry[0][1]))
        ]

    def is_settled(self, step_id: str) -> bool:
        """Tell whether a step is done or skipped, all its rows counted."""
        written = self.process.step(step_id)
        if written is None:
            return True
        rows = self._rows(written)
        return rows is not None and all(self._row_settled(step_id, row) for row in rows or [""])

    def _row_settled(self, step_id: str, row: str) -> bool:
        task = self.tasks.get((step_id, row))
        return (task is not None and task.state in SETTLED) or isinstance(self.told.get((step_id, row)), Skip)

    def _rows(self, written: ProcessStep) -> list[str] | None:
        """List the rows of a step; None while they cannot be known, [] when there are none."""
        if not written.step.for_each:
            return [written.row]
        if not all(self.is_settled(needed) for needed in self.process.needs[written.id]):
            return None
        return [
            row_key(value, index) for index, value in enumerate(self.given.get(written.step.for_each) or ())
        ]

    def _look(self, written: ProcessStep) -> bool:
        if not all(self.is_settled(needed) for needed in self.process.needs[written.id]):
            return False
        rows = self._rows(written)
        if rows is None:
            return False
        values = (
            dict(zip(rows, self.given.get(written.step.for_each) or (), strict=False))
            if written.step.for_each
            else {}
        )
        looked = False
        for row in rows or [""]:
            key = (written.id, row)
            if key not in self.tasks and key not in self.told:
                self.told[key] = (
                    self._decide(written, row, values.get(row))
                    if rows
                    else Skip(written.id, "", written.step.for_each or "")
                )
                looked = True
        return looked

    def _decide(self, written: ProcessStep, row: str, value: Any) -> Move:
        if written.undecided:
            return Attention(written.id, row, written.undecided)
        lacking = None if written.whole else self._without_result(written)
        if lacking is not None:
            return (
                lacking
                if isinstance(lacking, Skip)
                else Attention(written.id, row, NO_RESULT, {"step": lacking})
            )
        names = _layered({"row": value}, self.given) if written.step.for_each else self.given
        try:
            if not rules.holds(written.when, names):
                return Skip(written.id, row, written.when)
        except rules.Undecidable as error:
            return Attention(written.id, row, error.rule)
        return Start(written.id, row)

    def _without_result(self, written: ProcessStep) -> Skip | str | None:
        """Look for a used result that does not exist: skipped by rule skips, skipped by an agent fails."""
        for used in sorted(result_steps(written.step)):
            state, by, result = self._outcome(used)
            if state == "skipped" and by == "agent":
                if not result:
                    return used
            elif state != "done":
                return Skip(written.id, written.row, f"steps.{used}")
        return None

    def _outcome(self, step_id: str) -> tuple[str, str, Mapping[str, Any]]:
        if self.process.step(step_id) is not None:
            task = self.tasks.get((step_id, ""))
            if task is not None:
                return task.state, task.skipped_by, task.result
            if isinstance(self.told.get((step_id, "")), Skip):
                return "skipped", "rule", {}
            rows = [task for (step, _), task in self.tasks.items() if step == step_id]
            return ("done", "", {}) if rows else ("skipped", "rule", {})
        past = self.past.get(step_id)
        return (past.state, past.skipped_by, past.result) if past else ("", "", {})


def row_key(value: Any, index: int) -> str:
    """Name a row so that it keeps its name when others come and go."""
    value = plain(value)
    if isinstance(value, Mapping):
        value = value.get("id", index)
    return str(value)
