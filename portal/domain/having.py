"""What people do with what they have: let go of it, or keep it longer."""

from datetime import date

from sqlalchemy.orm import Session

from portal.domain import holdings, lifecycle
from portal.domain.queries.holdings import Had
from portal.errors import NotAllowed, Stale
from portal.i18n import N_
from portal.models.person import Person
from portal.models.request import ServiceRequest


def end(session: Session, had: Had, last_day: date | None, *, actor: Person) -> ServiceRequest | None:
    """End it at once, or after a last day; return the case that takes it back, if it begins now."""
    if not had.may_end:
        raise NotAllowed
    if last_day is not None:
        holdings.set_until(session, had.holding, last_day, actor=actor)
        return None
    case = lifecycle.begin(session, had.holding, "end", actor=actor, origin="person")
    if case is None:
        raise Stale(N_("Something is being done with it just now. Try again when that is done."))
    return case


def extend(session: Session, had: Had, last_day: date, *, actor: Person) -> None:
    """Give it a later last day of its own; the connected systems are told by the clock."""
    if not had.may_extend:
        raise NotAllowed
    holdings.set_until(session, had.holding, last_day, actor=actor)
