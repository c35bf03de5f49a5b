"""What was read of an item so far, where each part stood, and pydantic's complaints in plain sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import ValidationError

from catalog.problems import N_, nearest
from catalog.schema import SECTIONS, CatalogItem, Question, Step
from catalog.steps import KINDS, Spec
from catalog.texts import Part, Texts
from catalog.tree import Path, Tree

SECTION_NAMES = ("steps", *SECTIONS)


@dataclass
class Reading:
    """The parts of an item that could be read, each with its index in the text."""

    tree: Tree
    questions: list[tuple[int, Question]] = field(default_factory=list)
    steps: dict[str, list[tuple[int, Step]]] = field(
        default_factory=lambda: {name: [] for name in SECTION_NAMES}
    )
    present: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    unread_steps: set[str] = field(default_factory=set)
    stood_in: set[str] = field(default_factory=set)
    """Keys of the head that could not be read and hold something only so that the checks can go on."""
    item: CatalogItem = field(init=False)

    def question_path(self, index: int, inner: Path = ()) -> Path:
        """Say where something in a question stands."""
        return ("questions", index, *inner)

    def step_path(self, section: str, index: int, inner: Path = ()) -> Path:
        """Say where something in a step stands, given its path in the model."""
        path: Path = (section, index)
        if not inner or inner[0] != "spec":
            return (*path, *inner)
        raw = self.tree.at(path)
        kind = next(spec for word, spec in KINDS.items() if word in raw)
        return self.spec_path(path, kind, raw, inner[1:])

    def spec_path(self, path: Path, kind: type[Spec], raw: Mapping[str, Any], loc: Path) -> Path:
        """Say where a field of a step's kind stands: behind the kind's word, or beside it."""
        if not loc:
            return (*path, kind.kind)
        if loc[0] == kind.main:
            return (*path, kind.kind, *loc[1:])
        inside = raw[kind.kind]
        if loc[0] in raw and not (isinstance(inside, Mapping) and loc[0] in inside):
            return (*path, *loc)
        return (*path, kind.kind, *loc) if isinstance(inside, Mapping) and not kind.main else (*path, *loc)


Placer = Callable[[Path], Path]

PATTERNS: Mapping[str, str] = {
    "name": N_(
        "“%(value)s” cannot be a name. A name has small letters a–z, digits and _, and begins with a letter."
    ),
    "slug": N_(
        "“%(value)s” cannot stand here. Only small letters a–z, digits and - can, beginning with a letter."
    ),
    "team": N_("“%(value)s” is not a team. A team is written team/service-desk."),
    "target": N_("“%(value)s” is not a resource and a kind. They are written staff-directory/account."),
    "other": N_("“%(value)s” is not written as it should be here."),
}


def explain(
    tree: Tree, error: ValidationError, model: type[Part], place: Placer, *, step: bool = False
) -> None:
    """Turn pydantic's complaints into problems, one for each place."""
    told: set[tuple[int, int]] = set()
    for each in error.errors(include_url=False):
        loc: Path = each["loc"]
        missing = each["type"] == "missing"
        path = place(loc[:-1] if missing else loc)
        where = tree.place(path, key=each["type"] == "extra_forbidden")
        if where in told and not missing:
            continue
        told.add(where)
        code, message, params = _sentence(each, loc, model, step=step)
        tree.add(*where, code, message, params)


def _sentence(each: Any, loc: Path, model: type[Part], *, step: bool) -> tuple[str, str, dict[str, Any]]:
    kind, value, context = each["type"], each.get("input"), each.get("ctx") or {}
    shown = str(value)[:60]
    match kind:
        case "extra_forbidden":
            return _unknown_key(str(loc[-1]), known_keys(model, loc[:-1]), step=step and len(loc) == 1)
        case "missing":
            return "missing", N_("“%(key)s” is missing."), {"key": str(loc[-1])}
        case "string_type" | "model_type" | "dict_type" | "model_attributes_type":
            return _wrong_type(kind, value)
        case "literal_error":
            return _not_one_of(shown, str(context.get("expected", "")))
        case "string_pattern_mismatch":
            return "pattern", PATTERNS[_pattern(str(context.get("pattern", "")))], {"value": shown}
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return _limit(kind, context)
        case "tuple_type" | "list_type":
            return "list", N_("A list is needed here."), {}
        case "bool_type" | "bool_parsing":
            return "yes-no", N_("true or false is needed here, not “%(value)s”."), {"value": shown}
        case "value_error":
            return "value", str(context.get("error", each["msg"])), {}
        case "string_too_long":
            return (
                "too-long",
                N_("This is longer than %(most)s characters."),
                {"most": context.get("max_length")},
            )
    if kind.startswith(("int", "decimal", "float", "finite")):
        return "number", N_("A number is needed here, not “%(value)s”."), {"value": shown}
    if kind.startswith("date"):
        return "date", N_("A day is needed here, such as 2027-08-31, not “%(value)s”."), {"value": shown}
    return "value", N_("“%(value)s” cannot be used here."), {"value": shown}


def _unknown_key(key: str, known: frozenset[str], *, step: bool) -> tuple[str, str, dict[str, Any]]:
    guess = nearest(key, known | {"id", "label", "when", "needs"} if step else known)
    if guess:
        return (
            "unknown-key",
            N_("“%(word)s” is not known here. Did you mean “%(guess)s”?"),
            {"word": key, "guess": guess},
        )
    listed = ", ".join(sorted(known))
    return (
        "unknown-key",
        N_("“%(word)s” is not known here. Known are %(known)s."),
        {"word": key, "known": listed},
    )


def _wrong_type(kind: str, value: Any) -> tuple[str, str, dict[str, Any]]:
    if kind != "string_type":
        return "mapping", N_("Keys with values are needed here, not “%(value)s”."), {"value": str(value)[:60]}
    if value is None:
        return (
            "yaml-word",
            N_("Nothing stands here (null is nothing). Write a text; quote it if you mean the word."),
            {},
        )
    if isinstance(value, bool | int | float) or hasattr(value, "isoformat"):
        word = str(value).lower() if isinstance(value, bool) else str(value)
        message = N_("“%(value)s” is read as a number, a day or true/false. Quote it to make it a text.")
        return "yaml-word", message, {"value": word}
    return "text", N_("A text is needed here."), {}


def _not_one_of(shown: str, expected: str) -> tuple[str, str, dict[str, Any]]:
    known = [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",")]
    guess = nearest(shown, known)
    if guess:
        message = N_("“%(value)s” cannot stand here. Did you mean “%(guess)s”?")
        return "not-one-of", message, {"value": shown, "guess": guess}
    message = N_("“%(value)s” cannot stand here. It can be %(known)s.")
    return "not-one-of", message, {"value": shown, "known": ", ".join(known)}


def _limit(kind: str, context: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    limit = next(iter(context.values()), "")
    if kind.startswith("greater"):
        return "limit", N_("This number is too small; the limit is %(limit)s."), {"limit": str(limit)}
    return "limit", N_("This number is too great; the limit is %(limit)s."), {"limit": str(limit)}


def _pattern(pattern: str) -> str:
    if pattern.startswith("^team/"):
        return "team"
    if "/" in pattern:
        return "target"
    if pattern == r"^[a-z][a-z0-9_]*$":
        return "name"
    return "slug" if pattern == r"^[a-z][a-z0-9-]*$" else "other"


def known_keys(model: type[Part], loc: Path) -> frozenset[str]:
    """List the keys that can stand at a place in a model."""
    current: type[Part] | None = model
    for part in loc:
        if current is None or not isinstance(part, str):
            continue
        fields = {info.alias or name: info for name, info in current.model_fields.items()}
        if part in fields:
            current = _part_within(fields[part].annotation)
    if current is None:
        return frozenset()
    return frozenset(info.alias or name for name, info in current.model_fields.items())


def _part_within(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    for inner in get_args(annotation):
        found = _part_within(inner)
        if found is not None:
            return found
    return None


def texts_of(part: Any, path: Path = ()) -> "list[tuple[Path, Texts]]":
    """List every text within a part, with where it stands in the model."""
    if isinstance(part, Texts):
        return [(path, part)]
    found: list[tuple[Path, Texts]] = []
    if isinstance(part, Part):
        for name, info in type(part).model_fields.items():
            found += texts_of(getattr(part, name), (*path, info.alias or name))
    elif isinstance(part, tuple):
        for index, entry in enumerate(part):
            found += texts_of(entry, (*path, index))
    return found
