"""`wait`: until a day, for some days, or as long as the policy says; a sweep settles it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.process import ProcessStep
from catalog.schema import CatalogItem
from catalog.steps.wait import Wait
from portal import clock
from portal.domain import workdays
from portal.domain.errors import CannotStart
from portal.domain.transitions import move
from portal.domain.world import world_of
from portal.models.holding import Holding
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
    """Note the day; a day that has come already is settled at once."""
    spec = written.step.spec
    assert isinstance(spec, Wait)
    task.due_on = until(session, request, spec, names)
    settle_if_due(session, task)


def until(session: Session, request: ServiceRequest, spec: Wait, names: Mapping[str, Any]) -> date:
    """Say which day is waited for."""
    today = clock.today(session)
    if spec.until:
        day = render(spec.until, names)
        if not isinstance(day, date):
            raise CannotStart(f"“{spec.until}” is not a day, so there is nothing to wait for.")
        return day
    if spec.days:
        return today + timedelta(days=spec.days)
    if spec.working_days:
        return workdays.add(session, today, spec.working_days)
    return _grace_ends(session, request, today)


def _grace_ends(session: Session, request: ServiceRequest, today: date) -> date:
    """The grace counts from the last day of what ended, by the policy of its form, and its last day is
    included.
    """
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    form = request.employment.form if request.employment else ""
    grace = timedelta(days=world_of(session).policy(form).grace_days)
    last = holding.ends_on if holding is not None and holding.ends_on is not None else today
    return last + grace + timedelta(days=1)


def settle_if_due(session: Session, task: Task) -> bool:
    """Settle a wait whose day has come."""
    if task.due_on is None or task.due_on > clock.today(session):
        return False
    task.result = {"day": task.due_on.isoformat()}
    task.settled_at = clock.now()
    move(session, task, "complete", actor=None, step=task.step)
    return True
