"""`approve`: ask for a yes; settled at once when the order itself is the yes, or one was given before."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.process import ProcessStep
from catalog.schema import CatalogItem
from catalog.steps.approve import Approve
from portal import clock
from portal.domain import approvals, audit, workdays
from portal.domain.approvers import Asked, Situation, asked_by
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task


def start(
    session: Session,
    request: ServiceRequest,
    item: CatalogItem,
    written: ProcessStep,
    task: Task,
    names: Mapping[str, Any],
) -> None:
    """Ask everyone the step names."""
    spec = written.step.spec
    assert isinstance(spec, Approve)
    about = Situation(
        request.requester, request.beneficiary, request.employment, request.unit, request.cost_centre, names
    )
    deadline = workdays.add(session, clock.today(session), spec.escalate) if spec.escalate else None
    for asked in asked_by(session, item, spec, about):
        earlier = _earlier_yes(session, request, asked)
        if asked.order_is_yes:
            assert asked.person is not None
            _settled(session, task, asked, by=asked.person, channel="order")
        elif earlier is not None:
            _settled(session, task, asked, by=earlier, channel="earlier")
        else:
            approvals.ask(session, task, asked, deadline=deadline)
    approvals.settle(session, task, actor=None)


def _earlier_yes(session: Session, request: ServiceRequest, asked: Asked) -> Person | None:
    """A yes to this revision earlier in the case counts, unasked."""
    query = select(Approval).where(
        Approval.request_id == request.id,
        Approval.revision == request.revision,
        Approval.state == "approved",
    )
    for row in session.scalars(query):
        if asked.person is not None and row.decided_by_id == asked.person.id:
            return asked.person
        if asked.team and row.team == asked.team.removeprefix("team/") and row.decided_by is not None:
            return row.decided_by
    return None


def _settled(session: Session, task: Task, asked: Asked, *, by: Person, channel: str) -> None:
    request = task.request
    assert request is not None
    row = Approval(
        request_id=request.id,
        task_id=task.id,
        person_id=asked.person.id if asked.person else None,
        team=asked.team.removeprefix("team/"),
        reason=asked.reason,
        revision=request.revision,
        state="approved",
        decided_by_id=by.id,
        channel=channel,
        created_at=clock.now(),
        asked_at=clock.working_now(session),
        decided_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        row,
        "approve",
        actor=by,
        request=request,
        before="waiting",
        after="approved",
        channel=channel,
    )
