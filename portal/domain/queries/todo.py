"""Everything that waits for one person."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import approvals, messages
from portal.domain.queries import extensions
from portal.domain.queries.case import Case, Label, title_of
from portal.domain.queries.counts import AT_HAND
from portal.domain.queries.extensions import Ending
from portal.domain.queries.said import Said
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task


@dataclass(frozen=True)
class Ask:
    """Something to decide."""

    approval: Approval
    title: Said
    for_other: Person | None = None


@dataclass(frozen=True)
class Job:
    """A task that somebody has taken."""

    task: Task
    title: Label
    case: Said
    due_on: date | None


@dataclass(frozen=True)
class Todo:
    """What waits for one person, by sort."""

    approvals: list[Ask] = field(default_factory=list)
    questions: list[ServiceRequest] = field(default_factory=list)
    tasks: list[Job] = field(default_factory=list)
    extensions: list[Ending] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.approvals) + len(self.questions) + len(self.tasks) + len(self.extensions)


def todo_of(session: Session, person: Person) -> Todo:
    """List everything that waits for somebody: what waits longest first, in each sort."""
    return Todo(
        approvals=asked(session, person),
        questions=messages.questions_for(session, person),
        tasks=taken(session, person),
        extensions=extensions.waiting_for(session, person),
    )


def asked(session: Session, person: Person) -> list[Ask]:
    """List what somebody is to decide, also for those they stand in for."""
    rows = approvals.waiting_for(session, person)
    return [
        Ask(row, title_of(row.request), row.person if row.person_id not in (None, person.id) else None)
        for row in rows
    ]


def taken(session: Session, person: Person) -> list[Job]:
    """List the tasks that somebody has taken, the nearest due day first."""
    rows = session.scalars(
        select(Task)
        .where(Task.person_id == person.id, Task.state.in_(AT_HAND), Task.is_automatic.is_(False))
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        .limit(100)
    )
    found = []
    for task in rows:
        assert task.request is not None
        case = Case(session, task.request)
        found.append(Job(task, case.label_of(task), title_of(task.request), task.due_on))
    return found
