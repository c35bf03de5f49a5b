"""`task`: something a team does by hand; with a letter also a mail to somebody outside."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.process import ProcessStep
from catalog.rules import holds
from catalog.schema import CatalogItem
from catalog.steps.task import Due
from catalog.steps.task import Task as TaskSpec
from portal import clock
from portal.domain import mails, workdays
from portal.domain.texts import rendered
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
    """Put the task in its team's queue and send its letter."""
    spec = written.step.spec
    assert isinstance(spec, TaskSpec)
    task.team = spec.team.removeprefix("team/")
    task.due_on = _due_on(session, spec.due, names) if spec.due else None
    task.payload = {
        "title": rendered(spec.title, names),
        "instructions": rendered(spec.instructions, names) if spec.instructions else {},
        "checklist": [rendered(line, names) for line in spec.checklist],
        "urgent": bool(spec.urgent) and holds(spec.urgent, names),
    }
    if spec.letter:
        session.flush()  # the letter names the task
        mails.queue(
            session,
            "letter",
            to=str(render(spec.letter.to, names)),
            request=request,
            subject=rendered(spec.letter.subject, names),
            body=rendered(spec.letter.body, names),
            task=task.id,
        )


def _due_on(session: Session, due: Due, names: Mapping[str, Any]) -> date | None:
    today = clock.today(session)
    if due.working_days:
        return workdays.add(session, today, due.working_days)
    if due.on:
        day = render(due.on, names)
        return day if isinstance(day, date) else None
    spent = timedelta(hours=due.hours or 0, minutes=due.minutes or 0)
    return (clock.working_now(session) + spent).astimezone(clock.zone(session)).date()
