"""What is said once an order is placed: its number, who is asked, what happens next and when."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import items, org
from portal.domain.queries.people import may_see_name, shown_name
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.views import formatting
from portal.views.order_fields import cost, words


def confirmation(session: Session, case: ServiceRequest) -> dict[str, Any]:
    """Gather what the page says."""
    item = items.load(case.version)
    title, lang = words(item.title)
    approvals = list(
        session.scalars(select(Approval).where(Approval.request_id == case.id).order_by(Approval.id))
    )
    return {
        "case": case,
        "item": item,
        "title": title,
        "title_lang": lang,
        "whom": person_name(case.beneficiary) if case.beneficiary else (case.unit.name if case.unit else ""),
        "price": cost(case.price_once, case.price_monthly, case.currency),
        "then": [*_then(session, case, approvals)],
    }


def person_name(person: Person) -> str:
    """Name somebody as the reader may see it."""
    if may_see_name(person, current_user.person):
        return person.name
    return str(_(shown_name(person, current_user.person)))


def _then(session: Session, case: ServiceRequest, approvals: list[Approval]) -> Iterator[Mapping[str, str]]:
    waiting = [each for each in approvals if each.state == "waiting"]
    for approval in waiting:
        title = _("%(name)s is asked to approve", name=_asked(session, approval))
        text = _("You get a letter when it is decided.")
        if approval.deadline_on:
            day = formatting.day(approval.deadline_on, "plain")
            text = _("We remind, and ask somebody else if there is no answer by %(day)s.", day=day)
        yield {"icon": "person-check", "title": title, "text": text}
    if not waiting and any(each.channel == "order" for each in approvals):
        yield {
            "icon": "person-check",
            "title": _("Your order is the approval"),
            "text": _("Nobody else is asked."),
        }
    if case.state == "delivered":
        yield {"icon": "check-circle", "title": _("Everything is done"), "text": ""}
        return
    yield {"icon": "truck", "title": _("We do the work"), "text": _ready(case, bool(waiting))}


def _asked(session: Session, approval: Approval) -> str:
    if approval.person is not None:
        return person_name(approval.person)
    team = org.team_named(session, approval.team)
    return words(team.names)[0] if team else approval.team


def _ready(case: ServiceRequest, waits: bool) -> str:
    text: str = _("You see in the case how it goes.")
    if case.promised_at is not None:
        day = formatting.day(case.promised_at, "plain")
        text = _("Ready by %(day)s.", day=day)
        if waits and not case.is_promise_fixed:
            text = _("Ready by %(day)s, if the answer comes today.", day=day)
    return text
