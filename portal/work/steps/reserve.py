"""`reserve` with `free_in`: ask the systems which candidates are taken, then take the first free one."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.steps.reserve import Reserve
from connectors.base import Connector
from connectors.ensure import is_free
from portal.db import Database
from portal.domain import audit, items
from portal.domain.steps import reserve as begin
from portal.models.request import ServiceRequest
from portal.models.task import Task

MOST_ASKED = 30


@dataclass(frozen=True)
class Work:
    """Candidates to ask about, and where."""

    space: str
    first: str
    candidates: tuple[str, ...]
    places: tuple[tuple[str, str], ...]

    def act(self, database: Database, connector: Connector) -> list[str]:
        """Return the candidates that are taken outside, up to the first free one."""
        taken: list[str] = []
        for name in self.candidates:
            if all(is_free(connector, kind, field, name) for kind, field in self.places):
                return taken
            taken.append(name)
        return taken


def prepare(session: Session, request: ServiceRequest, task: Task) -> Work:
    """List the candidates that nobody has here."""
    step = items.load(request.version).step(task.step)
    assert step is not None
    assert isinstance(step.spec, Reserve)
    space, first = task.payload["space"], task.payload["first"]
    names = []
    for name in begin.free_candidates(session, space, first):
        names.append(name)
        if len(names) == MOST_ASKED:
            break
    places = tuple(
        (kind, field)
        for place in step.spec.free_in
        for resource, _, rest in [place.partition("/")]
        for kind, _, field in [rest.partition(".")]
        if resource == task.resource
    )
    return Work(space, first, tuple(names), places)


def record(session: Session, request: ServiceRequest, task: Task, work: Work, outcome: list[str]) -> None:
    """Take the name; what others hold outside is noted as foreign."""
    own = begin.owned(session, request, work.space)
    row = own or begin.take(session, request, work.space, work.first, foreign=outcome)
    task.result = {"value": row.name, "from": work.first}
    audit.record(session, task, "reserve", actor=None, request=request, name=row.name, step=task.step)
