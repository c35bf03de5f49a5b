"""First passwords: made and sealed before the account was, opened once by the person they are for."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock, keys
from portal.domain import audit, links
from portal.errors import Gone, NotFound, PortalError
from portal.i18n import N_
from portal.models.holding import FirstPassword
from portal.models.person import Person
from portal.models.task import Task
from portal.models.work import Link

PURPOSE = "first-password"


class Opened(PortalError):
    """A password is shown once."""

    message = N_("This password has already been shown, so it cannot be shown again.")
    status = 409


def find_linked(session: Session, token: str) -> tuple[Link, FirstPassword]:
    """Find the link of a letter and the password behind it; NotFound for all that is not one."""
    link = links.find(session, PURPOSE, token)
    first = (
        session.get(FirstPassword, link.subject_id)
        if link and link.subject_kind == "first_password"
        else None
    )
    if link is None or first is None or link.person is None:
        raise NotFound
    return link, first


def is_open(link: Link, first: FirstPassword) -> bool:
    """Tell whether it can still be shown."""
    return first.sealed is not None and clock.now() < first.expires_at and links.is_open(link)


def open_once(session: Session, first: FirstPassword, *, actor: Person) -> str:
    """Return the password and forget it: one conditional UPDATE decides who was first."""
    sealed = first.sealed
    if sealed is None:
        raise Opened
    if clock.now() >= first.expires_at:
        raise Gone
    opened = session.execute(
        update(FirstPassword)
        .where(FirstPassword.id == first.id, FirstPassword.shown_at.is_(None), FirstPassword.sealed == sealed)
        .values(sealed=None, shown_at=clock.now(), shown_to_id=actor.id)
    )
    if not opened.rowcount:  # type: ignore[attr-defined]  # an UPDATE always gives a CursorResult
        raise Opened
    session.refresh(first)
    task = session.get_one(Task, first.task_id)
    audit.record(session, first, "show", actor=actor, request=task.request)
    return keys.open_sealed(PURPOSE, sealed).decode()


def shown_to(session: Session, first: FirstPassword) -> Person | None:
    """Return who has seen it."""
    return session.scalars(select(Person).where(Person.id == first.shown_to_id)).first()
