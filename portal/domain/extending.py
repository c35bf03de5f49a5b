"""Answering about last days that draw near: another last day for some, or that they end as planned."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import audit, org, people
from portal.domain.people import Change
from portal.domain.queries.extensions import LETTERS, Ending, looks_after
from portal.errors import NotAllowed
from portal.models.employment import Employment
from portal.models.person import Person
from portal.models.work import OutboundMail


def extend(
    session: Session, ending: Ending, chosen: Sequence[Employment], until: date, *, actor: Person
) -> None:
    """Give the chosen the same new last day. Raises NotAllowed, or NoLongerTrue when one has got another."""
    _check(session, chosen, actor)
    changes = [Change(f"employment:{each.id}", "last_day", ending.day, until) for each in chosen]
    people.apply(session, changes, source="portal", actor=actor)


def let_end(session: Session, ending: Ending, chosen: Sequence[Employment], *, actor: Person) -> None:
    """Note that the chosen end as planned, so that nobody is asked about them again."""
    _check(session, chosen, actor)
    for employment in chosen:
        audit.record(session, employment, "let_end", actor=actor, last_day=ending.day.isoformat())
    ids = {each.id for each in chosen}
    for mail in _about_the_same(session, ending):
        known = set(mail.data.get("let_end", ()))
        mail.data = {**mail.data, "let_end": sorted(known | ids)}


def _check(session: Session, chosen: Sequence[Employment], actor: Person) -> None:
    units = org.units_ordered_for(session, actor)
    if not chosen or not all(looks_after(session, actor, each, units) for each in chosen):
        raise NotAllowed


def _about_the_same(session: Session, ending: Ending) -> list[OutboundMail]:
    """Return the letters to everyone who was asked about that unit and day."""
    rows = session.scalars(
        select(OutboundMail).where(
            OutboundMail.template.in_(LETTERS),
            OutboundMail.data["day"].as_string() == ending.day.isoformat(),
            OutboundMail.data["unit"].as_integer() == ending.mail.data.get("unit"),
        )
    )
    return list(rows)
