"""A sentence still to be said: its English text and what goes into it; pages put it in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Said:
    """A marked text and its values: names, days, texts in several languages, lists, other sentences."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Brief:
    """A day to be written as short as can be, for places with little room."""

    day: date


def said(message: str, **values: Any) -> Said:
    """Make a sentence; mark its text with N_ where it is written."""
    return Said(message, values)
