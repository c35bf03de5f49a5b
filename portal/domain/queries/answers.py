"""What was ordered, as labels and values: the questions that were shown, with their answers in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from catalog.questions import visible
from catalog.schema import CatalogItem, Question
from catalog.values import plain
from portal.domain.names import names_for
from portal.domain.nouns import Lazy
from portal.domain.queries.said import Said
from portal.domain.texts import rendered
from portal.models.request import ServiceRequest

Shown = Said | dict[str, str] | str | bool | date | Decimal | list[Any]


@dataclass(frozen=True)
class Answer:
    """One question and what was answered; `is_long` answers are shown as somebody's own words."""

    label: dict[str, str]
    value: Shown
    is_long: bool = False


def shown_answers(session: Session, request: ServiceRequest, item: CatalogItem) -> list[Answer]:
    """List the answered questions of a case, as they are true now."""
    names = names_for(session, request, item)
    found = []
    for question in visible(item, names, names):
        if not question.asks:
            continue
        value = in_words(question, names.get(question.name))
        if value not in (None, "", []):
            label = rendered(question.label, names)
            found.append(Answer(label, value, is_long=question.type == "long_text"))
    return found


def in_words(question: Question, value: Any) -> Any:
    """Write an answer so that people can read it: labels for choices, names for people and things."""
    if value is None or value == "":
        return None
    if isinstance(value, list | tuple):
        return [word for each in value if (word := in_words(question, each)) is not None]
    if question.type in ("choice", "choices"):
        return _choice(question, value)
    if isinstance(value, Mapping):
        return _thing(value)
    if isinstance(value, bool | date | Decimal):
        return value
    return Decimal(str(value)) if isinstance(value, int | float) else str(value)


def _choice(question: Question, value: Any) -> Any:
    chosen = str(plain(value))
    for choice in question.choices:
        if choice.value == chosen:
            return dict(choice.label.root) if choice.label else choice.value
    label = value.get("label") if isinstance(value, Mapping) else None
    if isinstance(label, Mapping):
        return dict(label)
    return str(label) if label else chosen


def _thing(value: Mapping[str, Any] | Lazy) -> Any:
    title = value.get("title")
    if isinstance(title, Mapping):
        return dict(title)
    return value.get("name") or title or value.get("item") or None
