"""Last days that draw near and that somebody has been asked about, by a letter of the portal."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.domain import links, org
from portal.domain.world import world_of
from portal.errors import NotFound
from portal.models.employment import Employment
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.work import Link, OutboundMail

LETTERS = ("reminder-end", "reminder-unit")


@dataclass(frozen=True)
class Ending:
    """The people of one unit with the same last day, and the letter that asked about them."""

    mail: OutboundMail
    unit: OrgUnit | None
    day: date
    employments: list[Employment]
    """Those whose last day is still that day."""
    let_end: frozenset[int]
    """Those of whom somebody has said that they end as planned."""
    can_extend: bool

    @property
    def is_open(self) -> bool:
        """Tell whether there is still something to answer."""
        return self.can_extend and any(each.id not in self.let_end for each in self.employments)


def waiting_for(session: Session, viewer: Person) -> list[Ending]:
    """List what somebody has been asked about and nobody has answered, the nearest last day first."""
    today = clock.today(session).isoformat()
    mails = session.scalars(
        select(OutboundMail)
        .where(
            OutboundMail.person_id == viewer.id,
            OutboundMail.template.in_(LETTERS),
            OutboundMail.data["day"].as_string() >= today,
        )
        .order_by(OutboundMail.id.desc())
    )
    found: dict[tuple[object, ...], Ending] = {}
    for mail in mails:
        ending = read(session, mail, viewer)
        key = (ending.day, *sorted(mail.data.get("employments", ())))
        if key not in found:
            found[key] = ending
    return sorted((each for each in found.values() if each.is_open), key=lambda each: each.day)


def read(session: Session, mail: OutboundMail, viewer: Person) -> Ending:
    """Read a letter again, as things are now; people whom the viewer no longer looks after are left out."""
    day = date.fromisoformat(mail.data["day"])
    ids = [each for each in mail.data.get("employments", ()) if isinstance(each, int)]
    rows = session.scalars(
        select(Employment)
        .options(joinedload(Employment.person))
        .join(Person, Person.id == Employment.person_id)
        .where(Employment.id.in_(ids), Employment.is_cancelled.is_(False))
        .order_by(Person.surname, Person.given_name, Employment.id)
    )
    units = org.units_ordered_for(session, viewer) if ids else set()
    mine = [each for each in rows if each.last_day == day and looks_after(session, viewer, each, units)]
    unit = session.get(OrgUnit, mail.data.get("unit") or 0)
    can = bool(mail.data.get("can_extend", True))
    return Ending(mail, unit, day, mine, frozenset(mail.data.get("let_end", ())), can)


def looks_after(session: Session, viewer: Person, employment: Employment, units: set[int]) -> bool:
    """Tell whether somebody may say when an employment ends: manager, coordinator or sponsor.

    `units` are those that the viewer leads or orders for.
    """
    if viewer.id == employment.person_id or viewer.is_disabled:
        return False
    if viewer.id in (employment.manager_id, employment.sponsor_id):
        return True
    if employment.unit_id in units:
        return True
    return org.may_order_for(session, viewer, employment.person)


def find_ending(session: Session, mail_id: int, *, viewer: Person) -> Ending:
    """Find what a letter asked somebody about; NotFound unless it was sent to them."""
    mail = session.get(OutboundMail, mail_id)
    if mail is None or mail.template not in LETTERS or mail.person_id != viewer.id or "day" not in mail.data:
        raise NotFound
    return read(session, mail, viewer)


def find_linked(session: Session, token: str) -> tuple[Link, OutboundMail]:
    """Find the link of a letter and the letter; NotFound for all that is not one."""
    link = links.find(session, "extend", token)
    mail = session.get(OutboundMail, link.subject_id) if link and link.subject_kind == "mail" else None
    if link is None or mail is None or link.person is None or "day" not in mail.data:
        raise NotFound
    return link, mail


def latest_day(session: Session, ending: Ending) -> date:
    """Return the last day that may be chosen for all: as many months as the form of employment allows."""
    months = [world_of(session).policy(each.form).longest_months or 12 for each in ending.employments]
    year, month = divmod(ending.day.month - 1 + min(months, default=12), 12)
    last = min(ending.day.day, 28)
    return date(ending.day.year + year, month + 1, last)
