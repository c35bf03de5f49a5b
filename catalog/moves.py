"""What a process is told of its case, and what it says should happen next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class TaskView:
    """A task as the process sees it."""

    step: str
    row: str = ""
    state: str = "waiting"
    result: Mapping[str, Any] = field(default_factory=dict)
    skipped_by: Literal["", "rule", "agent"] = ""
    round: int = 1


@dataclass(frozen=True)
class Facts:
    """What is known of the request: its names, state and round; `held` while it is sent back."""

    names: Mapping[str, Any]
    state: str = "in_delivery"
    round: int = 1
    held: bool = False


@dataclass(frozen=True)
class Start:
    """Make the task and begin it."""

    step: str
    row: str = ""


@dataclass(frozen=True)
class Skip:
    """Settle the step without doing it; the reason is its rule, or the step whose result there is none of."""

    step: str
    row: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Attention:
    """Make the task as failed: a person must look. The reason is a sentence with parameters."""

    step: str
    row: str = ""
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Cancel:
    """Close a task that has not begun to act."""

    step: str
    row: str = ""


@dataclass(frozen=True)
class Finish:
    """Close the request."""

    state: Literal["deliver", "reject"]


Move = Start | Skip | Attention | Cancel | Finish
