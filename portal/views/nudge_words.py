"""The nudges of the first page in words, each with where it leads."""

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import items
from portal.domain.queries.nudges import Nudge
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.views import formatting
from portal.views.confirmation import person_name
from portal.views.order_fields import words

Told = Mapping[str, str]


def told(session: Session, reader: Person, nudge: Nudge) -> Told:
    """Return the arguments of a nudge."""
    match nudge.kind:
        case "approvals":
            return _approvals(session, nudge)
        case "on_its_way":
            return _on_its_way(reader, nudge)
        case "draft":
            return _draft(nudge)
        case "paused" | "ending":
            return _holding(nudge)
    return _plain(nudge)


def _title(case: ServiceRequest) -> str:
    return words(items.load(case.version).title)[0]


def _whom(case: ServiceRequest) -> str:
    """Say what it is and for whom."""
    title = _title(case)
    if case.beneficiary is None or case.beneficiary_id == case.requester_id:
        return title
    return str(_("%(what)s for %(name)s", what=title, name=person_name(case.beneficiary)))


def _approvals(session: Session, nudge: Nudge) -> Told:
    assert nudge.request is not None
    assert nudge.since is not None
    waited = formatting.duration(clock.working_now(session) - nudge.since)
    return {
        "url": "/todo",
        "title": ngettext(
            "%(num)s order waits for your approval", "%(num)s orders wait for your approval", nudge.count
        ),
        "text": _("Oldest: %(what)s, %(time)s", what=_whom(nudge.request), time=waited),
        "icon_name": "check2-square",
        "tone": "warn",
    }


def _on_its_way(reader: Person, nudge: Nudge) -> Told:
    case = nudge.request
    assert case is not None
    text: str = _("Waiting for approval") if case.state == "in_approval" else _("In delivery")
    if case.promised_at is not None and case.is_promise_fixed:
        text = _("Ready by %(day)s.", day=formatting.day(case.promised_at, "plain"))
    if nudge.count > 1:
        more = ngettext("%(num)s more is on its way.", "%(num)s more are on their way.", nudge.count - 1)
        text = f"{text.rstrip('.')}. {more}"
    return {
        "url": f"/requests/{case.number}",
        "title": _("%(what)s is on its way", what=_whom(case)),
        "text": text,
        "icon_name": "clock",
        "tone": "info",
    }


def _draft(nudge: Nudge) -> Told:
    case = nudge.request
    assert case is not None
    text: str = _("Go on where you left.")
    if nudge.count > 1:
        text = ngettext("You have %(num)s more draft.", "You have %(num)s more drafts.", nudge.count - 1)
    return {
        "url": url_for("order.show", item_id=case.item_key, draft=case.number),
        "title": _("Draft: %(what)s", what=_title(case)),
        "text": text,
        "icon_name": "pencil",
        "tone": "info",
    }


def _holding(nudge: Nudge) -> Told:
    holding = nudge.holding
    assert holding is not None
    own = holding.values.get("title")
    name = words(own if isinstance(own, Mapping) else items.load(holding.version).title)[0]
    if nudge.kind == "paused":
        title = _("%(what)s is paused", what=name)
        text = _("It is opened again when you are back.")
    else:
        day = formatting.day(nudge.on, "plain") if nudge.on else ""
        title = _("%(what)s ends on %(day)s", what=name, day=day)
        more = nudge.count - 1
        text = (
            ngettext("%(num)s more thing ends soon.", "%(num)s more things end soon.", more) if more else ""
        )
    return {"url": "/mine", "title": title, "text": text, "icon_name": "calendar-event", "tone": "info"}


def _plain(nudge: Nudge) -> Told:
    match nudge.kind:
        case "questions":
            assert nudge.request is not None
            title = ngettext("%(num)s question to answer", "%(num)s questions to answer", nudge.count)
            return {
                "url": f"/requests/{nudge.request.number}",
                "title": title,
                "text": _("%(what)s waits for your answer.", what=_whom(nudge.request)),
                "icon_name": "chat-left-text",
                "tone": "warn",
            }
        case "failed":
            title = ngettext("%(num)s step needs somebody", "%(num)s steps need somebody", nudge.count)
            text = _("The rest of each case goes on meanwhile.")
            return {
                "url": "/work",
                "title": title,
                "text": text,
                "icon_name": "wrench-adjustable",
                "tone": "warn",
            }
        case "leaving":
            title = ngettext(
                "%(num)s employment ends within 30 days",
                "%(num)s employments end within 30 days",
                nudge.count,
            )
            text = _("The first on %(day)s.", day=formatting.day(nudge.on, "plain")) if nudge.on else ""
            return {"url": "/todo", "title": title, "text": text, "icon_name": "calendar-x", "tone": "warn"}
    title = ngettext("%(num)s service you have begun", "%(num)s services you have begun", nudge.count)
    return {
        "url": "/studio",
        "title": title,
        "text": _("Publish when it is ready."),
        "icon_name": "pencil-square",
        "tone": "info",
    }
