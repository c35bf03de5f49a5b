"""The work queue: what waits for hands, and who could do it. Menus, pages and reports ask here."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal import clock
from portal.domain import items, org
from portal.domain.queries.case import Case, Label, title_of
from portal.domain.queries.resources import titles, waiting_for
from portal.domain.queries.said import Said
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Team
from portal.models.work import ResourceStatus
from portal.rights import rights_of
from portal.states import OPEN_REQUEST

PAGE: Final = 30
MOST: Final = 100
"""One more than is shown: pages write 99+."""
LAST_DAY: Final = date(9999, 12, 31)
TABS: Final = ("mine", "team", "unassigned")

FAILED = Task.state == "failed"
BY_HAND = or_(FAILED, and_(Task.state == "ready", Task.kind == "task"))
"""What needs a person: steps that failed for good, and tasks that are done by hand."""

RANK = case((FAILED, 0), else_=1)
DUE = func.coalesce(Task.due_on, literal(LAST_DAY))


@dataclass(frozen=True)
class Row:
    """One task in the queue."""

    task: Task
    title: Label
    case: Said
    number: str
    is_late: bool
    is_urgent: bool

    @property
    def state(self) -> str:
        """What the queue shows of it: trouble first, then whether it is late."""
        if self.task.state == "failed":
            return "failed"
        return "late" if self.is_late else self.task.state


@dataclass(frozen=True)
class Page:
    """A part of the queue; `after` is the key that the next part begins behind."""

    rows: list[Row] = field(default_factory=list)
    after: str = ""


@dataclass(frozen=True)
class Paused:
    """A connected system that is paused, and how many steps wait for it."""

    status: ResourceStatus
    title: Label
    waiting: int


def open_tasks() -> Select[int]:
    """Select what waits for a person, in open cases."""
    return (
        select(Task.id)
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(BY_HAND, ServiceRequest.state.in_(OPEN_REQUEST))
    )


def doable(session: Session, person: Person) -> ColumnElement[bool]:
    """Say which tasks somebody may do: as `tasks.may_work` says of one."""
    rights = rights_of(session, person)
    if not rights.is_active:
        return false()
    own = or_(Task.person_id == person.id, Task.team.in_(org.teams_of(session, person) or ["-"]))
    if not rights.granted or not rights.has("work"):
        return own
    if rights.everywhere("admin"):
        return literal(True)
    if rights.everywhere("work"):
        return or_(own, Task.team == "")
    systems = rights.within("work", "resource")
    return or_(own, and_(Task.team == "", Task.resource.in_(systems or ["-"])))


def in_tab(session: Session, person: Person, tab: str, team: str = "") -> ColumnElement[bool]:
    """Say which tasks a tab holds: one's own, one's teams', or those nobody has taken."""
    if tab == "mine":
        return Task.person_id == person.id
    reach = doable(session, person)
    if team:
        reach = and_(Task.team == team, literal(True) if team in teams_seen(session, person) else false())
    return and_(reach, Task.person_id.is_(None)) if tab == "unassigned" else reach


def teams_seen(session: Session, person: Person) -> dict[str, dict[str, str]]:
    """Name the teams whose queues somebody may look into: their own, or all for those who work everywhere."""
    query = select(Team.key, Team.names).order_by(Team.key)
    if not rights_of(session, person).everywhere("work"):
        query = query.where(Team.key.in_(org.teams_of(session, person)))
    return {row.key: row.names for row in session.execute(query)}


def count(session: Session, person: Person, tab: str = "team", team: str = "") -> int:
    """Count a tab, up to a hundred; what is to be taken back counts where nobody has it."""
    each = open_tasks().where(in_tab(session, person, tab, team)).limit(MOST).subquery()
    found = int(session.scalar(select(func.count()).select_from(each)) or 0)
    return min(MOST, found + (len(undos(session, person)) if tab != "mine" and not team else 0))


def queue(
    session: Session, person: Person, *, tab: str = "team", team: str = "", after: str = "", limit: int = PAGE
) -> Page:
    """List a tab: failed steps first, then what is due first; page by page."""
    query = (
        select(Task)
        .join(Task.request)
        .options(
            contains_eager(Task.request).joinedload(ServiceRequest.version),
            contains_eager(Task.request).joinedload(ServiceRequest.beneficiary),
            joinedload(Task.person),
        )
        .where(BY_HAND, ServiceRequest.state.in_(OPEN_REQUEST), in_tab(session, person, tab, team))
        .order_by(RANK, DUE, Task.id)
        .limit(limit + 1)
    )
    key = _key(after)
    if key is not None:
        query = query.where(tuple_(RANK, DUE, Task.id) > tuple_(*(literal(part) for part in key)))
    found = list(session.scalars(query))
    today = clock.today(session)
    rows = [_row(session, task, person, today) for task in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return Page(rows, _key_of(last) if last else "")


def _row(session: Session, task: Task, viewer: Person, today: date) -> Row:
    assert task.request is not None
    return Row(
        task,
        title_of_task(session, task),
        title_of(task.request, viewer),
        task.request.number,
        is_late=is_late(task, today),
        is_urgent=bool(task.payload.get("urgent")),
    )


def is_late(task: Task, today: date) -> bool:
    """Say late only once the day has passed."""
    return task.due_on is not None and task.due_on < today


def title_of_task(session: Session, task: Task) -> Label:
    """Name a task as its team reads it: a hand task has a title of its own, others the name of their step."""
    assert task.request is not None
    title = task.payload.get("title")
    if title:
        return dict(title)
    step = items.load(task.request.version).step(task.step)
    if step is not None and step.label:
        return dict(step.label.root)
    return Case(session, task.request).label_of(task)


def _key_of(task: Task) -> str:
    return f"{0 if task.state == 'failed' else 1}.{(task.due_on or LAST_DAY).isoformat()}.{task.id}"


def _key(after: str) -> tuple[int, date, int] | None:
    rank, _, rest = after.partition(".")
    day, _, number = rest.partition(".")
    if rank not in ("0", "1") or not number.isdecimal() or len(number) > 17:
        return None
    try:
        return int(rank), date.fromisoformat(day), int(number)
    except ValueError:
        return None


def undos(session: Session, person: Person) -> list[ServiceRequest]:
    """List the cases in which an agent decides whether what a closed order made is taken back."""
    if not rights_of(session, person).granted or not rights_of(session, person).has("work"):
        return []
    query = select(ServiceRequest).where(
        ServiceRequest.origin == "undo",
        ServiceRequest.state.in_(OPEN_REQUEST),
        ServiceRequest.sent_back_at.is_not(None),
    )
    found = session.scalars(query.order_by(ServiceRequest.id).limit(MOST))
    return [request for request in found if request.facts.get("awaits_agent")]


def paused(session: Session) -> list[Paused]:
    """List the connected systems that are paused, with the steps that wait for them."""
    names = titles(session)
    rows = session.scalars(
        select(ResourceStatus).where(ResourceStatus.state == "paused").order_by(ResourceStatus.name)
    )
    return [Paused(row, names.get(row.name, row.name), waiting_for(session, row.name)) for row in rows]
