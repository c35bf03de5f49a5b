"""Rules and placeholders: every name is known, with the attributes asked for, and can be decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import guards, placeholders, rules
from catalog.known import Known
from catalog.names import (
    ALWAYS,
    ANSWER_TYPES,
    ANY,
    EMPLOYMENT_FORMS,
    MAYBE,
    PLAIN,
    ROLES,
    SYSTEM,
    TYPES,
    wrong_attribute,
)
from catalog.problems import N_, nearest
from catalog.reading import SECTION_NAMES, Reading
from catalog.references import bound, texts_in, written
from catalog.schema import Question, Step
from catalog.steps import approve, notify
from catalog.steps.task import Task
from catalog.texts import Rule
from catalog.tree import Path


@dataclass(frozen=True)
class Where:
    """A rule or text, where it stands, and what is known there."""

    path: Path
    before: int | None = None
    """The index of the question it belongs to: later ones are not answered yet."""
    words: frozenset[str] = frozenset()
    """Words that can stand in place of a rule here."""
    shown_by: str = ""
    """The rule without which nobody comes here."""
    itself: str = ""


def check(reading: Reading, known: Known) -> None:
    """Look at every rule and every placeholder of the item."""
    world = _World(reading, known)
    if reading.item.available_to:
        world.rule(reading.item.available_to, Where(("available_to",), before=0))
    if reading.item.holding and reading.item.holding.title:
        for path, text in texts_in(reading.item.holding.title):
            world.template(text, Where(("holding", "title", *path)))
    for place, (index, question) in enumerate(reading.questions):
        for path, kind, value in written(question):
            where = Where(
                reading.question_path(index, path),
                before=place + (path[0] in ("valid", "min", "max")),
                shown_by=question.when if path[0] != "when" else "",
                itself=question.name,
            )
            world.look(kind is Rule, value, where)
    for section in SECTION_NAMES:
        for index, step in reading.steps[section]:
            for path, kind, value in written(step):
                shown = step.when if path[0] != "when" else ""
                world.look(
                    kind is Rule, value, Where(reading.step_path(section, index, path), shown_by=shown)
                )
            words = {"approve": approve.WORDS, "notify": notify.WORDS}.get(step.kind, frozenset())
            for inner, rule in step.spec.rules():
                path = reading.step_path(section, index, ("spec", *inner))
                world.rule(rule, Where(path, words=words, shown_by=step.when))


class _World:
    """The names of one item."""

    def __init__(self, reading: Reading, known: Known) -> None:
        self.reading, self.known, self.tree = reading, known, reading.tree
        self.order = [question.name for _, question in reading.questions]
        self.questions = {question.name: question for _, question in reading.questions if question.asks}
        self.steps = {step.id: step for section in SECTION_NAMES for _, step in reading.steps[section]}
        self.own = {name for step in self.steps.values() for name in bound(step)}
        self.types = dict(TYPES)
        self.roots = frozenset(self.questions) | self.own | frozenset(SYSTEM)
        self.maybe = {
            name: question.when if question.required else ""
            for name, question in self.questions.items()
            if (question.when or not question.required)
            and question.default is None
            and question.type != "yes_no"
        } | dict.fromkeys(MAYBE, "")

    def look(self, is_rule: bool, value: object, where: Where) -> None:
        """Look at a rule, or at every text within a value."""
        if is_rule:
            self.rule(str(value), where)
            return
        for path, text in texts_in(value):
            self.template(text, Where((*where.path, *path), where.before))

    def rule(self, rule: str, where: Where) -> None:
        """Look at one rule."""
        try:
            names = rules.names_in(rule)
        except rules.RuleFault as fault:
            self.tree.add(*self.tree.place(where.path), "rule", fault.message, fault.params)
            return
        sound = [self._name(name, where) for name in sorted(names)]
        if all(sound):
            self._texts_compared(rule, where)
            self._none(rule, where)

    def template(self, text: str, where: Where) -> None:
        """Look at the placeholders of one text."""
        try:
            names = placeholders.names_in(text)
        except placeholders.TemplateFault as fault:
            self.tree.add(*self.tree.place(where.path), "placeholder", fault.message, fault.params)
            return
        for name in sorted(names):
            self._name(name, where)

    def _name(self, name: str, where: Where) -> bool:
        root, *rest = name.split(".")
        if root in self.reading.unread:
            return False
        if root == "steps":
            return self._step(rest, where)
        if root not in self.roots:
            self._unknown(where, root, (self.roots - {"row"}) | where.words, "unknown-name")
            return False
        if where.before is not None and root in self.order and self.order.index(root) >= where.before:
            message = N_("“%(name)s” is asked further down. A question can look only at those above it.")
            self.tree.problem(where.path, "later-question", message, name=root)
            return False
        return self._attribute(root, tuple(rest), where)

    def _attribute(self, root: str, rest: tuple[str, ...], where: Where) -> bool:
        wrong = wrong_attribute(self._type(root), rest, self.types)
        if wrong is None:
            return True
        part, known = wrong
        question = self.questions.get(root)
        if question is not None and question.list:
            known = known | self._columns(question)
        if not known:
            message = N_("“%(name)s” has nothing called “%(part)s”.")
            self.tree.problem(where.path, "unknown-attribute", message, name=root, part=part)
        else:
            self._unknown(where, part, known, "unknown-attribute", of=root)
        return False

    def _type(self, root: str) -> str:
        if root in self.own:
            return ANY
        question = self.questions.get(root)
        if question is None:
            return SYSTEM.get(root, PLAIN)
        if question.list:
            rows = (self.known.lists or {}).get(question.list)
            return PLAIN if question.many else ANY if rows is None else self._list_type(question)
        return ANSWER_TYPES.get(question.type, PLAIN)

    def _columns(self, question: Question) -> frozenset[str]:
        rows = (self.known.lists or {}).get(question.list or "", ())
        return frozenset(key for row in rows for key in row) | {"value", "label"}

    def _list_type(self, question: Question) -> str:
        columns = self._columns(question)
        self.types[f"a row of {question.list}"] = dict.fromkeys(columns, ANY)
        return f"a row of {question.list}"

    def _step(self, rest: list[str], where: Where) -> bool:
        if not rest:
            self.tree.problem(where.path, "steps", N_("Write steps.<id>: which step is meant?"))
            return False
        if where.before is not None:
            message = N_("No step has been taken while the form is filled in.")
            self.tree.problem(where.path, "steps", message)
            return False
        if rest[0] in self.reading.unread_steps:
            return False
        if rest[0] not in self.steps:
            self._unknown(where, rest[0], frozenset(self.steps), "unknown-step")
            return False
        return self._result(self.steps[rest[0]], rest[1:], where)

    def _result(self, step: Step, rest: list[str], where: Where) -> bool:
        known: frozenset[str] | None = None
        if isinstance(step.spec, Task):
            known = frozenset(result.name for result in step.spec.results) | {"state"}
        elif step.kind == "approve":
            known = frozenset({"state", "decision"})
        elif step.kind in ("notify", "wait"):
            known = frozenset({"state"})
        if rest and known is not None and rest[0] not in known:
            self._unknown(where, rest[0], known, "unknown-result", of=f"steps.{step.id}")
            return False
        return True

    def _unknown(self, where: Where, word: str, known: frozenset[str], code: str, *, of: str = "") -> None:
        guess = nearest(word, known)
        message = N_("“%(word)s” is not known here. Known are %(known)s.")
        if guess:
            message = N_("“%(word)s” is not known here. Did you mean “%(guess)s”?")
        if of:
            message = N_("“%(of)s” has nothing called “%(word)s”. It has %(known)s.")
        if of and guess:
            message = N_("“%(of)s” has nothing called “%(word)s”. Did you mean “%(guess)s”?")
        listed = ", ".join(sorted(known))
        self.tree.problem(where.path, code, message, word=word, guess=guess, known=listed, of=of)

    def _texts_compared(self, rule: str, where: Where) -> None:
        for name in rules.names_in(rule):
            values = frozenset(self._values(name))
            for text in sorted(guards.texts_compared(rule, name)) if values else ():
                if text not in values:
                    message = N_("“%(name)s” is never “%(word)s”. It can be %(known)s.")
                    guess = nearest(text, values)
                    if guess:
                        message = N_("“%(name)s” is never “%(word)s”. Did you mean “%(guess)s”?")
                    listed = ", ".join(sorted(values))
                    self.tree.problem(
                        where.path, "never", message, name=name, word=text, guess=guess, known=listed
                    )

    def _values(self, name: str) -> Iterator[str]:
        if name.endswith(".roles"):
            yield from ROLES
        if name in ("employment.form", "beneficiary.form", "me.form", "requester.form"):
            yield from EMPLOYMENT_FORMS
        question = self.questions.get(name)
        if question is None or question.type not in ("choice", "choices"):
            return
        if question.list and self.known.lists is not None:
            yield from (
                str(row["value"]) for row in self.known.lists.get(question.list, ()) if "value" in row
            )
        yield from (choice.value for choice in question.choices)

    def _none(self, rule: str, where: Where) -> None:
        given = set(ALWAYS) | ({where.itself} if where.before is not None else set())
        given |= {name for name, shown in self.maybe.items() if shown and where.shown_by == shown}
        if where.shown_by:
            try:
                given |= guards.present_when(where.shown_by, self.maybe)
            except rules.RuleFault:
                return
        for name in sorted(guards.unguarded(rule, self.maybe, given=frozenset(given))):
            message = N_(
                "“%(name)s” may be unanswered and this undecidable. Begin with: %(name)s != none and …"
            )
            self.tree.problem(where.path, "none", message, warn=True, name=name)
