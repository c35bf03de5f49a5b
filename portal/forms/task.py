"""What somebody writes about a task: its results, to whom it goes, why a step is skipped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, TextAreaField, ValidationError
from wtforms.validators import Length

from catalog.schema import CatalogItem, Choice, Question
from catalog.steps.task import Result
from portal.domain.answer_types import Reading, Wrong, read
from portal.domain.queries.said import Said, said
from portal.i18n import N_
from portal.models.person import Person

LARGEST_LIST = 100


@dataclass
class Results:
    """What was filled in: as it is kept, as it was typed, and what is wrong by field."""

    kept: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, Said] = field(default_factory=dict)
    checked: list[int] = field(default_factory=list)


def read_results(
    session: Session,
    wanted: Iterable[Result],
    sent: MultiDict[str, str],
    *,
    item: CatalogItem,
    actor: Person,
    lines: int,
) -> Results:
    """Read the fields of a task by their types, as answers of an order are read."""
    found = Results(checked=sorted({int(each) for each in sent.getlist("checked") if _is_line(each, lines)}))
    about = Reading(session, item, actor, None, {})
    for each in wanted:
        name = f"result-{each.name}"
        found.typed[each.name] = sent.get(name, "")[:10_000]
        try:
            found.kept[each.name] = read(question_of(each), sent.getlist(name)[:LARGEST_LIST], about)
        except Wrong as problem:
            found.errors[each.name] = problem.why
            continue
        if each.required and found.kept[each.name] in (None, ""):
            found.errors[each.name] = said(N_("Fill in this field."))
    return found


def question_of(result: Result) -> Question:
    """Return a result field as a question, so that both are read by the same rules."""
    return Question.model_construct(
        name=result.name,
        type=result.type,
        label=result.label,
        choices=tuple(Choice.model_construct(value=each.value, label=each.label) for each in result.choices),
    )


def _is_line(text: str, lines: int) -> bool:
    return text.isdecimal() and len(text) < 5 and int(text) < lines


class WhyForm(FlaskForm):
    """The reason for a step that is skipped or done by hand; others follow it by that."""

    reason = TextAreaField(validators=[Length(max=2000, message=_l("Write at most 2,000 characters."))])

    def validate_reason(self, field: TextAreaField) -> None:
        """Nothing is left out without a word."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Write the reason, so that others can follow what was done."))


class HandOverForm(FlaskForm):
    """To which team a task goes, and a note to its members."""

    team = SelectField(validate_choice=True)
    note = TextAreaField(validators=[Length(max=2000, message=_l("Write at most 2,000 characters."))])

    def __init__(self, teams: Mapping[str, str]) -> None:
        """Take the teams by key, with their names."""
        super().__init__()
        self.team.choices = list(teams.items())
