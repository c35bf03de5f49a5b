"""The automatic steps: what a worker prepares inside the claim, does outside, and records under its token."""

from typing import Any

from sqlalchemy.orm import Session

from connectors.base import Connector
from portal.db import Database
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work.steps import absent, ensure, reserve

BY_KIND: dict[str, Any] = {"ensure": ensure, "absent": absent, "reserve": reserve}


def prepare(session: Session, request: ServiceRequest, task: Task) -> Any:
    """Write what must be there before the first call, and return what the call needs as plain data."""
    return BY_KIND[task.kind].prepare(session, request, task)


def act(database: Database, connector: Connector, work: Any) -> Any:
    """Call the other system; outside any transaction."""
    return work.act(database, connector)


def record(session: Session, request: ServiceRequest, task: Task, work: Any, outcome: Any) -> None:
    """Keep what came of it."""
    BY_KIND[task.kind].record(session, request, task, work, outcome)


def try_other_name(session: Session, request: ServiceRequest, task: Task) -> bool:
    """A reserved name turned out to be taken: mark it foreign and take the next, at most five times."""
    return task.kind == "ensure" and ensure.try_other_name(session, request, task)
