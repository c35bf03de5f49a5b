"""How the questions of an item are drawn: each with its control, words, choices and fault."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from catalog import placeholders, rules
from catalog.questions import bound_of
from catalog.schema import Amount, CatalogItem, Question, Span
from catalog.texts import MAIN, Texts
from portal.domain import choices
from portal.domain.queries import people
from portal.domain.queries.people import shown_name
from portal.domain.queries.said import Said
from portal.domain.texts import rendered
from portal.forms.order import PREFIX, OrderForm
from portal.i18n import text_and_language
from portal.models.holding import Holding
from portal.models.person import Person
from portal.views import formatting
from portal.views.saying import say
from portal.web import current_settings

MOST_CARDS = 6


@dataclass(frozen=True)
class Drawn:
    """One question as the page shows it."""

    name: str
    id: str
    control: str
    label: str
    lang: str = ""
    hint: str = ""
    value: Any = ""
    error: str = ""
    required: bool = False
    refreshes: bool = False
    choices: tuple[Mapping[str, Any], ...] = ()
    found: list[dict[str, Any]] | None = None
    query: str = ""
    more: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Section:
    """A card of questions under a heading."""

    title: str
    lang: str
    fields: list[Drawn] = field(default_factory=list)


def words(texts: Texts | Mapping[str, str] | None) -> tuple[str, str]:
    """Return a text for the reader, and its language where that is not the page's."""
    page, main = formatting.page_language(), current_settings().main_language
    found, language = text_and_language(texts.root if isinstance(texts, Texts) else texts, page, main=main)
    language = main if language == MAIN else language
    return found, "" if language == page else language


def sections(form: OrderForm, errors: Mapping[str, Said]) -> list[Section]:
    """Lay out the visible questions as cards."""
    asked_about = depended_on(form.item)
    found = [Section(_("Your answers"), "")]
    for question in form.cleaned.visible:
        label, lang = words(rendered(question.label, form.cleaned.names))
        if question.type == "section":
            found.append(Section(label, lang))
            continue
        drawn = _drawn(form, question, errors, asked_about, label, lang)
        if question.type != "holding" or question.required or drawn.choices:
            found[-1].fields.append(drawn)
    return [section for section in found if section.fields]


def depended_on(item: CatalogItem) -> frozenset[str]:
    """List the questions whose answers change which others are asked, or how they are worded."""
    found: set[str] = set()
    for question in item.questions:
        for rule in (question.when, question.min, question.max):
            if isinstance(rule, str):
                found |= rules.names_in(rule)
        for texts in (question.label, question.hint):
            for text in texts.root.values() if texts else ():
                found |= placeholders.names_in(text)
    heads = {name.partition(".")[0] for name in found}
    subjects = {each.name for each in item.questions if each.is_ in ("beneficiary", "person")}
    return frozenset(heads | subjects)


def _drawn(
    form: OrderForm,
    question: Question,
    errors: Mapping[str, Said],
    asked_about: Collection[str],
    label: str,
    lang: str,
) -> Drawn:
    hint, _lang = words(rendered(question.hint, form.cleaned.names) if question.hint else None)
    error = errors.get(question.name)
    options = tuple(_options(form, question))
    value = form.cleaned.typed.get(question.name)
    common: dict[str, Any] = {
        "name": PREFIX + question.name,
        "id": f"q-{question.name}",
        "control": _control(question, options),
        "label": label,
        "lang": lang,
        "hint": hint or _bounds(form, question) or _lack(question, options),
        "value": _value(question, value),
        "error": say(error) if error else "",
        "required": question.required or question.type == "yes_no" or _is_preset(question),
        "refreshes": question.name in asked_about,
        "choices": options,
        "attributes": _attributes(question),
    }
    if question.type in ("person", "people"):
        common |= _people(form, question, value)
    return Drawn(**common)


def _control(question: Question, options: Collection[Any]) -> str:
    match question.type:
        case "choice" | "holding" | "unit":
            rich = len(options) <= MOST_CARDS and question.type == "choice"
            return "cards" if rich and (question.required or len(options) > 1) else "select"
        case "choices":
            return "tick_cards" if len(options) <= MOST_CARDS else "checkboxes"
        case "yes_no":
            return "cards"
        case "long_text":
            return "textarea"
        case "text":
            return {"email": "email", "phone": "tel"}.get(question.format or "", "text")
        case "number":
            return "text"  # a number field throws away what is not a number, and every value is kept
    return question.type


def _is_preset(question: Question) -> bool:
    """Tell whether something is always chosen, so that the question cannot be left empty."""
    return question.type == "choice" and question.default is not None


def _attributes(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if question.type in ("text", "long_text") and isinstance(question.max, int):
        found["rows"] = 5 if question.max > 500 else 3
    if question.type == "number":
        found |= {"inputmode": "decimal" if question.decimals else "numeric", "short": True}
    if question.type in ("text", "number"):
        found["autocomplete"] = "off"
    return found


def _value(question: Question, value: Any) -> Any:
    if question.many:
        return [str(each) for each in value or []]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _bounds(form: OrderForm, question: Question) -> str:
    """Spell the days that can be chosen: a date field follows the browser's language, not the page's."""
    if question.type != "date" or question.message:
        return ""
    first = bound_of(question, "min", form.cleaned.names)
    last = bound_of(question, "max", form.cleaned.names)
    text: str = ""
    if isinstance(first, date) and isinstance(last, date):
        text = _("From %(first)s to %(last)s.", first=formatting.day(first), last=formatting.day(last))
    elif isinstance(first, date):
        text = _("Not before %(day)s.", day=formatting.day(first))
    elif isinstance(last, date):
        text = _("Not after %(day)s.", day=formatting.day(last))
    return text


def _lack(question: Question, options: Collection[Any]) -> str:
    text: str = _("There is nothing to choose among.")
    return text if question.type in ("holding", "unit") and not options else ""


def _options(form: OrderForm, question: Question) -> Iterator[Mapping[str, Any]]:
    match question.type:
        case "yes_no":
            yield {"value": "yes", "label": _("Yes")}
            yield {"value": "no", "label": _("No")}
        case "unit":
            for unit in choices.units_for(form.session, form.item, question, form.actor):
                yield {"value": unit.id, "label": choices.unit_label(unit)}
        case "holding":
            for holding in choices.holdings_for(form.session, question, form.cleaned.subject.person):
                yield {"value": holding.id, "label": holding_label(holding)}
        case "choice" | "choices":
            yield from _listed(form, question)


def _listed(form: OrderForm, question: Question) -> Iterator[Mapping[str, Any]]:
    for choice in question.choices:
        label, lang = words(choice.label) if choice.label else (choice.value, "")
        hint = words(choice.hint)[0] if choice.hint else ""
        price = added(form.item, choice.price) if choice.price else ""
        yield {"value": choice.value, "label": label, "lang": lang, "hint": hint, "price": price}
    for row in choices.rows_of(form.session, question.list):
        label, lang = (
            words(row["label"])
            if isinstance(row.get("label"), Mapping)
            else (str(row.get("label") or ""), "")
        )
        amount = row.get("price") or {}
        parts = (Decimal(str(amount.get("once", 0))), Decimal(str(amount.get("monthly", 0))))
        price = added(form.item, Amount(once=parts[0], monthly=parts[1])) if any(parts) else ""
        yield {"value": row["value"], "label": label or row["value"], "lang": lang, "price": price}


def added(item: CatalogItem, amount: Amount) -> str:
    """Write what a choice adds to the price; with a plus where the item has a price of its own."""
    text = cost(amount.once, amount.monthly, item.price.currency)
    plus = bool(item.price.once or item.price.monthly) and bool(amount.once or amount.monthly)
    return f"+{text}" if plus else text


def cost(once: Decimal, monthly: Decimal, currency: str) -> str:
    """Write a price in words."""
    by_month, at_once = formatting.money(monthly, currency), formatting.money(once, currency)
    text: str = _("Free of charge")
    if once and monthly:
        text = _("%(monthly)s/month and %(once)s once", monthly=by_month, once=at_once)
    elif monthly:
        text = _("%(price)s/month", price=by_month)
    return at_once if once and not monthly else text


def span_text(span: Span | None) -> str:
    """Write a promised time as people say it."""
    text: str = ""
    if span is None:
        return text
    if span.working_days:
        text = ngettext("%(num)s working day", "%(num)s working days", span.working_days)
    elif span.hours:
        text = ngettext("About %(num)s hour", "About %(num)s hours", span.hours)
    elif span.minutes:
        text = ngettext("About %(num)s minute", "About %(num)s minutes", span.minutes)
    return text


def holding_label(holding: Holding) -> str:
    """Name something that somebody has, and since when."""
    title = holding.values.get("title")
    name: str = words(title)[0] if isinstance(title, Mapping) else str(title or holding.item_key)
    if holding.started_on is not None:
        name = _("%(name)s, since %(day)s", name=name, day=formatting.day(holding.started_on, "short"))
    return name


def person_choice(person: Person, viewer: Person) -> dict[str, Any]:
    """Return somebody as a line that can be chosen."""
    masked = not people.may_see_name(person, viewer)
    return {
        "value": person.id,
        "name": _(shown_name(person, viewer)) if masked else person.name,
        "unit": choices.unit_label(person.unit) if person.unit else "",
        "mail": "" if masked or person.is_protected else person.mail,
    }


def _people(form: OrderForm, question: Question, value: Any) -> dict[str, Any]:
    query = form.queries.get(question.name, "")
    whom = choices.whom_of(form.item, question)
    ids = [int(each) for each in (value if question.many else [value]) or [] if str(each or "").isdigit()]
    chosen = [each for number in ids if (each := people.pick(form.session, form.actor, number, whom=whom))]
    found = people.find_people(form.session, form.actor, query, whom=whom)
    if not query.strip() and whom == "orderable" and 0 < form.others <= people.MOST:
        found = people.orderable(form.session, form.actor)
        listed = [*found.people, *(each for each in chosen if each not in found.people)]
    else:
        listed = [*chosen, *(each for each in found.people if each not in chosen)]
    searched = bool(query.strip()) or bool(listed)
    lines = [person_choice(each, form.actor) for each in listed]
    return {"found": lines if searched else None, "query": query, "more": found.more}
