"""The answers of an order: which questions are shown, what each answer is, and what is wrong with them.

One evaluator for the page, its live part, the sending and the API. Questions are gone through in order;
what is hidden is not asked, and an answer to it is refused. A question that was not in the form yet has its
default.
"""

from collections import ChainMap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from catalog import rules
from catalog.placeholders import TemplateFault
from catalog.questions import default_of, is_shown, is_valid, nothing
from catalog.references import bound
from catalog.schema import CatalogItem, Question
from portal import clock
from portal.domain import people, subjects
from portal.domain.answer_types import Reading, Wrong, kept, read
from portal.domain.nouns import Lazy, answer_value, employment_data, leave_data, person_data, unit_data
from portal.domain.queries.said import Said, said
from portal.domain.subjects import Subject
from portal.domain.texts import rendered
from portal.domain.world import world_of
from portal.errors import PortalError
from portal.i18n import N_
from portal.models.person import Person

FOR = "for"
"""Where a fault in whom it is for stands when no question asks it; no question can be called so."""

LONGEST_TYPED = 20_000


@dataclass(frozen=True)
class Cleaned:
    """Answers as they are kept, the form they belong to, and what is wrong."""

    answers: dict[str, Any]
    visible: tuple[Question, ...]
    errors: dict[str, Said]
    subject: Subject
    names: Mapping[str, Any]
    """All that labels, rules and prices may ask for, the answers among them."""
    typed: Mapping[str, Any] = field(default_factory=dict)
    """What each question on the form holds now, right or wrong."""
    appeared: tuple[str, ...] = ()
    """Questions that were not in the form that was sent."""
    disappeared: tuple[str, ...] = ()
    """Questions that were answered although they are not asked."""
    refused_at: str = ""
    """The question (or `for`) that says for whom, when it may not be ordered for them."""
    refusal: Said | None = None
    """Why it may not be ordered for them."""

    @property
    def is_sound(self) -> bool:
        """Tell whether it can be sent."""
        return not self.errors


def clean(
    session: Session,
    item: CatalogItem,
    raw: Mapping[str, Any],
    *,
    actor: Person,
    beneficiary: Person | None = None,
    draft: bool = False,
    shown: Collection[str] = (),
) -> Cleaned:
    """Read the answers to an item's questions, from a form, from a draft or from plain data.

    `shown` names the questions that were in the form: those that are missing there were left empty, others
    get their default. A draft needs no answers and keeps what is wrong as it was typed.
    """
    sheet = _Sheet(session, item, actor, beneficiary)
    for question in item.questions:
        if not is_shown(question, sheet.names):
            continue
        sheet.visible.append(question)
        if question.asks:
            sheet.take(question, raw, shown)
    sheet.check_rules()
    if not draft:
        sheet.check_required()
    sheet.check_unasked(raw)
    refused_at, refusal = ("", None) if draft else sheet.check_allowed()
    answers = sheet.as_typed() if draft else sheet.answers
    asked = [question.name for question in sheet.visible if question.asks]
    return Cleaned(
        answers,
        tuple(sheet.visible),
        sheet.errors,
        sheet.subject,
        sheet.names,
        sheet.typed,
        tuple(name for name in asked if shown and name not in shown),
        tuple(sheet.unasked),
        refused_at,
        refusal,
    )


def sent(raw: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Return everything that was sent under a name."""
    if hasattr(raw, "getlist"):
        found: Sequence[Any] = raw.getlist(name)
        return found
    value = raw.get(name)
    return list(value) if isinstance(value, list | tuple) else [value]


class _Sheet:
    """The form while it is read, question by question."""

    def __init__(
        self, session: Session, item: CatalogItem, actor: Person, beneficiary: Person | None
    ) -> None:
        self.session, self.item, self.actor, self.beneficiary = session, item, actor, beneficiary
        self.answers: dict[str, Any] = {}
        self.typed: dict[str, Any] = {}
        self.visible: list[Question] = []
        self.errors: dict[str, Said] = {}
        self.unasked: list[str] = []
        self.given = {question.name: nothing(question) for question in item.questions if question.asks}
        self.look_at_subject()

    def look_at_subject(self) -> None:
        """See whom it is for with the answers so far; rules may ask for them."""
        self.subject = subjects.subject_of(
            self.session, self.item, self.answers, actor=self.actor, beneficiary=self.beneficiary
        )
        base = names_of_form(self.session, self.item, self.actor, self.subject)
        self.names: Mapping[str, Any] = ChainMap(self.given, base)  # type: ignore[arg-type]  # only ever read

    def take(self, question: Question, raw: Mapping[str, Any], shown: Collection[str]) -> None:
        """Read the answer to a question that is asked."""
        about = Reading(self.session, self.item, self.actor, self.subject.person, self.names)
        if question.name not in raw and question.name not in shown:
            self._take_default(question, about)
            return
        values = sent(raw, question.name)
        self.typed[question.name] = list(values) if question.many else next(iter(values), None)
        try:
            self._keep(question, read(question, values, about))
        except Wrong as wrong:
            self.errors[question.name] = (wrong.bound and _own_words(question)) or wrong.why

    def _take_default(self, question: Question, about: Reading) -> None:
        try:
            value = kept(default_of(question, self.names))
            answer = read(question, value if isinstance(value, list) else [value], about)
        except (Wrong, TemplateFault):  # a default that is not for this person is no default
            answer = nothing(question)
        self.typed[question.name] = answer
        self._keep(question, answer)

    def _keep(self, question: Question, answer: Any) -> None:
        if answer in (None, []):
            return
        self.answers[question.name] = answer
        self.given[question.name] = answer_value(self.session, question, answer)
        if question.is_ in ("beneficiary", "person", "unit", "employment.unit"):
            self.look_at_subject()

    def check_rules(self) -> None:
        """Ask the author's rules about what was answered; one about a faulty answer waits for that."""
        for question in self.visible:
            if not question.valid or question.name not in self.answers:
                continue
            asked_for = {name.partition(".")[0] for name in rules.names_in(question.valid)}
            if not asked_for & self.errors.keys() and not is_valid(question, self.names):
                own = (
                    question.message.root if question.message else N_("This answer does not fit the others.")
                )
                self.errors[question.name] = said("%(text)s", text=own)

    def check_required(self) -> None:
        """Say which answers are missing."""
        for question in self.visible:
            if question.required and question.name not in self.answers and question.name not in self.errors:
                label = rendered(question.label, self.names)
                self.errors[question.name] = said(MISSING.get(question.type, FILL_IN), label=label)
        self.errors = {  # in the order of the form
            question.name: self.errors[question.name]
            for question in self.visible
            if question.name in self.errors
        }

    def check_unasked(self, raw: Mapping[str, Any]) -> None:
        """Refuse answers to questions that are hidden or do not exist."""
        asked = {question.name for question in self.visible if question.asks}
        for name in raw:
            if name in asked or all(value in (None, "") for value in sent(raw, name)):
                continue
            question = self.item.question(name)
            if question is None or not question.asks:
                self.errors[name] = said(N_("There is no question called “%(name)s”."), name=str(name)[:60])
            else:
                self.unasked.append(name)
                label = rendered(question.label, self.names)
                self.errors[name] = said(
                    N_("“%(label)s” is no longer asked with these answers, so it was left out."), label=label
                )

    def check_allowed(self) -> tuple[str, Said | None]:
        """Say whether this may be ordered for them; return the question that the fault stands at."""
        try:
            subjects.check_allowed(self.session, self.item, self.actor, self.subject)
        except PortalError as refusal:
            of_unit = self.subject.is_new or self.subject.person is None
            targets = ("unit", "employment.unit") if of_unit else ("beneficiary", "person")
            place = next((each.name for each in self.visible if each.is_ in targets), FOR)
            why = Said(refusal.message, refusal.values)
            self.errors.setdefault(place, why)
            return place, why
        return "", None

    def as_typed(self) -> dict[str, Any]:
        """Return what a draft keeps: sound answers as they are, others as they were typed."""
        found: dict[str, Any] = {}
        for name, value in self.typed.items():
            found[name] = self.answers.get(name, _clipped(value))
        return found


def _own_words(question: Question) -> Said | None:
    return said("%(text)s", text=question.message.root) if question.message else None


def _clipped(value: Any) -> Any:
    if isinstance(value, list):
        return [_clipped(each) for each in value[:200]]
    if isinstance(value, str):
        return "".join(each for each in value[:LONGEST_TYPED] if not 0xD800 <= ord(each) < 0xE000)
    return value if isinstance(value, int | None) else None


FILL_IN = N_("Fill in “%(label)s”.")
MISSING = {
    "choice": N_("Choose an answer to “%(label)s”."),
    "choices": N_("Choose at least one answer to “%(label)s”."),
    "yes_no": N_("Answer yes or no to “%(label)s”."),
    "date": N_("Choose a day for “%(label)s”."),
    "person": N_("Search for and choose a person: “%(label)s”."),
    "people": N_("Search for and choose at least one person: “%(label)s”."),
    "unit": N_("Choose a unit: “%(label)s”."),
    "holding": N_("Choose one: “%(label)s”."),
}


def names_of_form(session: Session, item: CatalogItem, actor: Person, subject: Subject) -> Lazy:
    """Return what rules, labels and defaults of a form may ask for besides answers."""
    today = clock.today(session)
    person, employment = subject.person, subject.employment
    form = employment.form if employment else ""
    bound_later = {name: None for step in item.all_steps() for name in bound(step)}
    return Lazy(
        {
            **bound_later,
            "me": lambda: person_data(session, actor),
            "requester": lambda: person_data(session, actor),
            "beneficiary": lambda: person_data(session, person),
            "unit": lambda: unit_data(session, subject.unit),
            "employment": lambda: employment_data(session, employment),
            "leave": lambda: leave_data(people.leave_on(session, person, today) if person else None),
            "holding": None,
            "order": {"number": None, "placed_on": today},
            "request": {
                "number": None,
                "purpose": "deliver",
                "origin": "person",
                "revision": 1,
                "placed_on": today,
            },
            "item": {"id": item.id, "title": item.title, "category": item.category},
            "price": {"once": 0, "monthly": 0},
            "policy": {"grace": world_of(session).policy(form).grace_days},
            "row": None,
            "today": today,
            "steps": {},
        }
    )
