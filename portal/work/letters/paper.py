"""The paper that letters are written on: Jinja without Flask, each template rendered as HTML and as text.

A template says what a letter contains with the macros of `parts`; `mail/_html.html` and `mail/_text.html` say
what those look like. So the two halves of a letter cannot say different things.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from portal import formats
from portal.i18n import catalogue

PACKAGE: Final = Path(__file__).parents[2]
WIDTH: Final = 76


@dataclass(frozen=True)
class Rendered:
    """A letter as it is read."""

    subject: str
    preheader: str
    html: str
    text: str


def templates() -> Path:
    """Tell where the templates are: beside the package in a checkout, inside it when installed."""
    inside = PACKAGE / "templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"


def render(template: str, language: str, zone: ZoneInfo, values: Mapping[str, Any]) -> Rendered:
    """Write a letter in a language, in both forms."""
    plain, rich = _environment(language, zone, "text"), _environment(language, zone, "html")
    name = f"mail/{template}.html"
    source = plain.get_template(name)
    context = source.new_context(dict(values))
    subject, preheader = (
        one_line("".join(source.blocks[block](context))) for block in ("subject", "preheader")
    )
    about = {**values, "subject": subject, "preheader": preheader, "language": language}
    return Rendered(
        subject,
        preheader,
        rich.get_template(name).render(about, layout="mail/_layout.html", parts="mail/_html.html"),
        _tidy(
            plain.get_template(name).render(about, layout="mail/_layout_text.html", parts="mail/_text.html")
        ),
    )


def exists(template: str) -> bool:
    """Tell whether there is a letter of this name."""
    return not template.startswith("_") and (templates() / "mail" / f"{template}.html").is_file()


def one_line(text: str) -> str:
    """Make one line of text that people may have typed, without anything that mail programs could obey."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


@lru_cache(maxsize=16)
def _environment(language: str, zone: ZoneInfo, form: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates()),
        extensions=["jinja2.ext.i18n"],
        autoescape=form == "html",  # noqa: S701 - the other form is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = catalogue(language)
    environment.install_gettext_callables(words.ugettext, words.ungettext, newstyle=True)  # type: ignore[attr-defined]  # the extension's

    def money(amount: Decimal | int, currency: str) -> str:
        return formats.money(amount, currency, language)

    def day(value: date, shape: formats.DayForm = "plain") -> str:
        return formats.day(value, language, shape)

    def moment(value: datetime) -> str:
        return formats.moment(value, language, zone)

    environment.filters |= {
        "money": money,
        "day": day,
        "moment": moment,
        "lines": _rich_lines if form == "html" else _plain_lines,
        "paragraphs": paragraphs,
        "wrap": _wrap,
    }
    return environment


def _rich_lines(text: str) -> Markup:
    if isinstance(text, Markup):  # a sentence of ours with a part set in bold; what was put in is escaped
        return text
    return Markup("<br>").join(escape(line) for line in _plain_lines(text).split("\n"))


def _plain_lines(text: str) -> str:
    """Keep the writer's own lines and nothing else that is not to be read."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(each for each in line if each.isprintable() or each == "\t") for line in lines)


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in _plain_lines(text).strip().split("\n\n") if part.strip()]


def _wrap(text: str, indent: int = 0) -> str:
    lines = []
    for line in str(text).split("\n"):
        lines += textwrap.wrap(
            line,
            WIDTH,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for index, line in enumerate(lines) if line or lines[index - 1]]
    return "\n".join(kept) + "\n"
