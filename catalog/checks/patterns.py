"""Regular expressions in items: they must be readable, and must not take for ever on any answer (I14)."""

import re
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]  # the only place that says how an expression is built
from typing import Any

from catalog.known import Known
from catalog.problems import N_
from catalog.reading import Reading

REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
REFUSED = frozenset({"GROUPREF", "GROUPREF_EXISTS", "ASSERT", "ASSERT_NOT"})


def check(reading: Reading, known: Known) -> None:
    """Look at every pattern."""
    for index, question in reading.questions:
        if question.pattern:
            fault = fault_in(question.pattern)
            if fault:
                reading.tree.problem((*reading.question_path(index), "pattern"), "pattern", fault)


def fault_in(pattern: str) -> str:
    """Say what is wrong with a pattern; nothing if it can be used."""
    try:
        re.compile(pattern)
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return N_("This pattern cannot be read.")
    names = [name for name, _ in _nodes(tree)]
    if REFUSED & set(names):
        return N_("This pattern looks back or ahead, which could take for ever. Write it without.")
    if any(_nested(inside) for name, inside in _nodes(tree) if name in REPEATS and inside[1] > 1):
        return N_(
            "This pattern repeats something that itself repeats, which could take for ever. Write it simpler."
        )
    if sum(name in REPEATS and inside[1] > 50 for name, inside in _nodes(tree)) > 3:
        return N_(
            "This pattern has more than three open repeats, which could take for ever. Write it simpler."
        )
    return ""


def _nested(repeat: Any) -> bool:
    return any(name == "BRANCH" or (name in REPEATS and inside[1] > 1) for name, inside in _nodes(repeat[2]))


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    """Walk through a parsed expression."""
    for code, inside in tree:
        yield str(code), inside
        for part in inside if isinstance(inside, tuple | list) else ():
            if isinstance(part, parser.SubPattern):
                yield from _nodes(part)
            elif isinstance(part, list):
                for branch in part:
                    if isinstance(branch, parser.SubPattern):
                        yield from _nodes(branch)
