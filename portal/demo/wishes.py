"""What somebody in the demo is going to order: when, for whom, with which answers, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

Fate = str
"""deliver, reject, withdraw; and what is still open when the demo begins: draft, waits, asked, queued, late,
first_day, failed."""

OPEN = ("draft", "waits", "asked", "queued", "late", "first_day", "failed")


@dataclass(frozen=True)
class Ref:
    """An answer that is a person, a unit or a mailbox of the plan, looked up when it is ordered."""

    noun: str
    key: str


@dataclass
class Wish:
    """One order as planned. `by` and `whom` are keys of people; `comes` is who comes to be by it."""

    at: datetime
    item: str
    by: str
    whom: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    fate: Fate = "deliver"
    comes: str = ""
    thread: tuple[str, str, str] | None = None
    escalates: bool = False
    stand_in: str = ""
    comment: str = ""
    results: Mapping[str, Any] = field(default_factory=dict)
    reminded: int = 0
    detail: str = ""
    step: str = ""
    is_story: bool = False
    question: tuple[str, str] | None = None
    in_time: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether it is still open when the demo begins."""
        return self.fate in OPEN


@dataclass
class Chain:
    """Orders that belong together: those of one person whose employment changes, or a single one.

    `adopts` says that the person is written with the chain; `looks` are days on which the clock finds
    something.
    """

    key: str
    wishes: list[Wish]
    person: str = ""
    adopts: bool = False
    looks: tuple[date, ...] = ()

    @property
    def begins(self) -> datetime:
        """Return when the first of them is made."""
        return min((wish.at for wish in self.wishes), default=datetime.min.replace(tzinfo=UTC))
