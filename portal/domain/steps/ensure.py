"""`ensure` and `absent`: left for a worker, on the lane of its resource and beneficiary."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog.process import ProcessStep
from catalog.schema import CatalogItem
from catalog.steps.ensure import Target
from portal import clock
from portal.domain.world import world_of
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
    """Leave the step to a worker, who renders what is wanted from what is true then."""
    spec = written.step.spec
    assert isinstance(spec, Target)
    queue(session, task, spec.resource)


def queue(session: Session, task: Task, resource: str) -> None:
    """Make a task due for the workers, after earlier ones of its lane."""
    request = task.request
    task.is_automatic = True
    task.resource = resource
    width = max(1, world_of(session).concurrency.get(resource, 4))
    whom = (request.beneficiary_id or request.unit_id or request.id) if request else task.id
    task.lane = f"{resource}:{whom % width}"
    task.not_before = clock.now()
