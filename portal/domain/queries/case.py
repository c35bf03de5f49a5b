"""Everything that a page about one case asks for, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.process import Facts, Process, ProcessStep, names_of
from catalog.rules import Undecidable, holds
from catalog.schema import CatalogItem, Step
from catalog.steps.ensure import Target
from portal.domain import items, requests
from portal.domain.names import names_for
from portal.domain.queries.people import MASKED, may_see_name
from portal.domain.queries.said import Said, said
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.person import Person
from portal.models.request import Comment, ServiceRequest
from portal.models.task import Task
from portal.models.team import Team

Label = Said | dict[str, str] | str

FALLBACKS = {
    "approve": N_("Approval"),
    "wait": N_("Wait"),
    "notify": N_("Tell those concerned"),
    "reserve": N_("Reserve a name"),
    "set": N_("Note the change"),
    "task": N_("Work by hand"),
    "ask": N_("A question"),
    "order": N_("Another order"),
}


@dataclass
class Case:
    """A case with its tasks, approvals, history and messages."""

    session: Session
    request: ServiceRequest

    @cached_property
    def item(self) -> CatalogItem:
        """The item as it was when ordered."""
        return items.load(self.request.version)

    @cached_property
    def tasks(self) -> list[Task]:
        """Every task, oldest first."""
        return requests.tasks_of(self.session, self.request)

    @cached_property
    def process(self) -> Process:
        """The steps of the case."""
        return requests.process_of(self.session, self.request, self.item)

    @cached_property
    def approvals(self) -> list[Approval]:
        """Every question and its answer, oldest first."""
        query = select(Approval).where(Approval.request_id == self.request.id).order_by(Approval.id)
        return list(self.session.scalars(query))

    @cached_property
    def events(self) -> list[AuditEvent]:
        """The history, oldest first."""
        query = select(AuditEvent).where(AuditEvent.request_id == self.request.id).order_by(AuditEvent.id)
        return list(self.session.scalars(query))

    @cached_property
    def comments(self) -> list[Comment]:
        """The messages, oldest first."""
        query = select(Comment).where(Comment.request_id == self.request.id).order_by(Comment.id)
        return list(self.session.scalars(query))

    @cached_property
    def people(self) -> dict[int, Person]:
        """Everyone whom the history names."""
        ids = {each.actor_id for each in self.events} | {each.person_id for each in self.comments}
        for each in self.approvals:
            ids |= {each.person_id, each.decided_by_id, each.on_behalf_of_id}
        ids |= {self.request.sent_back_by_id, *(each.person_id for each in self.tasks)}
        query = select(Person).where(Person.id.in_(ids - {None}))
        return {person.id: person for person in self.session.scalars(query)}

    @cached_property
    def teams(self) -> dict[str, dict[str, str]]:
        """The names of the teams that have or had a part in it."""
        keys = {each.team for each in self.tasks} | {each.team for each in self.approvals}
        rows = self.session.scalars(select(Team).where(Team.key.in_(keys - {""})))
        return {team.key: team.names for team in rows}

    def team_name(self, key: str) -> Label:
        """Name a team."""
        return self.teams.get(key) or key or said(N_("the service desk"))

    def system_name(self, key: str) -> Label:
        """Name a connected system."""
        found = world_of(self.session).known.resources.get(key)
        return dict(found.titles) or found.title or key if found else key

    def when(self, action: str, *, kind: str = "service_request", last: bool = True) -> datetime | None:
        """Tell when something last (or first) happened, by the working clock."""
        found = [e.worked_at for e in self.events if e.action == action and e.subject_kind == kind]
        return found[-1 if last else 0] if found else None

    @cached_property
    def settled(self) -> dict[str, datetime]:
        """When each task was settled, by the working clock."""
        return {
            e.subject_id: e.worked_at
            for e in self.events
            if e.subject_kind == "task" and e.action in ("complete", "skip")
        }

    def of_step(self, step_id: str) -> list[Task]:
        """Return a step's tasks in this round; a name reserved in an earlier round counts too."""
        found = [task for task in self.tasks if task.step == step_id]
        now = [task for task in found if task.round == self.request.round]
        return now or [task for task in found if task.kind == "reserve" and task.state == "done"]

    def applies(self, written: ProcessStep) -> bool:
        """Tell whether a step that has not begun is still to be expected."""
        try:
            return holds(written.when, self._names)
        except Undecidable:
            return True

    @cached_property
    def _names(self) -> Mapping[str, Any]:
        facts = Facts(
            names_for(self.session, self.request, self.item), self.request.state, self.request.round
        )
        return names_of(self.process, facts, [requests.view_of(task) for task in self.tasks])

    def label(self, step: Step | None, task: Task | None = None) -> Label:
        """Name a step as its author did, else by what is done."""
        if step is not None and step.label:
            return dict(step.label.root)
        title = task.payload.get("title") if task is not None else None
        if title:
            return dict(title)
        if step is not None and isinstance(step.spec, Target):
            return said(N_("Update %(system)s"), system=self.system_name(step.spec.resource))
        kind = step.kind if step is not None else task.kind if task is not None else ""
        return said(FALLBACKS.get(kind, N_("A step")))

    def label_of(self, task: Task) -> Label:
        """Name the step that a task is."""
        written = self.process.step(task.step)
        return self.label(written.step if written else self.item.step(task.step), task)


def title_of(request: ServiceRequest, viewer: Person | None = None) -> Said:
    """Name a case: what it is about and for whom, unless that is the reader.

    Protected names are for those who ordered.
    """
    title = items.load(request.version).title.root
    messages = {
        "end": (N_("Ending: %(item)s"), N_("Ending: %(item)s for %(name)s")),
        "undo": (N_("Taking back: %(item)s"), N_("Taking back: %(item)s for %(name)s")),
        "suspend": (N_("Pausing: %(item)s"), N_("Pausing: %(item)s for %(name)s")),
        "resume": (N_("Resuming: %(item)s"), N_("Resuming: %(item)s for %(name)s")),
        "extend": (N_("Extending: %(item)s"), N_("Extending: %(item)s for %(name)s")),
        "change": (N_("Changing: %(item)s"), N_("Changing: %(item)s for %(name)s")),
    }
    alone, with_name = messages.get(request.purpose, (N_("%(item)s"), N_("%(item)s for %(name)s")))
    if request.beneficiary is None or (viewer is not None and viewer.id == request.beneficiary_id):
        return said(alone, item=title)
    return said(with_name, item=title, name=name_in(request, request.beneficiary, viewer))


def name_in(request: ServiceRequest, person: Person, viewer: Person | None) -> Label:
    """Name somebody to a reader of a case; without a reader, to those who are asked about it."""
    if viewer is None or viewer.id == request.requester_id or may_see_name(person, viewer):
        return person.name
    return said(MASKED)


def named(person: Person, viewer: Person | None) -> Label:
    """Name somebody who has done something in a case; a protected name is for few."""
    return person.name if viewer is None or may_see_name(person, viewer) else said(MASKED)
