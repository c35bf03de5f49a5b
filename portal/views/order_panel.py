"""The side panel of an order: price, who is asked, when it is ready, and the steps ahead, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from catalog.schema import CatalogItem
from portal import clock
from portal.domain import org
from portal.domain.preview import Approver, Preview, Step
from portal.domain.queries.case import FALLBACKS
from portal.domain.queries.people import shown_name
from portal.domain.world import world_of
from portal.forms.order import OrderForm
from portal.i18n import N_
from portal.views import formatting
from portal.views.order_fields import cost, span_text, words

AUTOMATIC = frozenset({"ensure", "absent", "reserve", "set", "notify", "wait"})


@dataclass(frozen=True)
class Panel:
    """What stands beside the form."""

    lines: list[tuple[str, str]]
    totals: list[tuple[str, str]]
    note: str
    cost_centre: str
    then: list[Mapping[str, str]]
    ready: str
    steps: list[Mapping[str, Any]] = field(default_factory=list)


def panel(form: OrderForm, preview: Preview) -> Panel:
    """Say what an order would lead to, for its form."""
    return Panel(
        _lines(preview),
        _totals(form.item, preview),
        _note(form.item, preview),
        preview.cost_centre,
        [_sending(form.item), *_asking(form, preview), _doing(form, preview)],
        ready_text(form, preview),
        [_ahead(form, step) for step in preview.steps if step.state != "skipped" and not form.lacks_person],
    )


def _lines(preview: Preview) -> list[tuple[str, str]]:
    found = []
    for line in preview.cost.lines:
        name = words(line.label)[0]
        if line.times != 1:
            name = _("%(number)s × %(what)s", number=formatting.number(line.times), what=name)
        amount = cost(line.once * line.times, line.monthly * line.times, preview.cost.currency)
        found.append((name, amount))
    return found


def _totals(item: CatalogItem, preview: Preview) -> list[tuple[str, str]]:
    total = preview.cost
    if item.kind == "report" and not (total.once or total.monthly):
        return []
    return [(_("Total"), cost(total.once, total.monthly, total.currency))]


def _note(item: CatalogItem, preview: Preview) -> str:
    if not preview.cost.once and not preview.cost.monthly:
        return ""
    months = item.holding.renew.months if item.holding and item.holding.renew else 0
    if months and preview.cost.monthly:
        return str(_("For %(months)s months. Prices without VAT.", months=months))
    return str(_("Prices without VAT."))


def _sending(item: CatalogItem) -> Mapping[str, str]:
    return {
        "icon": "send",
        "title": _("You send it") if item.kind == "report" else _("You place the order"),
        "text": _("You can withdraw it until the work has begun."),
    }


def _asking(form: OrderForm, preview: Preview) -> list[Mapping[str, str]]:
    if form.lacks_person and preview.approvals:
        text = _("You see who is asked when you have chosen a person.")
        return [{"icon": "person-check", "title": _("Somebody approves"), "text": text}]
    return [_approver(form, each) for step in preview.approvals for each in step.approvers]


def _approver(form: OrderForm, approver: Approver) -> Mapping[str, str]:
    if approver.order_is_yes:
        return {
            "icon": "person-check",
            "title": _("Your order is the approval"),
            "text": _("You would have been asked yourself, so nobody else is."),
        }
    why = REASONS.get(approver.reason, "")
    usual = _("Usually answers within %(time)s.", time=answer_time(approver.usual)) if approver.usual else ""
    return {
        "icon": "person-check",
        "title": _("%(name)s approves", name=approver_name(form, approver)),
        "text": " ".join(part for part in (_(why) if why else "", usual) if part),
    }


REASONS = {
    "manager": N_("As the manager."),
    "cost_centre_owner": N_("As the owner of the cost centre."),
    "information_owner": N_("As the owner of the information."),
    "rule": N_("As responsible for this."),
}


def approver_name(form: OrderForm, approver: Approver) -> str:
    """Name who would be asked."""
    if approver.person is not None:
        return _name(approver, form)
    return team_name(form, approver.team)


def _name(approver: Approver, form: OrderForm) -> str:
    assert approver.person is not None
    shown = shown_name(approver.person, form.actor)
    return shown if shown == approver.person.name else str(_(shown))


def team_name(form: OrderForm, ref: str) -> str:
    """Name a team in the reader's language."""
    team = org.team_named(form.session, ref)
    return words(team.names)[0] if team is not None else ref.removeprefix("team/")


def answer_time(usual: timedelta) -> str:
    """Round the usual time of an answer upwards to what people say: hours, else days."""
    hours = usual.total_seconds() / 3600
    if hours <= 20:
        return formatting.duration(timedelta(hours=max(1, -(-hours // 1))))
    return formatting.duration(timedelta(days=-(-hours // 24)))


def _doing(form: OrderForm, preview: Preview) -> Mapping[str, str]:
    begins = [step for step in preview.steps if step.state == "begins" and step.kind != "approve"]
    teams = list(dict.fromkeys(team_name(form, step.team) for step in begins if step.team))
    ready = ready_text(form, preview)
    if not teams and begins:
        return {"icon": "lightning-charge", "title": _("The portal does the rest by itself"), "text": ready}
    title = _("%(team)s does the work", team=teams[0]) if len(teams) == 1 else _("We do the rest")
    return {"icon": "truck", "title": title, "text": ready}


def ready_text(form: OrderForm, preview: Preview) -> str:
    """Say when it is ready, and on what that hangs."""
    if preview.promise is None or preview.promised_at is None:
        return _answer_text(preview)
    span = preview.promise.done
    after_first_day = preview.first_day is not None and preview.promised_at >= clock.start_of(
        preview.first_day, clock.zone(form.session)
    )
    if span is not None and not span.working_days and not after_first_day:
        length = timedelta(hours=span.hours or 0, minutes=span.minutes or 0)
        if preview.asks_anybody:
            return str(_("Ready about %(time)s after the approval.", time=formatting.duration(length)))
        return str(_("Ready in about %(time)s.", time=formatting.duration(length)))
    day = formatting.day(preview.promised_at, "plain")
    if not preview.asks_anybody or form.lacks_person:
        return str(_("Ready by %(day)s.", day=day))
    waiting = [each for step in preview.approvals for each in step.approvers if not each.order_is_yes]
    if len(waiting) == 1:
        name = approver_name(form, waiting[0])
        return str(_("Ready by %(day)s, if %(name)s answers today.", day=day, name=name))
    return str(_("Ready by %(day)s, if all answer today.", day=day))


def _answer_text(preview: Preview) -> str:
    span = preview.promise.answer if preview.promise else None
    if span is None:
        return ""
    return str(_("You get an answer within %(time)s.", time=span_text(span)))


def _ahead(form: OrderForm, step: Step) -> Mapping[str, Any]:
    label, lang = words(step.label)
    if not label:
        label, lang = _fallback(form, step), ""
    detail = ""
    if step.until is not None:
        detail = formatting.day(step.until, "plain")
    elif step.team:
        detail = team_name(form, step.team)
    elif step.kind == "approve":
        detail = ", ".join(approver_name(form, each) for each in step.approvers)
    return {"label": label, "lang": lang, "detail": detail, "automatic": step.kind in AUTOMATIC}


def _fallback(form: OrderForm, step: Step) -> str:
    if step.resource:
        info = world_of(form.session).known.resources.get(step.resource)
        return info.title if info and info.title else step.resource
    return str(_(FALLBACKS.get(step.kind, step.kind)))
