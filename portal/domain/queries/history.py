"""The audit log: who did what to what, when; for reading and for files, never for changing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from portal import clock
from portal.domain.queries.people import begins
from portal.i18n import N_
from portal.models.audit import AuditEvent
from portal.models.person import Person
from portal.models.request import ServiceRequest

PAGE: Final = 50
MOST_IN_FILE: Final = 20_000

THINGS: Final[Mapping[str, str]] = {
    "service_request": N_("Case"),
    "task": N_("Task"),
    "approval": N_("Approval"),
    "holding": N_("What somebody has"),
    "account": N_("Account"),
    "person": N_("Person"),
    "employment": N_("Employment"),
    "leave": N_("Leave"),
    "org_unit": N_("Unit"),
    "catalog_item": N_("Service"),
    "resource_status": N_("Connected system"),
    "outbound_mail": N_("Letter"),
    "comment": N_("Message"),
    "grant": N_("Right"),
    "first_password": N_("First password"),
}
"""What things are called, by table."""

ACTIONS: Final[Mapping[str, str]] = {
    "submit": N_("sent"),
    "start": N_("begun"),
    "deliver": N_("delivery began"),
    "await_approval": N_("waits for approval"),
    "complete": N_("done"),
    "approve": N_("approved"),
    "reject": N_("rejected"),
    "lapse": N_("no longer needed"),
    "cancel": N_("withdrawn"),
    "reopen": N_("opened again"),
    "send_back": N_("question before deciding"),
    "resend": N_("sent again"),
    "remind": N_("reminder"),
    "escalate": N_("next in line asked"),
    "comment": N_("written"),
    "take": N_("taken on"),
    "hand_over": N_("handed over"),
    "retry": N_("tried again"),
    "skip": N_("skipped"),
    "fail": N_("needs a person"),
    "need_attention": N_("needs attention"),
    "put_back": N_("waits to be tried again"),
    "add": N_("added"),
    "make": N_("made"),
    "create": N_("created in the system"),
    "update": N_("changed in the system"),
    "delete": N_("removed in the system"),
    "confirm": N_("found as wanted"),
    "keep": N_("kept, others need it"),
    "remove": N_("removed"),
    "unclaim": N_("let go"),
    "reserve": N_("reserved"),
    "activate": N_("begins"),
    "suspend": N_("paused"),
    "resume": N_("resumed"),
    "end": N_("ending"),
    "finish": N_("ended"),
    "revive": N_("extended after its end"),
    "drop": N_("dropped"),
    "set_until": N_("new last day"),
    "let_end": N_("to end as planned"),
    "carry_out": N_("taking back agreed"),
    "await_agent": N_("waits for the service desk"),
    "change": N_("changed"),
    "look": N_("looked at"),
    "show": N_("shown"),
    "publish": N_("published"),
    "retire": N_("retired"),
    "save_draft": N_("draft saved"),
    "discard_draft": N_("draft discarded"),
    "pause": N_("paused"),
    "carry_on": N_("goes on"),
    "try_now": N_("tried now"),
    "send": N_("sent"),
    "give_up": N_("could not be sent"),
    "give": N_("given"),
    "revoke": N_("taken away"),
}
"""What was done, by action."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of the log."""

    who: str = ""
    thing: str = ""
    case: str = ""
    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return self != Wish()


@dataclass(frozen=True)
class Line:
    """One line of the log; `who` is nobody when the portal did it by itself."""

    event: AuditEvent
    who: Person | None
    number: str
    details: str


@dataclass(frozen=True)
class Page:
    """A part of the log, newest first."""

    lines: list[Line] = field(default_factory=list)
    after: str = ""


def read(session: Session, wish: Wish, *, after: str = "", limit: int = PAGE) -> Page:
    """Read the log, the newest first, page by page."""
    query = _query(session, wish).limit(limit + 1)
    if after.isdecimal() and len(after) < 18:
        query = query.where(AuditEvent.id < int(after))
    found = [_line(*row) for row in session.execute(query)]
    last = found[limit - 1].event.id if len(found) > limit else ""
    return Page(found[:limit], str(last))


def for_file(session: Session, wish: Wish) -> Iterator[Line]:
    """Go through the log as a file holds it, up to a number of lines."""
    for row in session.execute(_query(session, wish).limit(MOST_IN_FILE)):
        yield _line(*row)


def _query(session: Session, wish: Wish) -> Select[AuditEvent, Person | None, str | None]:
    actor = aliased(Person)
    query = (
        select(AuditEvent, actor, ServiceRequest.number)
        .outerjoin(actor, actor.id == AuditEvent.actor_id)
        .outerjoin(ServiceRequest, ServiceRequest.id == AuditEvent.request_id)
        .order_by(AuditEvent.id.desc())
    )
    words = wish.who.replace(",", " ").split()[:6]
    if words:
        named = select(Person.id).where(*(begins(word) for word in words))
        subject = (AuditEvent.subject_kind == "person") & AuditEvent.subject_id.in_(
            [str(each) for each in session.scalars(named.limit(200))]
        )
        query = query.where(or_(AuditEvent.actor_id.in_(named), subject))
    if wish.thing:
        query = query.where(AuditEvent.subject_kind == wish.thing)
    if wish.case:
        query = query.where(ServiceRequest.number == wish.case)
    zone = clock.zone(session)
    if wish.first:
        query = query.where(AuditEvent.at >= clock.start_of(wish.first, zone))
    if wish.last:
        query = query.where(AuditEvent.at < clock.start_of(wish.last + timedelta(days=1), zone))
    return query


def _line(event: AuditEvent, actor: Person | None, number: str | None) -> Line:
    return Line(event, actor, number or "", _details(event.body))


def _details(body: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_plain(value)}" for name, value in body.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    return "–" if value is None else str(value)
