"""Writing the planned organisation: units and people through `people.apply`, teams and lists beside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo import sources
from portal.demo.staff import Somebody, Staff
from portal.domain import people
from portal.models.employment import Employment
from portal.models.org import Coordinator, OrgUnit
from portal.models.person import Delegation, Identity, Person
from portal.models.team import Grant, SharedList, Team, TeamMember

ISSUER = "demo"
"""Who says the keys under which the demo finds its people again."""


@dataclass
class Book:
    """Where planned people and units are found in the database."""

    staff: Staff
    people: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    employments: dict[str, int] = field(default_factory=dict)

    def person(self, session: Session, key: str) -> Person:
        """Return a planned person who is there."""
        return session.get_one(Person, self.people[key])

    def unit(self, session: Session, key: str) -> OrgUnit:
        """Return a planned unit."""
        return session.get_one(OrgUnit, self.units[key])

    def note(self, session: Session, key: str, person: Person) -> None:
        """Remember who a planned person has become."""
        self.people[key], self.keys[person.id] = person.id, key
        session.add(Identity(person_id=person.id, issuer=ISSUER, subject=key))

    @classmethod
    def open(cls, session: Session, staff: Staff) -> "Book":
        """Read the book again."""
        book = cls(staff)
        rows = session.execute(select(Identity.subject, Identity.person_id).where(Identity.issuer == ISSUER))
        book.people = {row.subject: row.person_id for row in rows}
        book.keys = {person_id: key for key, person_id in book.people.items()}
        book.units = {unit.key: unit.id for unit in session.scalars(select(OrgUnit))}
        return book


def write(session: Session, staff: Staff) -> Book:
    """Write the organisation with everybody who had an account before the portal came."""
    book = Book(staff)
    _write_units(session, book)
    write_people(session, book, early(staff))
    _write_heads(session, book)
    _write_teams(session, book)
    _write_absences(session, book)
    _write_lists(session, book)
    session.flush()
    return book


def early(staff: Staff) -> list[Somebody]:
    """Return those who are written before anything is ordered."""
    return [
        p for p in staff.people.values()
        if p.comes == "adopted" and not p.is_late and (not p.is_past or p.key in sources.story()["people"])
    ]  # fmt: skip


def _write_units(session: Session, book: Book) -> None:
    root = sources.organisation()["root"]
    changes: list[people.Change] = []
    for unit in book.staff.units.values():
        more = {} if unit.parent else {name: root[name] for name in ROOT_FIELDS}
        parent = f"unit:{unit.parent}" if unit.parent else None
        changes += people.new(
            "unit", unit.key, key=unit.key, name=unit.name, parent_id=parent, cost_centre=unit.cost_centre,
            group=unit.group, **more,
        )  # fmt: skip
    made = people.apply(session, changes, source="hr")
    book.units = {ref.partition(":")[2]: unit.id for ref, unit in made.items()}


ROOT_FIELDS = ("zone", "calendar", "language", "currency", "domain")


def write_people(session: Session, book: Book, planned: Iterable[Somebody]) -> None:
    """Write people with their employments, as HR says them."""
    planned = list(planned)
    numbers = {key: 10_001 + place for place, key in enumerate(book.staff.people)}
    changes: list[people.Change] = []
    for each in planned:
        changes += people.new(
            "person", each.key, hr_number=str(numbers[each.key]), given_name=each.given_name,
            surname=each.surname, mail=each.mail, title=each.title, unit_id=book.units[each.unit],
            is_protected=each.is_protected or None,
        )  # fmt: skip
        earlier = sources.story()["people"].get(each.key, {}).get("earlier")
        if earlier:
            changes += _employment(book, each, f"{each.key}-earlier", earlier)
        else:
            changes += _employment(book, each, each.key)
    made = people.apply(session, changes, source="hr")
    for each in planned:
        book.note(session, each.key, made[f"person:{each.key}"])
        book.employments[each.key] = next(
            row.id
            for ref, row in made.items()
            if ref in (f"employment:{each.key}", f"employment:{each.key}-earlier")
        )


def _employment(
    book: Book, each: Somebody, name: str, earlier: Mapping[str, int] | None = None
) -> list[people.Change]:
    first, last = each.first_day, None if each.ends else each.hr_last_day or each.last_day
    if earlier:
        first, last = (book.staff.today + timedelta(days=earlier[n]) for n in ("first_day", "last_day"))
    return people.new(
        "employment", name, person_id=f"person:{each.key}", unit_id=book.units[each.unit], form=each.form,
        title=each.title, starts_on=first, ends_on=last, source="hr",
    )  # fmt: skip


def _write_heads(session: Session, book: Book) -> None:
    changes: list[people.Change] = []
    for unit in book.staff.units.values():
        if unit.head:
            changes += people.changes_of(book.unit(session, unit.key), manager_id=book.people[unit.head])
    people.apply(session, changes, source="hr")
    for person in book.staff.people.values():
        for key in person.coordinates:
            session.add(Coordinator(unit_id=book.units[key], person_id=book.people[person.key]))


def _write_teams(session: Session, book: Book) -> None:
    teams: dict[str, Team] = {}
    for about in sources.organisation()["teams"]:
        team = Team(key=about["key"], names=about["names"], mail=about["mail"])
        members = dict.fromkeys(key for rule in about["members"] for key in _members(book, rule))
        team.members = [TeamMember(person_id=book.people[key]) for key in members]
        teams[team.key] = team
    session.add_all(teams.values())
    session.flush()
    for about in sources.organisation()["grants"]:
        holder = (
            {"team_id": teams[about["team"]].id}
            if "team" in about
            else {"person_id": book.people[about["person"]]}
        )
        session.add_all(
            Grant(right=right, scope_kind="all", scope_ref="", **holder) for right in about["rights"]
        )


def _members(book: Book, rule: Mapping[str, Any]) -> list[str]:
    if "person" in rule:
        return [rule["person"]]
    found = [
        person.key
        for person in book.staff.people.values()
        if person.key in book.people and not person.leave and not person.is_past
        and (person.unit == rule.get("unit") or book.staff.units[person.unit].kind == rule.get("kind"))
        and person.title == rule.get("title", person.title)
        and (person.form == "permanent" or "title" in rule)
    ]  # fmt: skip
    # who is counted out of a unit does not lead it
    plain = [key for key in found if not book.staff.people[key].leads]
    return plain[: rule["count"]] if "count" in rule else found


def _write_absences(session: Session, book: Book) -> None:
    """Let the managers who are away be away, with their stand-ins."""
    away = sources.story()["people"]["asa"]["away"]
    first, last = (book.staff.today + timedelta(days=away[name]) for name in ("first_day", "last_day"))
    changes: list[people.Change] = []
    for number, about in enumerate(sources.organisation()["oddities"]["managers_away"]):
        boss, other = (book.staff.units[about[name]].head for name in ("unit", "stand_in"))
        begins, ends = first - timedelta(days=number), last + timedelta(days=2 * number)
        changes += people.new(
            "leave", boss, employment_id=book.employments[boss], kind="other", starts_on=begins, ends_on=ends,
        )  # fmt: skip
        session.add(
            Delegation(
                person_id=book.people[boss], delegate_id=book.people[other], from_on=begins, to_on=ends
            )
        )
    people.apply(session, changes, source="hr")


def _write_lists(session: Session, book: Book) -> None:
    for file in sorted((sources.CATALOG / "lists").glob("*.yaml")):
        data = YAML(typ="safe").load(file.read_text("utf-8"))
        rows = data["rows"] if data["id"] != "cost-limits" else _cost_limits(book)
        session.add(SharedList(key=data["id"], rows=rows))


def _cost_limits(book: Book) -> list[dict[str, Any]]:
    """Give each cost centre its owner, the head of the office, and a stand-in from the office's Ledning."""
    kind = sources.organisation()["oddities"]["cost_centre_stand_in"]
    rows: dict[str, dict[str, Any]] = {}
    for unit in book.staff.units.values():
        owner = book.staff.units[unit.office].head if unit.office else unit.head
        others = [
            person.key
            for person in book.staff.by_unit.get(f"{unit.office}-{kind}", ())
            if person.key != owner and person.key in book.people and person.form == "permanent"
        ]
        row = {"value": unit.cost_centre, "label": unit.name, "owner": book.people[owner]}
        if others:
            row["stand_in"] = book.people[others[-1]]
        rows.setdefault(unit.cost_centre, row)
    return list(rows.values())


def employment_of(session: Session, person_id: int) -> Employment | None:
    """Return somebody's latest employment."""
    return session.scalars(
        select(Employment).where(Employment.person_id == person_id).order_by(Employment.starts_on.desc())
    ).first()
