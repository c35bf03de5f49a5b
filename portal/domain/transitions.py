"""The only door to a new state."""

from typing import Any

from sqlalchemy.orm import Session

from portal import states
from portal.domain import audit
from portal.errors import Stale
from portal.models.approval import Approval
from portal.models.base import Base
from portal.models.holding import Account, Holding
from portal.models.item import CatalogItem
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import OutboundMail, ResourceStatus
from portal.states import Lifecycle

LIFECYCLES: dict[type[Base], Lifecycle] = {
    ServiceRequest: states.REQUEST,
    Task: states.TASK,
    Approval: states.APPROVAL,
    Holding: states.HOLDING,
    Account: states.ACCOUNT,
    CatalogItem: states.ITEM,
    OutboundMail: states.MAIL,
    ResourceStatus: states.RESOURCE,
}


def may(subject: Any, action: str) -> bool:
    """Say whether the action leads anywhere from where the subject is."""
    return LIFECYCLES[type(subject)].allows(action, subject.state)


def move(
    session: Session, subject: Any, action: str, *, actor: Person | None, note: str = "", **facts: Any
) -> None:
    """Look up the move, set the new state and note the line of history.

    Whoever moves a task or an approval holds its request's lock, so reading and writing the state is one act.
    Raises Stale when the subject is not where the action begins.
    """
    lifecycle = LIFECYCLES[type(subject)]
    if not lifecycle.allows(action, subject.state):
        raise Stale
    before, subject.state = subject.state, str(lifecycle.target(action))
    request = subject if isinstance(subject, ServiceRequest) else getattr(subject, "request", None)
    audit.record(
        session,
        subject,
        action,
        actor=actor,
        request=request,
        before=before,
        after=subject.state,
        note=note,
        **facts,
    )
