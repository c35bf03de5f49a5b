"""An item from its text: the item, and every problem at once with file, line, column and a plain sentence.

Each question and each step is read by itself; then all checks run over what could be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from catalog import checks
from catalog.known import Known
from catalog.problems import N_, Problem, nearest
from catalog.reading import SECTION_NAMES, Reading, explain
from catalog.schema import SHARED, CatalogItem, Question, Step, split
from catalog.steps import KINDS
from catalog.texts import Texts
from catalog.tree import Tree, read_tree

_STAND_INS: Mapping[str, Any] = {
    "id": "unnamed",
    "title": Texts(root={"": "?"}),
    "summary": Texts(root={"": "?"}),
    "category": "none",
    "owner": "team/none",
}


@dataclass(frozen=True)
class Parsed:
    """What a text gave: the item, if it could be read, and all that is wrong, in the order of the lines."""

    item: CatalogItem | None
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """List what refuses publishing."""
        return [problem for problem in self.problems if problem.severity == "error"]


class Unreadable(ValueError):
    """A text that should have been an item is none."""


def parse_item(text: str, known: Known, *, file: str = "") -> Parsed:
    """Read an item and find every problem. The item is None when some part of it could not be read."""
    tree = read_tree(text, file=file)
    if not isinstance(tree.value, dict):
        if not tree.problems:
            tree.add(1, 1, "empty", N_("This file holds no item: it should begin with format: 1."), {})
        return Parsed(None, tree.problems)
    reading = _read(tree)
    unread = any(problem.severity == "error" for problem in tree.problems)
    checks.run(reading, known)
    problems = sorted(tree.problems, key=lambda found: (found.line, found.column, found.severity))
    return Parsed(None if unread else reading.item, problems)


def read_item(text: str) -> CatalogItem:
    """Read a text that was checked when it was published; raises Unreadable if it is no item after all."""
    tree = read_tree(text)
    if isinstance(tree.value, dict) and not tree.problems:
        reading = _read(tree)
        if not tree.problems:
            return reading.item
    raise Unreadable("; ".join(str(problem) for problem in tree.problems) or "empty")


def _read(tree: Tree) -> Reading:
    raw: dict[str, Any] = dict(tree.value)
    reading = Reading(tree)
    for section in ("questions", *SECTION_NAMES):
        if section in raw:
            entries = raw.pop(section)
            if not isinstance(entries, list):
                tree.problem((section,), "list", N_("A list is needed here."))
                continue
            for index, entry in enumerate(entries):
                if section == "questions":
                    _read_question(reading, index, entry)
                else:
                    _read_step(reading, section, index, entry)
            reading.present.add(section)
    reading.item = _read_head(reading, raw)
    return reading


def _read_question(reading: Reading, index: int, raw: Any) -> None:
    path = ("questions", index)
    try:
        reading.questions.append((index, Question.model_validate(raw)))
    except ValidationError as error:
        explain(reading.tree, error, Question, lambda loc: (*path, *loc))
        if isinstance(raw, dict) and isinstance(raw.get("name"), str):
            reading.unread.add(raw["name"])


def _read_step(reading: Reading, section: str, index: int, raw: Any) -> None:
    tree, path = reading.tree, (section, index)
    if not isinstance(raw, dict):
        tree.problem(path, "step", N_("A step is written as keys with values, beginning with its id."))
        return
    if isinstance(raw.get("id"), str):
        reading.unread_steps.add(raw["id"])
    kinds = [key for key in raw if key in KINDS]
    if len(kinds) != 1:
        _say_kind(tree, path, raw, kinds)
        return
    kind = KINDS[kinds[0]]
    before = len(tree.problems)
    own = {key: raw[key] for key in raw if key in SHARED}
    spec = None
    try:
        own, spec = split(raw)
    except ValidationError as error:
        explain(tree, error, kind, lambda loc: reading.spec_path(path, kind, raw, loc), step=True)
    try:
        step = Step.model_validate({**own, "spec": spec or KINDS["wait"].model_validate({"days": 1})})
    except ValidationError as error:
        explain(tree, error, Step, lambda loc: (*path, *loc))
        return
    if len(tree.problems) == before and spec is not None:
        reading.steps[section].append((index, step))
        reading.unread_steps.discard(step.id)


def _say_kind(tree: Tree, path: tuple[str | int, ...], raw: dict[str, Any], kinds: list[str]) -> None:
    if kinds:
        message = N_("A step does one thing; this one says %(kinds)s.")
        tree.problem(path, "step-kind", message, kinds=", ".join(kinds))
        return
    for key in raw:
        guess = "" if key in SHARED else nearest(key, frozenset(KINDS))
        if guess:
            message = N_("“%(word)s” is not known here. Did you mean “%(guess)s”?")
            tree.problem((*path, key), "unknown-key", message, key=True, word=key, guess=guess)
            return
    message = N_("This step does not say what it does: one of %(known)s.")
    tree.problem(path, "step-kind", message, known=", ".join(KINDS))


def _read_head(reading: Reading, raw: dict[str, Any]) -> CatalogItem:
    """Read all but questions and steps; what cannot be read is left out so that the checks can go on."""
    tree = reading.tree
    parts: dict[str, Any] = {"questions": tuple(question for _, question in reading.questions)}
    for section in SECTION_NAMES:
        if section in reading.present:
            parts[section] = tuple(step for _, step in reading.steps[section])
    try:
        return CatalogItem.model_validate({**raw, **parts})
    except ValidationError as error:
        explain(tree, error, CatalogItem, lambda loc: loc)
        wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
    kept = {key: value for key, value in raw.items() if key not in wrong and key in CatalogItem.model_fields}
    reading.stood_in = set(CatalogItem.model_fields) - kept.keys() - parts.keys()
    return CatalogItem.model_validate({**_STAND_INS, **kept, **parts})
