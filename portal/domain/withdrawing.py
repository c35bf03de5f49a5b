"""Closing a case before it is delivered, and what that takes back."""

from sqlalchemy.orm import Session

from portal import clock
from portal.domain import finishing, requests
from portal.domain.transitions import move
from portal.errors import NotAllowed
from portal.i18n import N_
from portal.models.person import Person
from portal.models.request import ServiceRequest


def withdraw(session: Session, request: ServiceRequest, *, actor: Person, note: str = "") -> None:
    """The one who ordered takes it back, while nothing has been done."""
    request = requests.lock(session, request.id)
    if not requests.may_withdraw(session, request, actor):
        raise NotAllowed(N_("This order can no longer be withdrawn. Write to the service desk instead."))
    cancel(session, request, actor=actor, note=note)


def cancel(session: Session, request: ServiceRequest, *, actor: Person | None, note: str = "") -> None:
    """Close an open case; a running task may finish, and nothing new starts. The caller holds the lock."""
    for task in requests.tasks_of(session, request):
        if task.state in ("waiting", "ready", "failed"):
            requests.close_task(session, task)
    request.closed_at = clock.now()
    request.needs_attention = False
    request.sent_back_at = None
    move(session, request, "cancel", actor=actor, note=note)
    finishing.take_back(session, request)


def settle_closed(session: Session, request: ServiceRequest) -> None:
    """A task that was running while its case closed has settled: now take back what it made."""
    if request.state in ("cancelled", "rejected"):
        finishing.take_back(session, request)
