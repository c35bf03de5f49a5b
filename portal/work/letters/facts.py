"""What letters say of a case in words: names, prices, the answers, the results."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from catalog.questions import visible
from catalog.schema import CatalogItem
from portal import clock, formats
from portal.domain import org
from portal.domain.names import names_for
from portal.domain.queries.answers import in_words
from portal.domain.texts import rendered
from portal.i18n import N_, text, translate
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Team
from portal.work.letters.paper import one_line

MOST_FACTS: Final = 8
LONGEST: Final = 300
SAID_BY_SUBJECT: Final = frozenset({"beneficiary", "person.given_name", "person.surname"})

Facts = list[tuple[str, str]]


def name_of(person: Person | None, language: str) -> str:
    """Write who somebody is; a letter leaves the house, so a protected identity is not named in it."""
    if person is None:
        return translate(N_("Somebody"), language)
    if person.is_protected:
        return translate(N_("a person with protected identity"), language)
    return one_line(person.name)[:120]


def subject_of(request: ServiceRequest, language: str) -> str:
    """Write whom or what a case is for; nothing when that is the one who ordered."""
    if request.beneficiary is not None:
        return name_of(request.beneficiary, language)
    return one_line(request.unit.name)[:120] if request.unit is not None else ""


def team_name(session: Session, ref: str, language: str, main: str) -> str:
    """Write a team's name."""
    team: Team | None = org.team_named(session, ref)
    return one_line(text(team.names, language, main=main)) if team is not None else ref


def price_text(request: ServiceRequest, language: str) -> str:
    """Write what a case costs; nothing when it is free."""

    def money(amount: Decimal) -> str:
        return formats.money(amount, request.currency, language)

    once, monthly = request.price_once, request.price_monthly
    if once and monthly:
        both = N_("%(once)s and %(monthly)s a month")
        return translate(both, language, once=money(once), monthly=money(monthly))
    if monthly:
        return translate(N_("%(amount)s a month"), language, amount=money(monthly))
    return money(once) if once else ""


def answers(session: Session, request: ServiceRequest, item: CatalogItem, language: str) -> Facts:
    """List the first answers of an order with their questions, as the form showed them."""
    names = names_for(session, request, item)
    found: Facts = []
    for question in visible(item, names, names):
        if not question.asks or question.is_ in SAID_BY_SUBJECT:
            continue
        value = names.get(question.name)
        if question.type in ("person", "people"):
            shown = ", ".join(name_of(each, language) for each in _people(session, value))
        else:
            shown = in_language(in_words(question, value), language)
        if shown:
            label = text(rendered(question.label, names), language)
            found.append((one_line(label), shortened(shown)))
    return found[:MOST_FACTS]


def _people(session: Session, value: Any) -> list[Person]:
    rows = value if isinstance(value, list) else [value]
    found = (session.get(Person, each["id"]) for each in rows if isinstance(each, Mapping))
    return [each for each in found if each is not None]


def in_language(value: Any, language: str) -> str:
    """Write a value that was answered or noted."""
    match value:
        case None:
            return ""
        case bool():
            return translate(N_("Yes") if value else N_("No"), language)
        case date():
            return formats.day(value, language)
        case Decimal():
            return formats.number(value, language)
        case Mapping():
            return text(value, language)
        case list():
            return ", ".join(in_language(each, language) for each in value)
        case _:
            return str(value)


def results(tasks: list[Task], item: CatalogItem, language: str) -> Facts:
    """List what was noted when things were done by hand: serial numbers, rooms, days."""
    found: Facts = []
    for task in tasks:
        step = item.step(task.step)
        if task.state != "done" or task.kind != "task" or step is None:
            continue
        for result in getattr(step.spec, "results", ()):
            value = task.result.get(result.name)
            if value not in (None, ""):
                found.append((result.label.get(language), shortened(_result(result, value, language))))
    return found[:MOST_FACTS]


def _result(result: Any, value: Any, language: str) -> str:
    if result.type == "date" and isinstance(value, str):
        return formats.day(date.fromisoformat(value), language)
    choice = next((each for each in result.choices if each.value == value), None)
    return str(choice.label.get(language)) if choice is not None else in_language(value, language)


def shortened(shown: str) -> str:
    """Cut a long answer; the portal shows the rest."""
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1].rstrip() + "…"


def promised_day(session: Session, request: ServiceRequest) -> date | None:
    """Return the day by which a case is promised."""
    promised = request.promised_at
    return clock.local_day(promised, clock.zone(session)) if promised is not None else None
