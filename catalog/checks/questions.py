"""Questions: names of their own, choices, lists, defaults, and what `is:` may say."""

from datetime import date

from catalog.checks.head import _unknown, number_question
from catalog.known import Known
from catalog.names import RESERVED
from catalog.problems import N_
from catalog.reading import Reading
from catalog.references import bound
from catalog.schema import IS_TARGETS, Question

CHOOSES = frozenset({"choice", "choices"})
IS_TYPES = {
    "person": {"person"},
    "beneficiary": {"person"},
    "unit": {"unit"},
    "employment.unit": {"unit"},
    "employment.manager": {"person"},
    "employment.replaces": {"person"},
    "employment.sponsor": {"person"},
    "employment.form": {"choice"},
    "employment.workplace": {"choice", "text"},
    "employment.starts_on": {"date"},
    "employment.ends_on": {"date"},
    "leave.starts_on": {"date"},
    "leave.ends_on": {"date"},
    "leave.keep_phone": {"yes_no"},
    "leave.account_readable": {"yes_no"},
    "leave.kind": {"choice"},
}


def check(reading: Reading, known: Known) -> None:
    """Look at every question."""
    taken: dict[str, int] = {}
    for index, question in reading.questions:
        path = reading.question_path(index)
        _name(reading, path, question.name, taken, index)
        _choices(reading, path, question, known)
        _is(reading, path, question)
        _only_for(reading, path, question)
        if question.times:
            number_question(reading, (*path, "times"), question.times)
        if question.valid and question.message is None:
            message = N_("Write in “message” what is said when this does not hold.")
            reading.tree.problem((*path, "valid"), "valid", message)
        judged = question.valid or question.pattern or question.min is not None or question.max is not None
        if question.message is not None and not judged:
            message = N_("There is a message but no valid, pattern, min or max that it belongs to.")
            reading.tree.problem((*path, "message"), "valid", message)
        _default(reading, path, question)
    for section, steps in reading.steps.items():
        for index, step in steps:
            for name in bound(step):
                inner = ("spec", "as") if step.kind == "reserve" else ("spec", "nouns", "values", name)
                where = reading.step_path(section, index, inner)
                if name in taken or name in RESERVED:
                    message = N_("There is another “%(name)s” already. Each name can be given once.")
                    reading.tree.problem(where, "duplicate-name", message, name=name)


def _name(
    reading: Reading, path: tuple[str | int, ...], name: str, taken: dict[str, int], index: int
) -> None:
    if name in RESERVED:
        message = N_("“%(name)s” means something else in rules. Call the question something else.")
        reading.tree.problem((*path, "name"), "reserved-name", message, name=name)
    elif name in taken:
        line, _ = reading.tree.place(("questions", taken[name], "name"))
        message = N_("There is another question “%(name)s”, on line %(line)s.")
        reading.tree.problem((*path, "name"), "duplicate-name", message, name=name, line=line)
    taken.setdefault(name, index)


def _choices(reading: Reading, path: tuple[str | int, ...], question: Question, known: Known) -> None:
    tree = reading.tree
    if question.type not in CHOOSES:
        for key in ("choices", "list"):
            if getattr(question, key):
                message = N_("Only questions of the types choice and choices have “%(name)s”.")
                tree.problem((*path, key), "choices", message, key=True, name=key)
        return
    if bool(question.choices) == bool(question.list):
        message = N_("What is there to choose from? Write either “choices” or “list”.")
        tree.problem(path, "choices", message)
    if question.list and known.lists is not None and question.list not in known.lists:
        _unknown(reading, (*path, "list"), "list", question.list, frozenset(known.lists))
    seen: set[str] = set()
    for index, choice in enumerate(question.choices):
        if choice.value in seen:
            message = N_("“%(value)s” can be chosen twice.")
            tree.problem((*path, "choices", index), "choices", message, value=choice.value)
        seen.add(choice.value)


def _is(reading: Reading, path: tuple[str | int, ...], question: Question) -> None:
    if question.is_ is None:
        return
    if question.is_ not in IS_TARGETS:
        _unknown(reading, (*path, "is"), "is", question.is_, IS_TARGETS)
        return
    types = IS_TYPES.get(question.is_, {"text", "choice"})
    if question.type not in types:
        message = N_("“%(target)s” is answered by a question of the type %(types)s.")
        listed = ", ".join(sorted(types))
        reading.tree.problem((*path, "is"), "is-type", message, target=question.is_, types=listed)


def _only_for(reading: Reading, path: tuple[str | int, ...], question: Question) -> None:
    """Say so when a key has no meaning for the question's type."""
    only = {
        "item": {"holding"},
        "decimals": {"number"},
        "format": {"text"},
        "pattern": {"text", "long_text"},
        "min": {"number", "date", "text", "long_text", "choices", "people"},
        "max": {"number", "date", "text", "long_text", "choices", "people"},
        "times": CHOOSES,
    }
    for key, types in only.items():
        if getattr(question, key) and question.type not in types:
            message = N_("“%(name)s” has no meaning for a question of the type %(type)s.")
            reading.tree.problem((*path, key), "no-meaning", message, key=True, name=key, type=question.type)
    if question.type == "holding" and not question.item:
        reading.tree.problem(path, "holding", N_("Write in “item” which services the holdings are of."))
    if not question.asks and (question.required or question.is_ or question.default is not None):
        message = N_("A question of the type %(type)s asks nothing, so nothing can be required of it.")
        reading.tree.problem(path, "no-meaning", message, type=question.type)
    for key in ("min", "max"):
        value = getattr(question, key)
        if isinstance(value, str) and question.type in types_with_numbers:
            message = N_("A number is needed here, not “%(value)s”.")
            reading.tree.problem((*path, key), "number", message, value=value)
        if isinstance(value, int) and question.type == "date":
            message = N_("A day is needed here: a rule such as today + days(14).")
            reading.tree.problem((*path, key), "date", message)


types_with_numbers = frozenset({"number", "text", "long_text", "choices", "people"})


def _default(reading: Reading, path: tuple[str | int, ...], question: Question) -> None:
    value = question.default
    if value is None or (isinstance(value, str) and "{" in value):
        return
    values = {choice.value for choice in question.choices}
    fits = {
        "yes_no": isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "date": isinstance(value, date),
        "choice": question.list is not None or value in values,
        "choices": isinstance(value, list) and (question.list is not None or set(value) <= values),
    }.get(question.type, isinstance(value, str))
    if not fits:
        message = N_("“%(value)s” cannot be the answer to a question of the type %(type)s.")
        reading.tree.problem(
            (*path, "default"), "default", message, value=str(value)[:60], type=question.type
        )
