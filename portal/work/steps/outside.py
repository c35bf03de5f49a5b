"""One object in another system: what a worker prepares of it and does with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog.process import ProcessStep
from catalog.steps.ensure import BENEFICIARY
from connectors import ensure
from connectors.base import Connector
from connectors.ensure import Outcome
from portal.db import Database
from portal.domain import items, requests
from portal.domain.errors import CannotStart
from portal.domain.steps import names_now
from portal.i18n import N_
from portal.models.holding import Account, Holding
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work.crash import crash_point


@dataclass(frozen=True)
class Work:
    """One object and what is wanted of it, as plain data."""

    task_id: int
    account_id: int
    kind: str
    wanted: Mapping[str, Any]
    marker: str
    stable_id: str
    key: str
    remove: bool
    keep: str = ""
    is_link: bool = False
    made_by_us: bool = True
    began: bool = False
    always: bool = False
    payload: Mapping[str, Any] = field(default_factory=dict)

    def act(self, database: Database, connector: Connector) -> Outcome | None:
        """Plan and apply; what is kept because others need it is not touched."""
        if self.keep:
            return None
        if self.remove:
            plan = ensure.plan_absent(
                connector,
                self.kind,
                self.wanted,
                marker=self.marker,
                stable_id=self.stable_id,
                key=self.key if not self.is_link else "",
                made_by_us=self.made_by_us,
                remove_always=self.always,
            )
        else:
            plan = ensure.plan(
                connector,
                self.kind,
                self.wanted,
                marker=self.marker,
                stable_id=self.stable_id,
                key=self.key if not self.is_link else "",
                began=self.began,
            )
            if self.is_link and plan.action == "create" and not self.began:
                _note_beginning(database, self.task_id, self.payload)
        crash_point("planned")
        return ensure.apply(connector, plan, self.marker)


def _note_beginning(database: Database, task_id: int, payload: Mapping[str, Any]) -> None:
    """Remember that we are about to make a link, so that one found after a crash is known as ours."""
    with database.session() as session:
        began = update(Task).where(Task.id == task_id).values(payload={**payload, "began": True})
        session.execute(began)
        session.commit()


def known_account(session: Session, request: ServiceRequest, written: ProcessStep) -> Account | None:
    if written.account:
        return session.get(Account, int(written.account))
    if written.object and written.object != BENEFICIARY:
        for task in requests.tasks_of(session, request):
            if task.step == written.object and task.state == "done" and task.result.get("account"):
                return session.get(Account, int(task.result["account"]))
    return None


def begun(
    session: Session, request: ServiceRequest, task: Task
) -> tuple[Holding, ProcessStep, Mapping[str, Any]]:
    """Return what a step is about: the holding, the step as this case has it, and the names it may use."""
    holding = request.holding
    if holding is None:
        raise CannotStart(N_("The case has nothing to tie an object to."))
    item = items.load(request.version)
    process = requests.process_of(session, request, item)
    written = process.step(task.step)
    assert written is not None  # the task was made from it
    return holding, written, names_now(session, request, item, process)
