"""One task as the page for whoever does it shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.steps.task import Result
from catalog.steps.task import Task as TaskSpec
from portal import clock
from portal.domain import accounts, tasks
from portal.domain.queries import work
from portal.domain.queries.answers import Answer, shown_answers
from portal.domain.queries.case import Case, Label, name_in
from portal.domain.queries.faults import Fault, account_of, fault_of
from portal.domain.queries.said import Said, said
from portal.domain.transitions import may
from portal.domain.world import world_of
from portal.errors import NotFound
from portal.models.holding import Account
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import OutboundMail
from portal.rights import rights_of
from portal.states import OPEN_REQUEST

DONE_BY_PEOPLE = frozenset({"ensure", "absent", "task"})
"""Kinds of failed steps that somebody may do by hand in the other system."""


@dataclass(frozen=True)
class Letter:
    """The letter that went with a task; its reference is the number of the case."""

    to: str
    state: str
    at: datetime | None
    error: str


@dataclass
class TaskPage:
    """Everything that the page asks for, read once."""

    session: Session
    task: Task
    request: ServiceRequest
    viewer: Person

    @cached_property
    def case(self) -> Case:
        """The case that the task belongs to."""
        return Case(self.session, self.request)

    @property
    def title(self) -> Label:
        """What is to be done."""
        return work.title_of_task(self.session, self.task)

    @cached_property
    def answers(self) -> list[Answer]:
        """What was ordered."""
        return shown_answers(self.session, self.request, self.case.item)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """What is noted when it is done."""
        step = self.case.item.step(self.task.step)
        return step.spec.results if step is not None and isinstance(step.spec, TaskSpec) else ()

    @cached_property
    def letter(self) -> Letter | None:
        """The letter to somebody outside, if one went."""
        rows = self.session.scalars(
            select(OutboundMail).where(
                OutboundMail.request_id == self.request.id, OutboundMail.template == "letter"
            )
        )
        found = next((row for row in rows if row.data.get("task") == self.task.id), None)
        return Letter(found.address, found.state, found.sent_at, found.error) if found else None

    @cached_property
    def fault(self) -> Fault | None:
        """What went wrong, in plain words."""
        return fault_of(self.session, self.task, self.case)

    @cached_property
    def account(self) -> Account | None:
        """The object in the other system that the step is about."""
        return account_of(self.session, self.task)

    @property
    def checked(self) -> list[int]:
        """Which lines of the checklist were ticked."""
        return list(self.task.payload.get("checked") or ())

    @property
    def is_late(self) -> bool:
        """Whether the day has passed."""
        return self.is_open and work.is_late(self.task, clock.today(self.session))

    @property
    def state(self) -> str:
        """What is shown of it."""
        return "late" if self.is_late and self.task.state == "ready" else self.task.state

    @property
    def is_open(self) -> bool:
        """Whether something can still be done about it."""
        return self.request.state in OPEN_REQUEST and self.task.state in ("ready", "running", "failed")

    @cached_property
    def actions(self) -> frozenset[str]:
        """What the viewer may do with it now."""
        if not self.is_open or not tasks.may_work(self.session, self.task, self.viewer):
            return frozenset()
        found = {"hand_over"} if self.task.team else set()
        if self.task.person_id != self.viewer.id:
            found.add("take")
        if self.request.requester is not None:
            found.add("ask")
        if self.task.state == "failed":
            found.add("retry")
            if self.task.kind != "approve":
                found.add("skip")
            if self.task.kind in DONE_BY_PEOPLE:
                found.add("by_hand")
        elif self.task.kind == "task" and may(self.task, "complete"):
            found.add("done")
        return frozenset(found)

    @property
    def is_link(self) -> bool:
        """Whether the object is known by its key alone, and carries no mark."""
        account = self.account
        return account is not None and world_of(self.session).kind(account.resource, account.kind).link

    @cached_property
    def wanted(self) -> list[tuple[Said, Any]]:
        """What the object should be, by the labels of its fields; secrets are never kept here."""
        account = self.account
        if account is None:
            return []
        fields = world_of(self.session).kind(account.resource, account.kind).fields
        values = accounts.wanted_state(self.session, account)
        return [(said(fields[n].get("title", n)), _shown(v)) for n, v in values.items() if n in fields]

    def name_of(self, person: Person) -> Label:
        """Name somebody who has a part in the case."""
        return name_in(self.request, person, self.viewer)

    def result_of(self, name: str) -> Any:
        """Give what was noted."""
        return self.task.result.get(name)


def _shown(value: Any) -> Any:
    return value.get("key") if isinstance(value, Mapping) else value


def find_task(session: Session, task_id: int, *, viewer: Person) -> TaskPage:
    """Find a task of a case; NotFound unless the viewer could do it or works with all cases."""
    task = session.get(Task, task_id)
    if task is None or task.request is None:
        raise NotFound
    seen = rights_of(session, viewer).everywhere("work") or tasks.may_work(session, task, viewer)
    if not seen or not (task.kind == "task" or task.is_automatic or task.state == "failed"):
        raise NotFound
    return TaskPage(session, task, task.request, viewer)
