"""A case as its page shows it, made ready for the templates."""

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from portal import clock
from portal.domain import approvals, requests
from portal.domain.messages import BETWEEN_REMINDERS
from portal.domain.queries import now, progress, timeline
from portal.domain.queries.answers import shown_answers
from portal.domain.queries.case import Case, name_in, named, title_of
from portal.domain.queries.progress import Large, Small
from portal.domain.queries.requests import ready_on, status_of, works_with
from portal.domain.queries.said import Said, said
from portal.domain.queries.timeline import Line
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.states import OPEN_REQUEST
from portal.views import formatting
from portal.views.saying import say


def moving_parts(session: Session, request: ServiceRequest, viewer: Person) -> dict[str, Any]:
    """Make ready what changes while a case is carried out: its state, its steps, its history."""
    case = Case(session, request)
    steps = progress.small_steps(case)
    shows_steps = request.state == "in_delivery" or (request.state == "delivered" and len(steps) > 1)
    return {
        "case": case,
        "number": request.number,
        "state": status_of(session, request),
        "stepper": [large(step) for step in progress.large_steps(case)],
        "now": now.right_now(case, viewer),
        "steps": [small(session, step) for step in steps] if shows_steps else [],
        "done": progress.count(steps),
        "under_way": say(progress.now_at(steps)),
        "events": [line(each) for each in timeline.timeline(
            case, viewer, internal=works_with(session, request, viewer)
        )],
    }  # fmt: skip


def whole_page(session: Session, request: ServiceRequest, viewer: Person) -> dict[str, Any]:
    """Make ready all that the page of a case shows and offers."""
    parts = moving_parts(session, request, viewer)
    case: Case = parts["case"]
    is_open = request.state in OPEN_REQUEST
    mine = viewer.id == request.requester_id
    return parts | {
        "request_": request,
        "item": case.item,
        "title": title_of(request, viewer),
        "requester": name_in(request, request.requester, viewer) if request.requester else "",
        "beneficiary": name_in(request, request.beneficiary, viewer) if request.beneficiary else "",
        "hue": hue_of(session, case.item),
        "ready_on": ready_on(session, request),
        "promise_why": promise_why(request, case.item),
        "again_url": f"/order/{request.item_key}?again={request.number}" if _may_repeat(request) else "",
        "answers": shown_answers(session, request, case.item),
        "is_open": is_open,
        "is_mine": mine,
        "sent_at": case.when("submit", last=False),
        "may_withdraw": request.state != "draft" and requests.may_withdraw(session, request, viewer),
        "may_answer": mine and is_open and request.sent_back_at is not None,
        "question": next((each for each in reversed(case.comments) if each.is_question), None),
        "decide_url": _decide_url(session, case, viewer),
        "reminder": reminder(case, viewer),
        "writes_to": writes_to(case, viewer),
    }


def hue_of(session: Session, item: CatalogItem) -> str:
    """Return the colour of an item's category."""
    return next((each.colour for each in world_of(session).categories if each.id == item.category), "petrol")


def promise_why(request: ServiceRequest, item: CatalogItem) -> Said | None:
    """Tell how the promised day comes about."""
    if requests.first_day_of(request) is not None:
        return said(N_("Counted from the first day or the last approval, whichever is later."))
    if not any(step.kind == "approve" for step in item.steps):
        return said(N_("Counted from the day of the order."))
    if request.is_promise_fixed:
        return said(N_("Counted from the last approval."))
    return said(N_("If the answer comes today."))


def _may_repeat(request: ServiceRequest) -> bool:
    return request.purpose == "deliver" and request.origin == "person"


def large(step: Large) -> dict[str, Any]:
    """Write a large step with its date."""
    text = say(step.text)
    if step.at is not None:
        text = f"{formatting.day(step.at, 'short')} {formatting.clock(step.at)}"
    return {"label": say(step.label), "state": step.state, "text": text}


def small(session: Session, step: Small) -> dict[str, Any]:
    """Write a small step: the time of day if it was settled today, else the day."""
    text = say(step.text)
    if step.at is not None:
        today = clock.local_day(step.at, clock.zone(session)) == clock.today(session)
        text = formatting.clock(step.at) if today else formatting.day(step.at, "short")
    return {"label": say(step.label), "state": step.state, "text": text}


def line(each: Line) -> dict[str, Any]:
    """Write a line of the history."""
    return {
        "title": say(each.title),
        "by": say(each.by),
        "at": each.at,
        "icon": each.icon,
        "tone": each.tone,
        "quote": each.quote,
        "plain": each.plain,
    }


def _decide_url(session: Session, case: Case, viewer: Person) -> str:
    waiting = [each for each in case.approvals if each.state == "waiting"]
    if case.request.sent_back_at is None and any(
        approvals.may_decide(session, each, viewer) for each in waiting
    ):
        return url_for("approvals.show", number=case.request.number)
    return ""


def reminder(case: Case, viewer: Person) -> str:
    """Tell whether a reminder may be sent ("may"), has been sent today ("sent"), or makes no sense ("")."""
    request = case.request
    if viewer.id not in (request.requester_id, request.beneficiary_id) or request.sent_back_at is not None:
        return ""
    waiting = [each for each in case.approvals if each.state == "waiting"]
    if not waiting or request.state not in OPEN_REQUEST:
        return ""
    return "sent" if reminded_lately(case) else "may"


def reminded_lately(case: Case) -> bool:
    """Tell whether a letter has been sent again within the time in which one is enough."""
    since = clock.now() - BETWEEN_REMINDERS
    return any(each.action == "remind" and each.at > since for each in case.events)


def writes_to(case: Case, viewer: Person) -> str:
    """Name who gets a message: who has the case now, or for them the one who ordered."""
    request = case.request
    if viewer.id not in (request.requester_id, request.beneficiary_id):
        return say(name_in(request, request.requester, viewer)) if request.requester else ""
    ready = [task for task in case.tasks if task.state in ("ready", "running", "failed")]
    for task in ready:
        if task.kind == "approve":
            asked = [each for each in case.approvals if each.task_id == task.id and each.state == "waiting"]
            return say(
                [named(each.person, viewer) if each.person else case.team_name(each.team) for each in asked]
            )
        if task.person_id or task.team:
            person = case.people.get(task.person_id or 0)
            return say(named(person, viewer) if person else case.team_name(task.team))
    return ""
