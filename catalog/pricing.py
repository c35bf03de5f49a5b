"""What an order costs: the item's own price, and what is added by what was chosen, each times its number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.questions import visible
from catalog.schema import Amount, CatalogItem, Question
from catalog.texts import Texts
from catalog.values import plain


@dataclass(frozen=True)
class Line:
    """One part of a price: for the item itself (question "") or for one thing chosen."""

    label: Texts
    once: Decimal
    monthly: Decimal
    times: Decimal = Decimal(1)
    question: str = ""
    value: str = ""


@dataclass(frozen=True)
class Cost:
    """The whole price, and the lines it is the sum of."""

    once: Decimal
    monthly: Decimal
    currency: str
    lines: tuple[Line, ...] = ()


def price_of(item: CatalogItem, answers: Mapping[str, Any], names: Mapping[str, Any] | None = None) -> Cost:
    """Add up what an order costs. Answers are names; a row of a shared list carries its own price."""
    lines = tuple(line for line in _lines(item, answers, names) if line.once or line.monthly)
    once = sum((line.once * line.times for line in lines), Decimal(0))
    monthly = sum((line.monthly * line.times for line in lines), Decimal(0))
    return Cost(once, monthly, item.price.currency, lines)


def _lines(item: CatalogItem, answers: Mapping[str, Any], names: Mapping[str, Any] | None) -> Iterator[Line]:
    shown = {question.name for question in visible(item, answers, names)}
    own = _times(item.price.times, shown, answers)
    yield Line(item.title, item.price.once, item.price.monthly, own)
    for question in item.questions:
        if question.name not in shown or question.type not in ("choice", "choices"):
            continue
        answer = answers.get(question.name)
        for chosen in answer if isinstance(answer, list | tuple) else [answer]:
            found = _amount(question, chosen)
            if found is not None:
                label, amount = found
                times = _times(question.times, shown, answers)
                yield Line(label, amount.once, amount.monthly, times, question.name, str(plain(chosen)))


def _times(name: str | None, shown: set[str], answers: Mapping[str, Any]) -> Decimal:
    """Read a multiplier; a number that is not asked or not answered counts as one."""
    number = answers.get(name) if name and name in shown else None
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal) or number < 0:
        return Decimal(1)
    return Decimal(str(number))


def _amount(question: Question, chosen: Any) -> tuple[Texts, Amount] | None:
    for choice in question.choices:
        if choice.value == plain(chosen):
            return (choice.label or Texts(root={"": choice.value}), choice.price) if choice.price else None
    price = chosen.get("price") if isinstance(chosen, Mapping) else None
    if not question.list or not isinstance(price, Mapping):
        return None
    once, monthly = (Decimal(str(price.get(part) or 0)) for part in ("once", "monthly"))
    return _label(chosen), Amount.model_construct(once=once, monthly=monthly)


def _label(row: Mapping[str, Any]) -> Texts:
    label = row.get("label") or str(plain(row))
    if isinstance(label, Texts):
        return label
    return Texts(root=dict(label) if isinstance(label, Mapping) else {"": str(label)})
