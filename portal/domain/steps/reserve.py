"""`reserve`: take a name before any other system is asked. With `free_in` a worker asks the systems first."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.process import ProcessStep
from catalog.schema import CatalogItem
from catalog.steps.reserve import Reserve, candidates
from portal import clock
from portal.domain.errors import CannotStart
from portal.domain.steps.ensure import queue
from portal.domain.transitions import move
from portal.i18n import N_
from portal.models.holding import ReservedName
from portal.models.request import ServiceRequest
from portal.models.task import Task

MOST_TRIES = 500


def start(
    session: Session,
    request: ServiceRequest,
    item: CatalogItem,
    written: ProcessStep,
    task: Task,
    names: Mapping[str, Any],
) -> None:
    """Give the owner the name they have, or take a free one; a worker asks the systems that must be asked."""
    spec = written.step.spec
    assert isinstance(spec, Reserve)
    first = str(render(spec.from_, names) or "").strip()
    local = first.partition("@")[0] if "@" in first else first
    if not local.strip(".-_ "):
        raise CannotStart(
            N_("The answers leave no letters to make a name from. Do it by hand with a name of your choice.")
        )
    own = owned(session, request, spec.space)
    task.payload = {"space": spec.space, "first": first}
    if own is None and spec.free_in:
        queue(session, task, spec.free_in[0].partition("/")[0])
        return
    name = own or take(session, request, spec.space, first, foreign=())
    settle(session, task, name.name)


def settle(session: Session, task: Task, name: str) -> None:
    """The name is taken."""
    task.result = {"value": name, "from": task.payload["first"]}
    task.settled_at = clock.now()
    move(session, task, "complete", actor=None, step=task.step, name=name)


def owned(session: Session, request: ServiceRequest, space: str) -> ReservedName | None:
    """Return the name that the owner has in this space already."""
    query = select(ReservedName).where(ReservedName.space == space, ReservedName.is_foreign.is_(False))
    if request.holding_id is not None and request.beneficiary_id is None:
        query = query.where(ReservedName.request_id == request.id)
    elif request.beneficiary_id is not None and not _for_unit(request):
        query = query.where(ReservedName.person_id == request.beneficiary_id)
    else:
        query = query.where(ReservedName.request_id == request.id)
    return session.scalars(query.order_by(ReservedName.id)).first()


def _for_unit(request: ServiceRequest) -> bool:
    return bool(request.facts.get("for_unit"))


def free_candidates(session: Session, space: str, first: str) -> Iterable[str]:
    """Walk through the candidates that nobody has in this space, the first one first."""
    stem = first.partition("@")[0]
    taken = set(
        session.scalars(
            select(ReservedName.name).where(
                ReservedName.space == space, ReservedName.name.startswith(stem, autoescape=True)
            )
        )
    )
    for count, name in enumerate(candidates(first)):
        if count >= MOST_TRIES:
            return
        if name not in taken:
            yield name


def take(
    session: Session, request: ServiceRequest, space: str, first: str, *, foreign: Iterable[str]
) -> ReservedName:
    """Take the first free candidate for the owner; names that others hold outside are noted as foreign."""
    outside = set(foreign)
    for name in free_candidates(session, space, first):
        is_foreign = name in outside
        row = ReservedName(
            space=space,
            name=name,
            person_id=None if is_foreign or _for_unit(request) else request.beneficiary_id,
            unit_id=request.unit_id if _for_unit(request) and not is_foreign else None,
            request_id=None if is_foreign else request.id,
            is_foreign=is_foreign,
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
        if not is_foreign:
            return row
    raise CannotStart(f"No free name was found from {first}. Do it by hand with a name of your choice.")
