"""Letters about a case: asked, received, done, refused, a message, a first password."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from catalog.steps.approve import Approve
from portal import clock
from portal.domain import links, promises, requests
from portal.domain.approvers import next_in_line
from portal.domain.situations import situation_of
from portal.domain.world import world_of
from portal.i18n import N_, text
from portal.models.approval import Approval
from portal.models.holding import FirstPassword, Holding
from portal.models.request import Comment
from portal.models.task import Task
from portal.states import CLOSED_REQUEST
from portal.work.letters import facts, paper
from portal.work.letters.desk import Desk, NoLetter, NotNeeded
from portal.work.letters.facts import Facts, name_of


def approve(desk: Desk) -> dict[str, Any]:
    """Ask for a yes or a no; each letter has a link of its own for its reader."""
    session, request, reader = desk.session, desk.request, desk.mail.person
    approval = session.get(Approval, desk.data.get("approval", 0))
    if approval is None or approval.state != "waiting" or request.sent_back_at is not None:
        raise NotNeeded
    if reader is None:
        raise NoLetter("nobody is asked")
    token = links.mint(
        session,
        "approve",
        subject_kind="approval",
        subject_id=approval.id,
        person=reader,
        revision=approval.revision,
    )
    asked = approval.person
    return {
        **desk.case(),
        "whom": facts.subject_of(request, desk.language),
        "reminded": desk.mail.template == "approve-reminder",
        "standing_in_for": name_of(asked, desk.language) if asked and asked.id != reader.id else "",
        "team": desk.team(approval.team) if approval.team else "",
        "price": facts.price_text(request, desk.language),
        "cost_centre": request.cost_centre,
        "facts": [*_answers(desk), *_if_approved(desk)],
        "deadline": approval.deadline_on,
        "then_asked": _then_asked(desk, approval),
        "approve_url": desk.url(f"/approve/{token}?answer=approve"),
        "reject_url": desk.url(f"/approve/{token}?answer=reject"),
    }


def _answers(desk: Desk) -> Facts:
    """What a sensitive order contains is not for a letter."""
    if desk.item.sensitive:
        return []
    return facts.answers(desk.session, desk.request, desk.item, desk.language)


def _if_approved(desk: Desk) -> Facts:
    session, request = desk.session, desk.request
    ready = promises.promised(
        session, desk.item, start=clock.working_now(session), first_day=requests.first_day_of(request)
    )
    if ready is None:
        return []
    return [(desk.say(N_("If you approve")), desk.say(N_("Ready by %(day)s"), day=desk.day(ready)))]


def _then_asked(desk: Desk, approval: Approval) -> str:
    """Say who is asked too when the deadline has passed."""
    step = desk.item.step(approval.task.step)
    if approval.person is None or step is None:
        return ""
    if not isinstance(step.spec, Approve) or not step.spec.escalate:
        return ""
    about = situation_of(desk.session, approval.request, desk.item)
    following = next_in_line(desk.session, approval.person, about)
    if following.person is not None:
        return name_of(following.person, desk.language)
    return desk.team(following.team)


def received(desk: Desk) -> dict[str, Any]:
    """Say that an order has come and what happens next."""
    session, request = desk.session, desk.request
    if request.state in CLOSED_REQUEST:  # what came of it is in a letter of its own
        raise NotNeeded
    query = select(Approval).where(Approval.request_id == request.id, Approval.state == "waiting")
    asked = [
        name_of(each.person, desk.language) if each.person is not None else desk.team(each.team)
        for each in session.scalars(query.order_by(Approval.id))
    ]
    price = facts.price_text(request, desk.language)
    return {
        **desk.case(),
        "asked": ", ".join(dict.fromkeys(asked)),
        "ready_on": facts.promised_day(session, request),
        "facts": [*_answers(desk), *([(desk.say(N_("Price")), price)] if price else [])],
    }


def delivered(desk: Desk) -> dict[str, Any]:
    """Say that an order is done, and what was noted on the way."""
    request = desk.request
    holding = desk.session.get(Holding, request.holding_id) if request.holding_id else None
    tasks = requests.tasks_of(desk.session, request)
    noted = [] if desk.item.sensitive else facts.results(tasks, desk.item, desk.language)
    return {**desk.case(), "facts": noted, "ends_on": holding.ends_on if holding is not None else None}


def rejected(desk: Desk) -> dict[str, Any]:
    """Say that the answer was no, whose it was and why."""
    approval = desk.session.get(Approval, desk.data.get("approval") or 0)
    decided_by = approval.decided_by if approval is not None else None
    return {
        **desk.case(),
        "by": name_of(decided_by, desk.language) if decided_by is not None else "",
        "comment": approval.comment if approval is not None and not desk.item.sensitive else "",
        "again_url": desk.url(f"/order/{desk.request.item_key}"),
    }


def comment(desk: Desk) -> dict[str, Any]:
    """Pass a message on."""
    found = desk.session.get(Comment, desk.data.get("comment", 0))
    if found is None or found.is_internal:
        raise NotNeeded
    case = desk.case()
    return {
        **case,
        "by": name_of(found.person, desk.language),
        "comment": "" if case["sensitive"] else found.text,
        "answer_days": world_of(desk.session).resend_working_days,
    }


def own_words(desk: Desk) -> dict[str, Any]:
    """Use the author's words; they came with the row, filled in when their step was reached."""
    main = desk.settings.main_language
    body = text(desk.data.get("body"), desk.language, main=main)
    return {
        **desk.case(),
        "own_subject": paper.one_line(text(desk.data.get("subject"), desk.language, main=main)),
        "own_lines": paper.paragraphs(body),
    }


def first_password(desk: Desk) -> dict[str, Any]:
    """Bring a link that shows a first password once."""
    session = desk.session
    found = session.scalars(
        select(FirstPassword)
        .join(Task, Task.id == FirstPassword.task_id)
        .where(Task.request_id == desk.request.id)
        .order_by(FirstPassword.id.desc())
    ).first()
    values = {
        **desk.case(),
        "whom": facts.subject_of(desk.request, desk.language),
        "facts": [(desk.say(N_("User name")), found.account.key)] if found is not None else [],
        "password_url": "",
        "works_until": None,
    }
    if found is None or found.sealed is None or desk.mail.person is None:
        return values
    # it may have been made weeks before the first day; its hours count from the letter that brings it
    lasts = timedelta(hours=world_of(session).password_hours)
    found.expires_at = clock.now() + lasts
    token = links.mint(
        session,
        "first-password",
        subject_kind="first_password",
        subject_id=found.id,
        person=desk.mail.person,
        lasts=lasts,
    )
    return {**values, "password_url": desk.url(f"/first-password/{token}"), "works_until": found.expires_at}
