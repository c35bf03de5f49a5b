"""What people do with connected systems: let a paused one go on, or have what waits tried now."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import audit
from portal.domain.transitions import move
from portal.errors import NotAllowed
from portal.models.person import Person
from portal.models.task import Task
from portal.models.work import ResourceStatus
from portal.rights import allowed


def carry_on(session: Session, row: ResourceStatus, *, actor: Person | None) -> None:
    """Let a paused system go on: its tasks are due now, oldest first."""
    row.cause, row.paused_at = None, None
    move(session, row, "carry_on", actor=actor)
    _due_now(session, row.name)


def try_now(session: Session, row: ResourceStatus, *, actor: Person) -> None:
    """Have everything that waits for a system tried at once, paused or not."""
    if not allowed(session, actor, "resources.operate", resource=row.name):
        raise NotAllowed
    if row.state == "paused":
        carry_on(session, row, actor=actor)
        return
    audit.record(session, row, "try_now", actor=actor)
    _due_now(session, row.name)


def _due_now(session: Session, name: str) -> None:
    session.execute(
        update(Task)
        .where(Task.resource == name, Task.state == "ready", Task.is_automatic)
        .values(not_before=clock.now())
    )
