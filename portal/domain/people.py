"""People, units and employments change only here, as a list of changes that can be shown, done and undone.

A change says what it believes to be true before; where that no longer holds, nothing is done. Preview is
the list, undo the list reversed. A subject is written `person:12`; what does not exist yet has a name
instead of a number (`person:new`), and other changes may refer to it by that name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import audit, mails
from portal.errors import Stale
from portal.i18n import N_
from portal.models.base import Base
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding
from portal.models.org import OrgUnit
from portal.models.person import Person

NOUNS: dict[str, type[Base]] = {
    "person": Person,
    "employment": Employment,
    "leave": Leave,
    "unit": OrgUnit,
}
FIELDS: dict[str, frozenset[str]] = {
    "person": frozenset(
        {
            "hr_number",
            "given_name",
            "surname",
            "mail",
            "phone",
            "title",
            "company",
            "unit_id",
            "language",
            "is_protected",
            "is_hidden",
            "is_disabled",
        }
    ),
    "employment": frozenset(
        {
            "person_id",
            "unit_id",
            "form",
            "manager_id",
            "title",
            "starts_on",
            "ends_on",
            "last_day",
            "workplace",
            "replaces_id",
            "sponsor_id",
            "source",
            "request_id",
            "is_cancelled",
        }
    ),
    "leave": frozenset(
        {
            "employment_id",
            "kind",
            "starts_on",
            "ends_on",
            "keep_phone",
            "account_readable",
            "is_cancelled",
        }
    ),
    "unit": frozenset(
        {
            "key",
            "name",
            "parent_id",
            "manager_id",
            "cost_centre",
            "group",
            "valid_from",
            "valid_until",
            "zone",
            "calendar",
            "language",
            "currency",
            "domain",
        }
    ),
}


@dataclass(frozen=True)
class Change:
    """One attribute of one subject: what it was and what it becomes."""

    subject: str
    field: str
    before: Any
    after: Any

    def undone(self) -> "Change":
        """Return the change that takes this one back."""
        return Change(self.subject, self.field, self.after, self.before)


class NoLongerTrue(Stale):
    """What a change believed to be true has changed."""

    message = N_("This has changed meanwhile: %(what)s. Look again before you go on.")


def new(noun: str, name: str, /, **fields: Any) -> list[Change]:
    """Return the changes that make a new subject with these values."""
    return [
        Change(f"{noun}:{name}", field, None, value) for field, value in fields.items() if value is not None
    ]


def changes_of(subject: Base, **fields: Any) -> list[Change]:
    """Return the changes that give a known subject these values; what is already so is left out."""
    noun = next(noun for noun, model in NOUNS.items() if isinstance(subject, model))
    ref = f"{noun}:{subject.id}"  # type: ignore[attr-defined]
    return [
        Change(ref, field, getattr(subject, field), value)
        for field, value in fields.items()
        if getattr(subject, field) != value
    ]


def apply(
    session: Session,
    changes: Iterable[Change],
    *,
    source: str,
    actor: Person | None = None,
) -> dict[str, Any]:
    """Do all the changes or, if one of them no longer fits, none; return the new subjects by name.

    `source` is hr, order, portal or demo. A last day from hr or an order is the source's own value; one
    from the portal (`last_day`) rules until the source's value changes. What people have is looked at again
    afterwards.
    """
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        if change.field not in FIELDS[change.subject.partition(":")[0]]:
            raise ValueError(f"{change.subject} has no {change.field} to change")
        grouped.setdefault(change.subject, []).append(change)
    made: dict[str, Any] = {}
    subjects: list[Any] = []
    for ref, group in grouped.items():
        noun, _, name = ref.partition(":")
        subject: Any = session.get_one(NOUNS[noun], int(name)) if name.isdigit() else NOUNS[noun]()
        for change in group:
            if change.field == "ends_on" and getattr(subject, "has_portal_end", False):
                _tell_manager(session, subject, change.after)
            if change.field in ("ends_on", "last_day"):
                subject.last_day_set_on = clock.today(session)
            _change(subject, change, made[change.after].id if _is_name(change.after, made) else change.after)
        if not name.isdigit():
            if hasattr(subject, "created_at"):
                subject.created_at = clock.now()
            session.add(subject)
            session.flush()
            made[ref] = subject
        fields = {change.field: _plain(change.after) for change in group}
        audit.record(session, subject, "change", actor=actor, source=source, fields=fields)
        subjects.append(subject)
    _refresh(session, subjects)
    return made


def _tell_manager(session: Session, employment: Employment, ends_on: date | None) -> None:
    """The source's own value has changed, so it rules over the day that was set here."""
    from portal.domain import org  # who leads whom is asked of people's posts: a true circle

    if employment.last_day == ends_on or employment.ends_on == ends_on:
        return
    mails.queue(
        session,
        "hr-overrules",
        to=org.manager_of(session, employment, employment.unit),
        employment=employment.id,
        before=_plain(employment.last_day),
        after=_plain(ends_on),
    )


def _is_name(value: Any, made: dict[str, Any]) -> bool:
    return isinstance(value, str) and value in made


def _change(subject: Any, change: Change, value: Any) -> None:
    if subject.id is not None and getattr(subject, change.field) != change.before:
        raise NoLongerTrue(what=f"{change.subject} {change.field}")
    if change.field == "last_day":
        subject.portal_ends_on, subject.portal_ends_against, subject.has_portal_end = (
            value,
            subject.ends_on,
            True,
        )
    else:
        setattr(subject, change.field, value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _refresh(session: Session, subjects: Iterable[Any]) -> None:
    """Read again whom the subjects refer to, and compute the last days of everyone's holdings."""
    from portal.domain import holdings  # holdings are ended and extended by people's verbs too: a true circle

    session.flush()
    people = set()
    for subject in subjects:
        session.expire(subject, list(inspect(subject).mapper.relationships.keys()))
        if isinstance(subject, Employment):
            people.add(subject.person_id)
        elif isinstance(subject, Leave):
            people.add(session.get_one(Employment, subject.employment_id).person_id)
    if people:
        for holding in session.scalars(
            select(Holding).where(Holding.person_id.in_(people), Holding.state != "ended")
        ):
            holdings.refresh(session, holding)


def employments_of(session: Session, person: Person) -> list[Employment]:
    """Return somebody's employments, the latest first; withdrawn ones are left out."""
    rows = session.scalars(
        select(Employment)
        .where(Employment.person_id == person.id, Employment.is_cancelled.is_(False))
        .order_by(Employment.starts_on.desc(), Employment.id.desc())
    )
    return list(rows)


def main_employment(session: Session, person: Person) -> Employment | None:
    """Return the employment that counts today: a current one, else the next, else the last."""
    found = employments_of(session, person)
    today = clock.today(session)
    current = [e for e in found if e.is_current(today)]
    coming = [e for e in found if e.starts_on > today]
    return next(iter(current or coming[::-1] or found), None)


def leave_on(session: Session, person: Person, day: date) -> Leave | None:
    """Return the leave that somebody is on that day."""
    rows = session.scalars(
        select(Leave)
        .join(Employment)
        .where(Employment.person_id == person.id, Leave.is_cancelled.is_(False), Leave.starts_on <= day)
    )
    return next((leave for leave in rows if leave.covers(day)), None)


def is_away(session: Session, person: Person, day: date) -> bool:
    """Say whether somebody has left or is on a long leave, so that nobody should wait for them."""
    if person.is_disabled or person.is_hidden:
        return True
    if leave_on(session, person, day) is not None:
        return True
    found = employments_of(session, person)
    return bool(found) and not any(e.is_current(day) for e in found)


def fields_of(subject: Base, names: Iterable[str]) -> Mapping[str, Any]:
    """Return some attributes as plain data."""
    return {name: getattr(subject, name) for name in names}
