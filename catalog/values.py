"""How names look as plain data: what `none`, choices, people and lists mean where they are used.

Names are plain data: text, numbers, days, truth, lists and mappings. A mapping with a `value` key (an
answered choice, a row of a shared list, a reserved name) stands for that value; one with an `id` (a person,
a unit, a holding) is itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.texts import Texts


def plain(value: Any) -> Any:
    """Give what a value stands for."""
    return value["value"] if isinstance(value, Mapping) and "value" in value else value


def same(left: Any, right: Any) -> bool:
    """Compare two values by what they stand for; people and things by their id."""
    left, right = plain(left), plain(right)
    if isinstance(left, Mapping) and isinstance(right, Mapping) and "id" in left and "id" in right:
        return bool(left["id"] == right["id"])
    return bool(left == right)


def attribute(value: Any, name: str) -> Any:
    """Look one attribute up; what is not there is none."""
    if isinstance(value, Mapping):
        return value.get(name)
    return None


def look_up(names: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Follow a dotted path through the names; what is not there is none."""
    value: Any = names
    for part in path:
        value = attribute(value, part)
    return value


def as_text(value: Any, language: str = "") -> str:
    """Write a value as people and systems read it; none is empty."""
    value = plain(value)
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Decimal():
            whole = value == value.to_integral_value()
            return str(int(value)) if whole else str(value.normalize())
        case date():
            return value.isoformat()
        case Mapping():
            return _mapping_text(value, language)
        case Texts():
            return value.get(language)
        case Sequence():
            return ", ".join(as_text(item, language) for item in value)
        case _:
            return str(value)


def _mapping_text(value: Mapping[str, Any], language: str) -> str:
    for key in ("key", "name", "title", "label"):
        if key in value:
            return as_text(value[key], language)
    if value and all(isinstance(text, str) for text in value.values()):
        return str(value.get(language) or value.get("") or next(iter(value.values())))
    return ""


def pack(value: Any) -> Any:
    """Make names storable as JSON; `unpack` gives them back as they were."""
    match value:
        case date():
            return {"$day": value.isoformat()}
        case Decimal():
            return {"$number": str(value)}
        case Mapping():
            return {str(key): pack(item) for key, item in value.items()}
        case list() | tuple():
            return [pack(item) for item in value]
        case _:
            return value


def unpack(value: Any) -> Any:
    """Give stored names their days and numbers back."""
    if isinstance(value, Mapping):
        if set(value) == {"$day"}:
            return date.fromisoformat(value["$day"])
        if set(value) == {"$number"}:
            return Decimal(value["$number"])
        return {key: unpack(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unpack(item) for item in value]
    return value
