"""Placeholders: "{given_name|ascii|lower|first:3}". A name looked up and filtered; nothing is evaluated."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from catalog.problems import N_
from catalog.texts import Texts
from catalog.values import as_text, look_up, plain

LONGEST = 20_000
MOST_FILTERS = 8
_INSIDE = re.compile(r"([a-z][a-z0-9_]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)*)((?:\|[a-z]+(?::[^|{}]*)?)*)")
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


@dataclass(eq=False)
class TemplateFault(Exception):
    """The text's placeholders are written wrongly: an English sentence with parameters."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


@dataclass(frozen=True)
class Placeholder:
    """One name to look up, and what its value is passed through."""

    path: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """Write the name as it was written."""
        return ".".join(self.path)


@lru_cache(maxsize=4096)
def parse(template: str) -> tuple[str | Placeholder, ...]:
    """Read a text into its plain pieces and its placeholders, or say what is wrong with it."""
    if len(template) > LONGEST:
        raise TemplateFault(N_("This text is longer than %(most)s characters."), {"most": LONGEST})
    pieces: list[str | Placeholder] = []
    for match in _PIECE.finditer(template):
        piece, inside = match.group(0), match.group(1)
        if piece in ("{{", "}}"):
            pieces.append(piece[0])
        elif inside is not None:
            pieces.append(_placeholder(inside))
        elif piece in "{}":
            raise TemplateFault(N_("A single brace stands here. Write {{ or }} for a brace in the text."))
        else:
            pieces.append(piece)
    return tuple(pieces)


def _placeholder(inside: str) -> Placeholder:
    match = _INSIDE.fullmatch(inside.strip())
    if not match:
        raise TemplateFault(
            N_("“{%(what)s}” is not a placeholder. Inside braces stands a name, then filters: {name|lower}."),
            {"what": inside[:60]},
        )
    filters = []
    for part in match.group(2).split("|")[1:]:
        name, _, argument = part.partition(":")
        _check_filter(name, argument)
        filters.append((name, argument))
    if len(filters) > MOST_FILTERS:
        raise TemplateFault(N_("There are more than %(most)s filters here."), {"most": MOST_FILTERS})
    return Placeholder(tuple(match.group(1).split(".")), tuple(filters))


def _check_filter(name: str, argument: str) -> None:
    if name not in FILTERS:
        raise TemplateFault(
            N_("There is no filter “%(name)s”. There are %(known)s."),
            {"name": name, "known": ", ".join(FILTERS)},
        )
    if name in COUNTED and not (argument.isdecimal() and 0 < int(argument[:6]) <= 1000):
        raise TemplateFault(N_("The filter “%(name)s” needs a number: %(name)s:3."), {"name": name})
    if name == "day" and argument not in DAYS:
        raise TemplateFault(
            N_("The filter “day” takes %(known)s."), {"known": ", ".join(key for key in DAYS if key)}
        )
    if argument and name not in COUNTED | {"day", "or"}:
        raise TemplateFault(N_("The filter “%(name)s” takes nothing after it."), {"name": name})


def render(template: Any, names: Mapping[str, Any], language: str = "") -> Any:
    """Fill in a text, or the texts of a list or mapping; alone a placeholder keeps its type."""
    if isinstance(template, str):
        return _render_text(template, names, language)
    if isinstance(template, Mapping):
        return {key: render(value, names, language) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [render(value, names, language) for value in template]
    return template


def _render_text(template: str, names: Mapping[str, Any], language: str) -> Any:
    pieces = parse(template)
    if len(pieces) == 1 and isinstance(pieces[0], Placeholder):
        alone = plain(look_up(names, pieces[0].path))
        if isinstance(alone, Texts) or pieces[0].path[-1] == "label":
            alone = as_text(alone, language)
        return _filtered(alone, pieces[0], language) if pieces[0].filters else alone
    return "".join(
        piece
        if isinstance(piece, str)
        else as_text(_filtered(look_up(names, piece.path), piece, language), language)
        for piece in pieces
    )


def _filtered(value: Any, placeholder: Placeholder, language: str) -> Any:
    for name, argument in placeholder.filters:
        if name == "day":
            value = _day(plain(value), argument)
        elif name == "or":
            value = value if as_text(value, language) else argument
        elif value is not None:
            value = FILTERS[name](as_text(value, language), argument)
    return value


def names_in(template: Any) -> frozenset[str]:
    """List the dotted names a text, list or mapping refers to."""
    if isinstance(template, str):
        return frozenset(piece.name for piece in parse(template) if isinstance(piece, Placeholder))
    if isinstance(template, Mapping):
        template = list(template.values())
    if isinstance(template, list | tuple):
        return frozenset().union(*(names_in(value) for value in template))
    return frozenset()


LETTERS = str.maketrans(
    {
        "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ß": "ss", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
        "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ı": "i",
        "œ": "oe", "Œ": "Oe", "ħ": "h", "Ħ": "H", "’": "'", "‘": "'", "´": "'", "`": "'",
        "–": "-", "‑": "-", "—": "-",
    }
)  # fmt: skip


def to_ascii(text: str) -> str:
    """Write a name with letters that every system takes: å is a, ß is ss; the rest is left out."""
    bare = unicodedata.normalize("NFKD", text.translate(LETTERS)).translate(LETTERS)
    return bare.encode("ascii", "ignore").decode("ascii")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", to_ascii(text).replace("'", "").lower()).strip("-")


def _title(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda word: word.group(0)[0].upper() + word.group(0)[1:].lower(), text)


def _day(value: Any, pattern: str) -> str:
    return DAYS[pattern](value) if isinstance(value, date) else ""


DAYS: Mapping[str, Callable[[date], str]] = {
    "": date.isoformat,
    "short": lambda day: f"{day.day}/{day.month}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "year": lambda day: str(day.year),
}
COUNTED = frozenset({"first", "last"})
FILTERS: Mapping[str, Callable[[str, str], str]] = {
    "ascii": lambda text, _: to_ascii(text),
    "letters": lambda text, _: "".join(letter for letter in text if letter.isalnum()),
    "lower": lambda text, _: text.lower(),
    "upper": lambda text, _: text.upper(),
    "title": lambda text, _: _title(text),
    "slug": lambda text, _: _slug(text),
    "digits": lambda text, _: "".join(letter for letter in text if letter in "0123456789"),
    "first": lambda text, number: text[: int(number)],
    "last": lambda text, number: text[-int(number) :],
    "day": lambda text, _: text,
    "or": lambda text, other: text or other,
}
