"""What is wrong in an item, where, in a sentence that can be translated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal


def N_(text: str) -> str:  # noqa: N802 - the word that gettext looks for
    """Mark a sentence for translation."""
    return text


@dataclass(frozen=True)
class Problem:
    """One mistake: file, line and column, a code for machines, a sentence for people."""

    file: str
    line: int
    column: int
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"

    def text(self, gettext: Callable[[str], str] = str) -> str:
        """Say it in the reader's language."""
        return gettext(self.message) % self.params

    def where(self) -> str:
        """Write file, line and column as compilers do."""
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        return f"{self.where()}: {self.text()}"


def nearest(word: str, known: "set[str] | frozenset[str] | list[str]") -> str:
    """Guess which known word was meant."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ""
