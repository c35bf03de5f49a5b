"""Talking on a case, reminding, sending back and resending."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import approvals, audit, items, mails, ordering, org, requests
from portal.errors import NotAllowed, PortalError
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.person import Person
from portal.models.request import Comment, ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST

BETWEEN_REMINDERS = timedelta(hours=20)
"""Once a day, also for those who write at another hour."""


class RemindedToday(PortalError):
    """Once a day is enough."""

    message = N_("A reminder has already been sent today.")
    status = 409


class NothingToRemind(PortalError):
    """Nobody is waited for."""

    message = N_("Nobody has to answer just now, so there is nobody to remind.")
    status = 409


def write(
    session: Session,
    request: ServiceRequest,
    *,
    actor: Person,
    text: str,
    is_internal: bool = False,
    is_question: bool = False,
) -> Comment:
    """Write a message on a case; the other side gets a letter unless it is internal."""
    text = text.strip()
    if not text:
        raise PortalError(N_("Write something first."))
    comment = Comment(
        request_id=request.id,
        person_id=actor.id,
        text=text[:10_000],
        is_internal=is_internal,
        is_question=is_question,
        created_at=clock.now(),
        worked_at=clock.working_now(session),
    )
    session.add(comment)
    session.flush()
    audit.record(session, comment, "comment", actor=actor, request=request)
    if not is_internal:
        receivers = [p for p in _others(session, request, actor) if p.id != actor.id]
        mails.queue_all(session, "comment", to=receivers, request=request, comment=comment.id)
    return comment


def _others(session: Session, request: ServiceRequest, actor: Person) -> list[Person]:
    """A message of the requester goes to those who have the case now; of anybody else, to the requester."""
    if actor.id != request.requester_id:
        return [request.requester] if request.requester else []
    found: list[Person] = []
    for task in requests.tasks_of(session, request):
        if task.state not in ("ready", "running", "failed"):
            continue
        if task.person is not None:
            found.append(task.person)
        elif task.kind == "approve":
            rows = session.scalars(
                select(Approval).where(Approval.task_id == task.id, Approval.state == "waiting")
            )
            found += [p for row in rows for p in approvals.receivers(session, row)]
        elif task.team:
            found += org.members_of(session, task.team)
    return found


def remind(session: Session, request: ServiceRequest, *, actor: Person) -> int:
    """Send waiting approvers their letter again, at most once a day; return how many were reminded."""
    request = requests.lock(session, request.id)
    if actor.id not in (request.requester_id, request.beneficiary_id):
        raise NotAllowed
    since = clock.now() - BETWEEN_REMINDERS
    recent = select(AuditEvent.id).where(
        AuditEvent.request_id == request.id, AuditEvent.action == "remind", AuditEvent.at > since
    )
    if session.scalars(recent).first() is not None:
        raise RemindedToday
    waiting = list(
        session.scalars(
            select(Approval).where(Approval.request_id == request.id, Approval.state == "waiting")
        )
    )
    if not waiting:
        raise NothingToRemind
    for approval in waiting:
        approvals.remind(session, approval, actor=actor)
    return len(waiting)


def send_back(session: Session, request: ServiceRequest, *, actor: Person, question: str) -> None:
    """Ask the one who ordered before anything is decided; the case rests until they answer."""
    request = requests.lock(session, request.id)
    if request.state not in OPEN_REQUEST or not requests.may_change(session, request):
        raise PortalError(N_("Work has begun, so the order can no longer be sent back."))
    waiting = [a for a in approvals.waiting_for(session, actor) if a.request_id == request.id]
    if not waiting:
        raise NotAllowed
    write(session, request, actor=actor, text=question, is_question=True)
    for task in requests.tasks_of(session, request):
        if task.kind in ("approve", "ask", "wait") and task.state == "ready":
            requests.close_task(session, task)
    request.sent_back_at = clock.now()
    request.sent_back_by_id = actor.id
    audit.record(session, request, "send_back", actor=actor, request=request, note=question)


def resend(
    session: Session, request: ServiceRequest, answers: Mapping[str, Any], *, actor: Person, comment: str = ""
) -> None:
    """Send it again with the same or other answers: a new revision, asked anew."""
    request = requests.lock(session, request.id)
    if request.requester_id != actor.id or request.sent_back_at is None:
        raise NotAllowed
    if comment.strip():
        write(session, request, actor=actor, text=comment)
    item = items.load(request.version)
    request.revision += 1
    request.round += 1
    ordering.revise(session, request, item, answers, actor=actor)
    request.sent_back_at = None
    audit.record(session, request, "resend", actor=actor, request=request, revision=request.revision)
    requests.advance_request(session, request)


def questions_for(session: Session, person: Person) -> list[ServiceRequest]:
    """Return the cases that wait for an answer of somebody's."""
    return list(
        session.scalars(
            select(ServiceRequest)
            .where(
                ServiceRequest.requester_id == person.id,
                ServiceRequest.state.in_(OPEN_REQUEST),
                ServiceRequest.sent_back_at.is_not(None),
            )
            .order_by(ServiceRequest.sent_back_at)
        )
    )


def tasks_waiting(session: Session, request: ServiceRequest) -> list[Task]:
    """Return the tasks that somebody or something has now."""
    return [t for t in requests.tasks_of(session, request) if t.state in ("ready", "running", "failed")]
