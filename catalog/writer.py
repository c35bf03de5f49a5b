"""An item as text in one canonical form: the same item gives the same bytes, and reading them gives the item.

Keys stand in the order of the schema, what is left at its default is left out, short things stand on one
line, and every text that another reader of YAML could take for something else is quoted.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.schema import SECTIONS, CatalogItem, Choice, HoldingSpec, Promise, Question, Step
from catalog.steps import Wait
from catalog.texts import MAIN, Part, Texts

WIDTH = 110
ALWAYS = frozenset({"format", "id", "kind"})
APART = ("creates", "questions", "steps", "holding", "on_end")
"""Parts that begin after an empty line, to be found with the eye."""
_PLAIN = re.compile(r"[^\W\d_]([\w ./()?+=<>!'%;–-]*[\w./()?+=<>!'%;–-])?")
_WORDS = re.compile(r"(?i)(y|n|yes|no|on|off|true|false|null|nan|inf)")
_ORDER = ("sv", "nb", "en")


def write_item(item: CatalogItem) -> str:
    """Write an item."""
    lines: list[str] = []
    for key, value in _part(item).items():
        if key in APART and lines:
            lines.append("")
        lines += _entry(key, value, 0)
    return "\n".join(lines) + "\n"


def as_plain(value: Any) -> Any:
    """Give a part of an item as it is written: mappings, lists and scalars."""
    if isinstance(value, Texts):
        return _texts(value)
    if isinstance(value, Step):
        return _step(value)
    if isinstance(value, Promise) and value.answer is None:
        return as_plain(value.done)
    if isinstance(value, Choice) and not (value.label or value.hint or value.price):
        return value.value
    if isinstance(value, Part):
        return _part(value)
    if isinstance(value, Mapping):
        return {key: as_plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(entry) for entry in value]
    return value


def _texts(text: Texts) -> Any:
    if set(text.root) == {MAIN}:
        return text.root[MAIN]
    known = [language for language in _ORDER if language in text.root]
    return {language: text.root[language] for language in (*known, *sorted(text.root.keys() - set(known)))}


def _part(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        kept = (isinstance(part, CatalogItem) and name in ALWAYS) or (
            isinstance(part, HoldingSpec) and name == "follows"
        )
        if not kept and (value is None or value == info.get_default(call_default_factory=True)):
            continue
        found[info.alias or name] = _one_or_several(part, name, value)
    return found


def _one_or_several(part: Part, name: str, value: Any) -> Any:
    """Write a list of one as the one where both can be written."""
    single = name in ("by", "to") or (name == "item" and isinstance(part, Question))
    if single and isinstance(value, tuple) and len(value) == 1:
        return as_plain(value[0])
    return as_plain(value)


def _step(step: Step) -> dict[str, Any]:
    spec, head = step.spec, _part(step)
    said = _part(spec)
    if isinstance(spec, Wait) and spec.policy:
        said = {spec.kind: f"policy.{spec.policy}"}
    elif spec.main:
        said = {spec.kind: said.pop(spec.main, {}), **said}
    else:
        said = {spec.kind: said}
    keys: tuple[str, ...] = ("id", "label")
    first = {key: head[key] for key in keys if key in head}
    rest = {key: value for key, value in head.items() if key not in (*keys, "spec")}
    return {**first, **said, **rest}


def _entry(key: str, value: Any, indent: int) -> list[str]:
    """Write one key with its value, on one line if it fits."""
    pad, name = " " * indent, _key(key)
    entries = key in ("questions", "steps", *SECTIONS) and isinstance(value, list)
    short = None if entries and value else _flow(value)
    if isinstance(value, str) and "\n" in value:
        return _text_block(pad, name, value)
    if short is not None and (
        not isinstance(value, dict | list) or len(pad) + len(name) + 2 + len(short) <= WIDTH
    ):
        return [f"{pad}{name}: {short}"]
    if isinstance(value, Mapping):
        return [
            f"{pad}{name}:",
            *(line for inner, part in value.items() for line in _entry(inner, part, indent + 2)),
        ]
    return [f"{pad}{name}:", *(line for part in value for line in _item(part, indent + 2, block=entries))]


def _item(value: Any, indent: int, *, block: bool) -> list[str]:
    """Write one entry of a list; questions and steps take a line for each key."""
    pad = " " * indent
    short = _flow(value)
    if short is not None and not block and len(pad) + 2 + len(short) <= WIDTH:
        return [f"{pad}- {short}"]
    if isinstance(value, Mapping) and value:
        lines = [line for key, part in value.items() for line in _entry(key, part, indent + 2)]
        return [f"{pad}- {lines[0][indent + 2 :]}", *lines[1:]]
    return [f"{pad}- {short if short is not None else _quoted(str(value))}"]


def _text_block(pad: str, name: str, value: str) -> list[str]:
    lines = value.removesuffix("\n").split("\n")
    awkward = any(line != line.rstrip() or (line and not line.isprintable()) for line in lines)
    if awkward or not lines[0].strip() or lines[0].startswith(" ") or not lines[-1]:
        return [f"{pad}{name}: {_quoted(value)}"]
    mark = "|" if value.endswith("\n") else "|-"
    return [f"{pad}{name}: {mark}", *(f"{pad}  {line}" if line else "" for line in lines)]


def _flow(value: Any) -> str | None:
    """Write a value on one line; None where it holds a text of several lines."""
    if isinstance(value, Mapping):
        parts = [(_key(key), _flow(part)) for key, part in value.items()]
        if any(part is None for _, part in parts):
            return None
        return "{" + ", ".join(f"{key}: {part}" for key, part in parts) + "}"
    if isinstance(value, list | tuple):
        flows = [_flow(part) for part in value]
        return None if None in flows else "[" + ", ".join(str(part) for part in flows) + "]"
    if isinstance(value, str) and "\n" in value:
        return None
    return _scalar(value)


def _key(key: object) -> str:
    text = str(key)
    return text if re.fullmatch(r"[a-z][a-z0-9_]*", text) else _quoted(text)


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return str(int(value)) if value == value.to_integral_value() else f"{value.normalize():f}"
        case date():
            return value.isoformat()
        case str():
            return value if _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value) else _quoted(value)
        case _:
            return repr(value)


def _quoted(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(letter) or _escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter.isprintable() or letter == " ":
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
