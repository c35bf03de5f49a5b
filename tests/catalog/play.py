"""Runs a process without a portal: whatever starts is settled by the test, in the order it likes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.process import Attention, Cancel, Facts, Finish, Move, Process, Skip, Start, TaskView, advance

Key = tuple[str, str]

RESULTS: Mapping[str, Mapping[str, Any]] = {
    "approve": {"decision": "approve"},
    "reserve": {"value": "noah"},
    "task": {"room": "12"},
}


@dataclass
class Play:
    """A request being played."""

    process: Process
    names: Mapping[str, Any] = field(default_factory=dict)
    state: str = "in_approval"
    tasks: dict[Key, TaskView] = field(default_factory=dict)
    log: list[Move] = field(default_factory=list)
    round: int = 1

    def moves(self) -> list[Move]:
        """Ask what happens next."""
        facts = Facts(self.names, self.state, self.round)
        return advance(self.process, facts, list(self.tasks.values()))

    def go(self) -> "Play":
        """Apply moves until nothing more follows."""
        for _ in range(100):
            moves = self.moves()
            if not moves:
                return self
            for move in moves:
                self._apply(move)
        raise AssertionError("it never comes to rest")

    def _apply(self, move: Move) -> None:
        self.log.append(move)
        match move:
            case Start(step, row):
                self.tasks[step, row] = TaskView(step, row, "ready", round=self.round)
            case Skip(step, row):
                self.tasks[step, row] = TaskView(step, row, "skipped", skipped_by="rule", round=self.round)
            case Attention(step, row):
                self.tasks[step, row] = TaskView(step, row, "failed", round=self.round)
            case Cancel(step, row):
                self.tasks[step, row] = TaskView(step, row, "cancelled", round=self.round)
            case Finish(state):
                self.state = {"deliver": "delivered", "reject": "rejected"}[state]

    def settle(self, step: str, state: str = "done", **result: Any) -> "Play":
        """Settle one task and go on."""
        written = self.process.step(step)
        assert written is not None
        given = {**RESULTS.get(written.step.kind, {}), **result}
        if written.step.kind == "ensure":
            given = {"id": f"account-of-{written.object}", "key": "noah", **given}
        by = "agent" if state == "skipped" else ""
        given = given if state == "done" or result else {}
        self.tasks[step, ""] = TaskView(step, "", state, given, by, self.round)  # type: ignore[arg-type]
        return self.go()

    def ready(self) -> list[str]:
        """List what can be done now."""
        return sorted(step for (step, _), task in self.tasks.items() if task.state == "ready")

    def to_the_end(self, pick: Callable[[Sequence[str]], str] = lambda ready: ready[0]) -> "Play":
        """Settle everything that gets ready, in the order picked."""
        self.go()
        while self.ready():
            self.settle(pick(self.ready()))
        return self

    def states(self) -> dict[str, str]:
        """Give each step's state."""
        return {step: task.state for (step, _), task in self.tasks.items()}

    def done(self) -> list[dict[str, Any]]:
        """Give what was settled, as the next request of the holding gets it."""
        found = []
        for (step, row), task in self.tasks.items():
            written = self.process.step(step)
            if task.state in ("done", "skipped") and written is not None:
                target = getattr(written.step.spec, "target", "")
                account = task.result.get("id") if written.object else None
                found.append(
                    {
                        "step": step,
                        "row": row,
                        "kind": written.step.kind,
                        "resource": target,
                        "state": task.state,
                    }
                    | {"skipped_by": task.skipped_by, "result": dict(task.result), "account": account}
                )
        return found
