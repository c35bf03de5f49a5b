"""Reading one answer: from what was typed or sent to how it is kept, or a sentence on what is wrong with it.

Kept forms are plain data: days as ISO text, people, units and holdings as numbers, numbers as whole numbers
or as text with decimals, yes and no as truth, choices as their values.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from catalog.questions import bound_of
from catalog.schema import CatalogItem, Question
from catalog.values import plain
from portal.domain import choices
from portal.domain.queries import people
from portal.domain.queries.said import Said, said
from portal.i18n import N_
from portal.models.person import Person

SHORT: Final = 200
LONG: Final = 4000
MOST_CHOSEN: Final = 200
LARGEST: Final = Decimal(10) ** 12
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:[.,][0-9]{1,6})?")
DAY = re.compile(r"([0-9]{4})[-./]?([0-9]{1,2})[-./]?([0-9]{1,2})")
MAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"().]{2,}")
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,24}")
TRUTH: Final[Mapping[Any, bool]] = {
    "yes": True,
    "true": True,
    "1": True,
    "no": False,
    "false": False,
    "0": False,
}


class Wrong(Exception):
    """An answer cannot be taken; says why. `bound` when the author's own message may say it better."""

    def __init__(self, why: Said, *, bound: bool = False) -> None:
        """Keep the sentence."""
        super().__init__(why.message)
        self.why = why
        self.bound = bound


@dataclass(frozen=True)
class Reading:
    """Where an answer is read: for which item, by whom, for whom, with which names."""

    session: Session
    item: CatalogItem
    actor: Person
    owner: Person | None
    names: Mapping[str, Any]


def read(question: Question, values: Sequence[Any], about: Reading) -> Any:
    """Return an answer as it is kept, None (or []) when there is none. Raises Wrong."""
    values = [value for value in values if value not in (None, "")]
    if question.many:
        return _many(question, values, about)
    if len(values) > 1:
        raise Wrong(said(N_("Give one answer only.")))
    return READERS[question.type](question, values[0], about) if values else None


def _many(question: Question, values: Sequence[Any], about: Reading) -> list[Any]:
    if len(values) > MOST_CHOSEN:
        raise Wrong(said(N_("Choose fewer.")))
    one = _choice if question.type == "choices" else _person
    kept = list(dict.fromkeys(one(question, value, about) for value in values))
    if kept:
        least, most = bound_of(question, "min", about.names), bound_of(question, "max", about.names)
        if isinstance(least, int) and len(kept) < least:
            raise Wrong(said(N_("Choose at least %(number)s."), number=least), bound=True)
        if isinstance(most, int) and len(kept) > most:
            raise Wrong(said(N_("Choose at most %(number)s."), number=most), bound=True)
    return kept


def _text(question: Question, value: Any, about: Reading) -> str | None:
    if not isinstance(value, str):
        raise Wrong(said(N_("Write an answer in words.")))
    most = min(question.max, LONG) if isinstance(question.max, int) else None
    most = most or (LONG if question.type == "long_text" else SHORT)
    if len(value) > 4 * most + 100:  # not worth reading closely
        raise Wrong(said(N_("Write at most %(number)s characters."), number=most), bound=True)
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if question.type == "text":
        text = " ".join(text.split())
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t" for each in text):
        raise Wrong(said(N_("There are characters here that cannot be kept. Write the text again.")))
    if not text:
        return None
    if len(text) > most:
        raise Wrong(said(N_("Write at most %(number)s characters."), number=most), bound=True)
    if isinstance(question.min, int) and len(text) < question.min:
        raise Wrong(said(N_("Write at least %(number)s characters."), number=question.min), bound=True)
    _check_form(question, text)
    return text


def _check_form(question: Question, text: str) -> None:
    if question.format == "email" and (len(text) > 254 or not MAIL.fullmatch(text)):
        raise Wrong(said(N_("Write an address such as name@example.org.")), bound=True)
    if question.format == "phone" and not PHONE.fullmatch(text):
        raise Wrong(said(N_("Write a number such as 070-123 45 67.")), bound=True)
    if question.pattern and not re.fullmatch(question.pattern, text):
        raise Wrong(said(N_("This is not written in the form that is asked for.")), bound=True)


def _number(question: Question, value: Any, about: Reading) -> int | str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Wrong(said(N_("Write a number.")))
    text = re.sub(r"[\s\u00a0\u202f]", "", str(value)[:60]).replace("\u2212", "-")
    if not NUMBER.fullmatch(text):
        raise Wrong(said(N_("Write a number, with figures only.")))
    number = Decimal(text.replace(",", "."))
    if abs(number) > LARGEST:
        raise Wrong(said(N_("That number is too large.")))
    if number != round(number, question.decimals):
        if not question.decimals:
            raise Wrong(said(N_("Write a whole number.")))
        raise Wrong(said(N_("Write at most %(number)s decimals."), number=question.decimals))
    _within(question, number, about)
    return str(round(number, question.decimals)) if question.decimals else int(number)


def _within(question: Question, number: Decimal, about: Reading) -> None:
    least, most = bound_of(question, "min", about.names), bound_of(question, "max", about.names)
    if isinstance(least, int | Decimal) and number < least:
        raise Wrong(said(N_("Write %(number)s or more."), number=least), bound=True)
    if isinstance(most, int | Decimal) and number > most:
        raise Wrong(said(N_("Write %(number)s or less."), number=most), bound=True)


def _date(question: Question, value: Any, about: Reading) -> str:
    if isinstance(value, date):
        value = value.isoformat()
    match = DAY.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise Wrong(said(N_("Choose a day that is in the calendar, written like 2026-11-30.")))
    least, most = bound_of(question, "min", about.names), bound_of(question, "max", about.names)
    if isinstance(least, date) and day < least:
        raise Wrong(said(N_("Choose %(day)s or later."), day=least), bound=True)
    if isinstance(most, date) and day > most:
        raise Wrong(said(N_("Choose %(day)s or earlier."), day=most), bound=True)
    return day.isoformat()


def _yes_no(question: Question, value: Any, about: Reading) -> bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in TRUTH:
        raise Wrong(said(N_("Choose yes or no.")))
    return TRUTH[value.lower()]


def _choice(question: Question, value: Any, about: Reading) -> str:
    if not isinstance(value, str) or value not in choices.values_of(about.session, question):
        raise Wrong(said(N_("Choose one of the answers that are offered.")))
    return value


def _id(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(said(N_("Choose one of those that are offered.")))
    return value


def _person(question: Question, value: Any, about: Reading) -> int:
    whom = choices.whom_of(about.item, question)
    person = people.pick(about.session, about.actor, _id(value), whom=whom)
    if person is None:
        raise Wrong(said(N_("Search for the person and choose among those that are found.")))
    return person.id


def _unit(question: Question, value: Any, about: Reading) -> int:
    number = _id(value)
    offered = choices.units_for(about.session, about.item, question, about.actor)
    if number not in {unit.id for unit in offered}:
        raise Wrong(said(N_("Choose one of the units that are offered.")))
    return number


def _holding(question: Question, value: Any, about: Reading) -> int:
    number = _id(value)
    if number not in {each.id for each in choices.holdings_for(about.session, question, about.owner)}:
        raise Wrong(said(N_("Choose one of those that are offered.")))
    return number


READERS: Final[Mapping[str, Callable[[Question, Any, Reading], Any]]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
    "person": _person,
    "unit": _unit,
    "holding": _holding,
}


def kept(value: Any) -> Any:
    """Return a value of names as an answer that could have been sent."""
    if isinstance(value, Mapping) and "value" not in value:
        return value.get("id")
    value = plain(value)
    if isinstance(value, list | tuple):
        return [kept(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
