"""A YAML text as plain values, with the line and column of each: every fault found, nothing ever run.

The text is composed to nodes only, so that no tag makes anything but plain data; aliases, tags and keys
written twice are faults with a place of their own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from catalog.problems import N_, Problem

LONGEST = 200_000
DEEPEST = 30
MOST_NODES = 20_000
Path = tuple[str | int, ...]
AMBIGUOUS = re.compile(r"(?i)(y|n|yes|no|on|off)")
_TAG = "tag:yaml.org,2002:"


@dataclass
class Tree:
    """What was read: plain values, where each stands, and what was wrong with the writing itself."""

    file: str
    value: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    bare: dict[Path, str] = field(default_factory=dict)
    """The plain scalars as written, without quotes."""
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Find where something stands, or the nearest thing around it that stands anywhere."""
        known: Path = ()
        for part in path:
            if (*known, part) in self.places:
                known = (*known, part)
        if key and known in self.keys and known == path:
            return self.keys[known]
        return self.places.get(known, (1, 1))

    def problem(
        self, path: Path, code: str, message: str, *, key: bool = False, warn: bool = False, **params: Any
    ) -> None:
        """Note a problem at a place."""
        line, column = self.place(path, key=key)
        self.add(line, column, code, message, params, warn=warn)

    def add(
        self,
        line: int,
        column: int,
        code: str,
        message: str,
        params: Mapping[str, Any],
        *,
        warn: bool = False,
    ) -> None:
        """Note a problem at a line and column."""
        found = Problem(self.file, line, column, code, message, dict(params), "warning" if warn else "error")
        if found not in self.problems:
            self.problems.append(found)

    def at(self, path: Path) -> Any:
        """Read the value at a path; None where there is none."""
        value = self.value
        for part in path:
            if isinstance(value, Mapping):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value


def read_tree(text: str, *, file: str = "") -> Tree:
    """Read a YAML text."""
    tree = Tree(file)
    if len(text) > LONGEST:
        tree.add(1, 1, "too-long", N_("This file is longer than %(most)s characters."), {"most": LONGEST})
        return tree
    for number, line in enumerate(text.splitlines(), 1):
        wrong = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", line)
        if wrong:
            said = N_("A character that cannot be shown stands here.")
            tree.add(number, wrong.start() + 1, "character", said, {})
            return tree
    if _too_deep(text):
        tree.add(1, 1, "too-deep", N_("This file is nested too deeply."), {})
        return tree
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = re.sub(r"\s+", " ", str(error.problem or error.context or ""))[:160]
        tree.add(row, column, "yaml", N_("This is not valid YAML here: %(said)s."), {"said": said})
        return tree
    except (YAMLError, RecursionError, ValueError) as error:
        tree.add(1, 1, "yaml", N_("This is not valid YAML here: %(said)s."), {"said": str(error)[:160]})
        return tree
    if node is not None:
        tree.value = _Reader(tree).read(node, ())
    return tree


def _too_deep(text: str) -> bool:
    """Count brackets and indentation before the parser, which would go as deep as it is told."""
    depth = deepest = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    lines = text.splitlines()
    indent = max((len(line) - len(line.lstrip(" ")) for line in lines), default=0)
    dashes = max((line.count("- ") for line in lines if line.lstrip().startswith("- -")), default=0)
    return deepest > 100 or indent > 400 or dashes > 100


class _Reader:
    """Turns nodes into values and remembers where they stood."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.seen: set[int] = set()
        self.count = 0

    def read(self, node: Node, path: Path) -> Any:
        self.tree.places[path] = mark = _mark(node)
        self.count += 1
        if self.count > MOST_NODES or len(path) > DEEPEST:
            if self.count <= MOST_NODES + 1:
                self.tree.add(*mark, "too-deep", N_("This file is nested too deeply."), {})
                self.count = MOST_NODES + 1
            return None
        if id(node) in self.seen or node.anchor:
            self.tree.add(*mark, "alias", N_("References (& and *) cannot be used in an item."), {})
            if id(node) in self.seen:
                return None
        self.seen.add(id(node))
        if not isinstance(node, ScalarNode) and str(node.tag) not in (f"{_TAG}map", f"{_TAG}seq"):
            message = N_("Tags such as %(tag)s cannot be used in an item.")
            self.tree.add(*mark, "tag", message, {"tag": str(node.tag)[:40]})
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(entry, (*path, index)) for index, entry in enumerate(node.value)]
        return self._scalar(node, path) if isinstance(node, ScalarNode) else None

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line, column = _mark(key)
            if not isinstance(key, ScalarNode):
                self.tree.add(line, column, "key", N_("A key must be one word."), {})
                continue
            name = str(key.value)
            if name in found:
                message = N_("“%(key)s” stands here twice.")
                self.tree.add(line, column, "duplicate-key", message, {"key": name})
                continue
            if (
                node.flow_style
                and isinstance(value, ScalarNode)
                and value.style is None
                and value.value == ""
            ):
                message = N_(
                    "“%(word)s” stands alone. A comma ends a text inside braces: quote the whole text."
                )
                self.tree.add(line, column, "comma", message, {"word": name[:60]})
                continue
            self.tree.keys[(*path, name)] = (line, column)
            found[name] = self.read(value, (*path, name))
        return found

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        text, tag = str(node.value), str(node.tag or "")
        if node.style is None:
            self.tree.bare[path] = text
        if not tag.startswith(_TAG):
            self.tree.add(
                *_mark(node), "tag", N_("Tags such as %(tag)s cannot be used in an item."), {"tag": tag[:40]}
            )
            return text
        match tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return self._number(text, int)
            case "float":
                return self._number(text, float)
            case "timestamp":
                return _day(text)
            case "str":
                return text
        self.tree.add(
            *_mark(node), "tag", N_("Tags such as %(tag)s cannot be used in an item."), {"tag": tag[:40]}
        )
        return text

    def _number(self, text: str, kind: type[int] | type[float]) -> Any:
        plain = text.replace("_", "")
        if len(plain) > 20:
            return text
        try:
            if kind is int:
                return int(plain, 0) if not re.fullmatch(r"[+-]?0\d+", plain) else int(plain)
            number = float(plain)
        except ValueError:
            return text
        return number if abs(number) != float("inf") and number == number else text


def _day(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def ambiguous(tree: Tree, under: Path) -> Iterator[Path]:
    """List the unquoted words below a path that other programs read as yes or no."""
    for path, word in tree.bare.items():
        if path[: len(under)] == under and AMBIGUOUS.fullmatch(word):
            yield path
