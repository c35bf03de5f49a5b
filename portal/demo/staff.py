"""Everybody who works in the demo, as a plan: who they are, where they work and how they came.

Nothing is written here. The same seed and the same day always give the same people.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

SEED = "ordna"


@dataclass
class Unit:
    """A unit as planned; `head` is the key of who leads it."""

    key: str
    name: str
    parent: str
    cost_centre: str
    group: str
    kind: str = ""
    office: str = ""
    head: str = ""


@dataclass
class Somebody:
    """A person as planned; `comes` is adopted (had an account before the portal), ordered or external.

    `ends` is somebody whose last day an order sets; `is_late` is written with their own orders only, since
    `hr_last_day`, the last day before those, has passed.
    """

    key: str
    given_name: str
    surname: str
    unit: str
    title: str
    form: str
    first_day: date
    last_day: date | None = None
    comes: str = "adopted"
    is_past: bool = False
    is_protected: bool = False
    leads: tuple[str, ...] = ()
    coordinates: tuple[str, ...] = ()
    mail: str = ""
    company: str = ""
    leave: dict[str, Any] = field(default_factory=dict)
    ends: bool = False
    is_late: bool = False
    hr_last_day: date | None = None

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}"


@dataclass
class Staff:
    """The whole organisation as planned."""

    today: date
    units: dict[str, Unit]
    people: dict[str, Somebody]

    @cached_property
    def by_unit(self) -> dict[str, list[Somebody]]:
        """Everybody who is there now, by unit."""
        found: dict[str, list[Somebody]] = {key: [] for key in self.units}
        for person in self.people.values():
            if not person.is_past:
                found[person.unit].append(person)
        return found

    def head_of(self, unit: str) -> str:
        """Return the key of who leads a unit, or the nearest above that is led."""
        key = unit
        while key:
            if self.units[key].head:
                return self.units[key].head
            key = self.units[key].parent
        return ""

    def coordinator_of(self, unit: str) -> str:
        """Return the key of who orders for a unit."""
        above = set(self.up(unit))
        ranked = [
            (len(list(self.up(each))), person.key)
            for person in self.people.values()
            for each in person.coordinates
            if each in above
        ]
        return max(ranked)[1] if ranked else self.head_of(unit)

    def up(self, unit: str) -> Iterator[str]:
        """Walk from a unit to the root."""
        while unit:
            yield unit
            unit = self.units[unit].parent


def dice(*about: object) -> random.Random:
    """Return chance of its own for one matter, so that no matter disturbs another."""
    return random.Random(":".join([SEED, *map(str, about)]))


def ascii_of(text: str) -> str:
    """Write a name with plain letters only."""
    text = text.translate(str.maketrans("ĐđØøÆæß", "DdOoAas"))
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.lower()
