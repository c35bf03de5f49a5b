"""How connected systems are doing: state, last word, what waits for them. Nobody is called for this."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.queries.case import Label
from portal.domain.world import world_of
from portal.errors import NotFound
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import ResourceStatus
from portal.rights import allowed, rights_of
from portal.states import OPEN_REQUEST, PENDING_TASK


@dataclass(frozen=True)
class System:
    """One connected system and how it is doing."""

    name: str
    title: Label
    kinds: tuple[str, ...]
    mode: str
    status: ResourceStatus | None
    waiting: int
    failed: int
    troubled: bool

    @property
    def state(self) -> str:
        """What is shown: paused, no contact, or working."""
        if self.status is not None and self.status.state == "paused":
            return "paused"
        return "unavailable" if self.troubled else "running"

    @property
    def last_ok_at(self) -> datetime | None:
        """When a step last went well."""
        return self.status.last_ok_at if self.status else None

    @property
    def cause(self) -> Mapping[str, str]:
        """Why it is paused, as the connector said it."""
        return (self.status.cause or {}) if self.status else {}


def titles(session: Session) -> dict[str, Label]:
    """Name every connected system."""
    known = world_of(session).known.resources
    return {name: dict(info.titles) or info.title or name for name, info in known.items()}


def waiting_for(session: Session, name: str, *, state: str = "") -> int:
    """Count the automatic steps of open cases that wait for a system, or have failed there."""
    states = (state,) if state else tuple(PENDING_TASK)
    query = (
        select(func.count(Task.id))
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(
            Task.resource == name,
            Task.is_automatic,
            Task.state.in_(states),
            ServiceRequest.state.in_(OPEN_REQUEST),
        )
    )
    return int(session.scalar(query) or 0)


def list_systems(session: Session, viewer: Person) -> list[System]:
    """List the connected systems that somebody may see, those in trouble first."""
    rights = rights_of(session, viewer)
    rows = {row.name: row for row in session.scalars(select(ResourceStatus))}
    names = titles(session)
    seen = set(names)
    if not rights.everywhere("resources.view"):
        seen &= rights.within("resources.view", "resource")
    found = [_system(session, name, names[name], rows.get(name)) for name in sorted(seen)]
    return sorted(found, key=lambda each: (each.state == "running", each.name))


def find_system(session: Session, name: str, *, viewer: Person) -> System:
    """Find one connected system; NotFound unless the viewer may see it."""
    names = titles(session)
    if name not in names or not allowed(session, viewer, "resources.view", resource=name):
        raise NotFound
    return _system(session, name, names[name], session.get(ResourceStatus, name))


def _system(session: Session, name: str, title: Label, status: ResourceStatus | None) -> System:
    world = world_of(session)
    return System(
        name,
        title,
        tuple(sorted(world.known.resources[name].kinds)),
        world.modes.get(name, ""),
        status,
        waiting_for(session, name),
        waiting_for(session, name, state="failed"),
        troubled=_has_no_contact(session, name),
    )


def _has_no_contact(session: Session, name: str) -> bool:
    """Say whether a step is being tried again because the system did not answer."""
    rows = session.scalars(
        select(Task.error).where(
            Task.resource == name, Task.is_automatic, Task.state == "ready", Task.attempts > 0
        )
    )
    return any((error or {}).get("kind") in ("Unavailable", "Unknown") for error in rows)
