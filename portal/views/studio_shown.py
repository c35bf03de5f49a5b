"""How the studio puts an item's problems, form and imagined order into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from catalog.changes import Change
from catalog.problems import Problem
from catalog.texts import Texts
from catalog.values import as_text
from portal.domain import org
from portal.domain.answers import FOR
from portal.domain.preview import Approver, Preview, Step, preview
from portal.domain.queries.case import FALLBACKS
from portal.domain.queries.people import may_see_name, shown_name
from portal.domain.queries.said import Said
from portal.domain.queries.studio import Line
from portal.domain.world import world_of
from portal.forms.order import PREFIX, OrderForm
from portal.forms.studio import Chosen
from portal.i18n import N_
from portal.models.person import Person
from portal.views import formatting
from portal.views.order_fields import Drawn, Section, person_choice, sections, words
from portal.views.order_panel import Panel, panel
from portal.views.saying import say
from portal.web import current_session

SPARE = 8
"""Numbered lines after the end of a text, for what is written there before it is looked at again."""


@dataclass(frozen=True)
class Shown:
    """A problem as the page tells it, beside the line it is in."""

    line: int
    where: str
    text: str
    is_error: bool
    source: str


def problems_of(lines: Sequence[Line]) -> list[Shown]:
    """Put problems into words, in the order of the lines."""
    return [_shown(each, line) for line in lines for each in line.problems]


def _shown(problem: Problem, line: Line) -> Shown:
    said = str(problem.params.get("said") or "")
    text = problem.text(_) + (f" {said}" if said else "")
    return Shown(line.number, problem.where(), text, problem.severity == "error", line.text.strip())


def count_of(problems: Sequence[Shown]) -> str:
    """Say how many errors and warnings there are."""
    errors = sum(each.is_error for each in problems)
    warnings = len(problems) - errors
    if not problems:
        return str(_("No problems"))
    parts = []
    if errors:
        parts.append(ngettext("%(num)s error", "%(num)s errors", errors))
    if warnings:
        parts.append(ngettext("%(num)s warning", "%(num)s warnings", warnings))
    return ", ".join(parts)


def change_texts(changes: Sequence[Change]) -> list[str]:
    """Put differences into words."""
    return [each.text(_, formatting.page_language()) for each in changes]


def team_name(ref: str) -> str:
    """Name a team in the reader's language; a team that is not there by its key."""
    team = org.team_named(current_session(), ref) if ref else None
    return words(team.names)[0] if team is not None else ref.removeprefix("team/")


def person_search(chosen: Chosen) -> dict[str, Any]:
    """Return what the field for choosing a person needs."""
    viewer = current_user.person
    found = None if chosen.found is None else [person_choice(each, viewer) for each in chosen.found]
    return {"chosen": chosen, "as_found": found, "as_name": chosen.person.name}


def form_parts(form: OrderForm, errors: Mapping[str, Said]) -> dict[str, Any]:
    """Return what the template of an order's questions needs."""
    found = form.found_for() if form.asks_for else None
    return {
        "form": form,
        "item": form.item,
        "sections": [_seen(section) for section in sections(form, errors)],
        "asked": " ".join(question.name for question in form.cleaned.visible if question.asks),
        "for_found": _lines([person_choice(each, form.actor) for each in found.people]) if found else None,
        "for_more": bool(found and found.more),
        "for_error": say(errors[FOR]) if FOR in errors else "",
    }


def _seen(section: Section) -> Section:
    """Leave out people whom the author may not see, though the one who orders might."""
    return replace(section, fields=[_seen_field(each) for each in section.fields])


def _seen_field(drawn: Drawn) -> Drawn:
    return drawn if drawn.found is None else replace(drawn, found=_lines(drawn.found))


def _lines(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    session, viewer = current_session(), current_user.person
    people = {each["value"]: session.get(Person, each["value"]) for each in found}
    return [each for each in found if (who := people[each["value"]]) and may_see_name(who, viewer)]


def error_lines(
    form: OrderForm, cards: Sequence[Section], errors: Mapping[str, Said]
) -> list[tuple[str, str]]:
    """Return the faults of the tried answers, each with the id of its field."""
    ids = {each.name.removeprefix(PREFIX): each.id for card in cards for each in card.fields}
    ids[FOR] = "for_person" if form.whose == "other" else "for"
    return [(ids.get(name, ""), say(why)) for name, why in errors.items()]


@dataclass(frozen=True)
class Asked:
    """Somebody who would be asked, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Ahead:
    """A step of the imagined order."""

    label: str
    lang: str
    kind: str
    state: str
    detail: str
    asked: tuple[Asked, ...]
    wanted: tuple[tuple[str, str], ...]
    why: str


@dataclass(frozen=True)
class Trial:
    """All that would happen."""

    panel: Panel
    steps: list[Ahead]
    problems: list[str]
    approvals: list[Ahead]


def trial_of(form: OrderForm) -> Trial:
    """Imagine the order, and say what it would lead to."""
    would: Preview = preview(
        form.session, form.item, None, form.cleaned.answers, actor=form.actor, beneficiary=form.beneficiary
    )
    steps = [_ahead(step) for step in would.steps]
    return Trial(
        panel(form, would),
        steps,
        [say(each) for each in would.problems],
        [step for step in steps if step.asked],
    )


WHYS: Mapping[str, str] = {
    "manager": N_("As the manager of the one it is for."),
    "cost_centre_owner": N_("As the owner of the cost centre."),
    "information_owner": N_("As the owner of the information."),
    "team": N_("The item names this team."),
    "fallback": N_("Nobody else can be asked, so it goes to those who step in."),
    "rule": N_("As the item's rule says."),
}

STATES: Mapping[str, str] = {
    "begins": N_("Will be done"),
    "skipped": N_("Left out"),
    "undecided": N_("Cannot be decided"),
}


def _ahead(step: Step) -> Ahead:
    label, lang = words(step.label)
    return Ahead(
        label or _fallback(step),
        lang if label else "",
        str(_(FALLBACKS[step.kind])) if step.kind in FALLBACKS else step.target or step.kind,
        step.state,
        _detail(step),
        tuple(_asked(each) for each in step.approvers),
        tuple((name, _value(value)) for name, value in _flat(step.wanted)),
        _why(step),
    )


def _fallback(step: Step) -> str:
    info = world_of(current_session()).known.resources.get(step.resource)
    if step.resource:
        return str(_("Update %(system)s", system=(info.title if info else "") or step.resource))
    return str(_(FALLBACKS.get(step.kind, N_("A step"))))


def _detail(step: Step) -> str:
    if step.until is not None:
        return str(_("Until %(day)s", day=formatting.day(step.until, "plain")))
    if step.team:
        return team_name(step.team)
    return ", ".join(_name(each) for each in step.approvers) or step.target


def _why(step: Step) -> str:
    if step.state != "skipped" or not step.why:
        return step.why
    if step.why.startswith("steps."):
        return str(_("It builds on a step that is left out."))
    return str(_("Its rule does not hold with these answers: %(rule)s", rule=step.why))


def _asked(approver: Approver) -> Asked:
    if approver.order_is_yes:
        return Asked(_name(approver), str(_("The order itself is the yes: they would have been asked.")))
    return Asked(_name(approver), str(_(WHYS.get(approver.reason, WHYS["rule"]))))


def _name(approver: Approver) -> str:
    if approver.person is None:
        return team_name(approver.team)
    viewer = current_user.person
    name = shown_name(approver.person, viewer)
    return name if may_see_name(approver.person, viewer) else str(_(name))


def _flat(wanted: Mapping[str, Any], under: str = "") -> list[tuple[str, Any]]:
    """Write nested values one a line, as in employment.ends_on."""
    found: list[tuple[str, Any]] = []
    for name, value in wanted.items():
        if isinstance(value, Mapping) and value:
            found += _flat(value, f"{under}{name}.")
        else:
            found.append((f"{under}{name}", value))
    return found


def _value(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return say(value)
    if isinstance(value, Texts):
        return say(value)
    return as_text(value, formatting.page_language())
