"""The form as it is with these answers: which questions are shown, what they are filled in with beforehand.

Answers are names: plain data as in `catalog.values` (a choice may be its value or a mapping with `value`, a
person is a mapping with `id`). What is hidden is none for everything that follows, whatever was sent.
`names` may be left out where the answers stand among the names.
"""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from catalog import rules
from catalog.placeholders import render
from catalog.schema import CatalogItem, Question


def visible(
    item: CatalogItem, answers: Mapping[str, Any], names: Mapping[str, Any] | None = None
) -> tuple[Question, ...]:
    """List the questions, headings and explanations that are shown, in order."""
    return tuple(question for question, shown in _shown(item, answers, names)[0] if shown)


def answers_in_force(
    item: CatalogItem, answers: Mapping[str, Any], names: Mapping[str, Any]
) -> dict[str, Any]:
    """Give every question's answer by name: hidden and unanswered ones are none, or an empty list."""
    return _shown(item, answers, names)[1]


def _shown(
    item: CatalogItem, answers: Mapping[str, Any], names: Mapping[str, Any] | None
) -> tuple[list[tuple[Question, bool]], dict[str, Any]]:
    given = {question.name: nothing(question) for question in item.questions if question.asks}
    found: list[tuple[Question, bool]] = []
    known: Mapping[str, Any] = ChainMap(given, answers if names is None else names)  # type: ignore[arg-type]  # only read
    for question in item.questions:
        shown = is_shown(question, known)
        found.append((question, shown))
        if shown and question.asks and answers.get(question.name) not in (None, ""):
            given[question.name] = answers[question.name]
    return found, given


def is_shown(question: Question, names: Mapping[str, Any]) -> bool:
    """Tell whether a question is asked; one whose rule cannot be decided yet is not."""
    try:
        return rules.holds(question.when, names)
    except rules.Undecidable:
        return False


def is_valid(question: Question, names: Mapping[str, Any]) -> bool:
    """Tell whether an answer fits its author's rule; what cannot be decided does not fit."""
    try:
        return rules.holds(question.valid, names)
    except rules.Undecidable:
        return False


def bound_of(question: Question, which: str, names: Mapping[str, Any]) -> Any:
    """Give the least or greatest answer, `min` or `max`: a number, a day, or None."""
    limit = getattr(question, which)
    if not isinstance(limit, str):
        return limit
    try:
        return rules.evaluate(limit, names)
    except rules.Undecidable:
        return None


def default_of(question: Question, names: Mapping[str, Any]) -> Any:
    """Give what a question is filled in with beforehand."""
    filled = render(question.default, names)
    return nothing(question) if filled in (None, "") else filled


def nothing(question: Question) -> Any:
    """Give the answer of somebody who did not answer."""
    return [] if question.many else None
