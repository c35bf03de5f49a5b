"""People, units, posts and things as rules and placeholders see them: plain data, looked up late."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.schema import Question
from portal.domain import org, people
from portal.models.employment import Employment, Leave
from portal.models.holding import Account, Holding
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.team import SharedList

Thunk = Callable[[], Any]


class Lazy(Mapping[str, Any]):
    """A mapping whose values may be functions, called once when asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if callable(value):
            value = self._values[name] = value()
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        """Two people, units or holdings are the same when their ids are."""
        if isinstance(other, Mapping) and "id" in self and "id" in other:
            return bool(self["id"] == other["id"])
        return self is other

    def __hash__(self) -> int:
        return hash(self["id"]) if "id" in self else id(self)


def person_data(session: Session, person: Person | None) -> Any:
    """Return a person as rules see them; None for nobody."""
    if person is None:
        return None
    employment: Thunk = lambda: people.main_employment(session, person)  # noqa: E731 - read late, twice
    return Lazy(
        {
            "id": person.id,
            "name": person.name,
            "given_name": person.given_name,
            "surname": person.surname,
            "hr_number": person.hr_number,
            "mail": person.mail or None,
            "mobile": person.phone or None,
            "phone": person.phone or None,
            "title": person.title or None,
            "company": person.company or None,
            "language": person.language or None,
            "roles": lambda: org.roles_of(session, person),
            "teams": lambda: org.teams_of(session, person),
            "unit": lambda: unit_data(session, person.unit),
            "manager": lambda: brief(org.manager_of(session, employment(), person.unit)),
            "form": lambda: getattr(employment(), "form", None),
            "accounts": lambda: accounts_of(session, person),
        }
    )


def brief(person: Person | None) -> Any:
    """Return who somebody is and no more."""
    if person is None:
        return None
    return Lazy({"id": person.id, "name": person.name, "mail": person.mail or None})


def unit_data(session: Session, unit: OrgUnit | None) -> Any:
    """Return a unit as rules see it."""
    if unit is None:
        return None
    return Lazy(
        {
            "id": unit.id,
            "name": unit.name,
            "code": unit.key,
            "group": unit.group or None,
            "cost_centre": unit.cost_centre or None,
            "manager": lambda: brief(unit.manager),
            "domain": lambda: next((u.domain for u in org.units_up(unit) if u.domain), None),
        }
    )


def accounts_of(session: Session, person: Person) -> Mapping[str, str]:
    """Return somebody's one account on each resource, by key."""
    rows = session.execute(
        select(Account.resource, Account.key).where(
            Account.person_id == person.id, Account.kind == "account", Account.state == "live"
        )
    )
    return {row.resource: row.key for row in rows}


def employment_data(session: Session, employment: Employment | None) -> Any:
    """Return a post as rules see it."""
    if employment is None:
        return None
    return Lazy(
        {
            "id": employment.id,
            "form": employment.form,
            "starts_on": employment.starts_on,
            "ends_on": employment.last_day,
            "title": employment.title or None,
            "workplace": employment.workplace or None,
            "unit": lambda: unit_data(session, employment.unit),
            "manager": lambda: brief(org.manager_of(session, employment, employment.unit)),
            "replaces": lambda: person_data(session, employment.replaces),
            "sponsor": lambda: person_data(session, employment.sponsor),
        }
    )


def leave_data(leave: Leave | None) -> Any:
    """Return a leave as rules see it."""
    if leave is None:
        return None
    names = ("id", "kind", "starts_on", "ends_on", "keep_phone", "account_readable")
    return Lazy(people.fields_of(leave, names))


def holding_data(session: Session, holding: Holding | None) -> Any:
    """Return something that somebody has as rules see it."""
    if holding is None:
        return None
    return Lazy(
        {
            "id": holding.id,
            "item": holding.item_key,
            "title": holding.values.get("title"),
            "owner": lambda: person_data(session, holding.person),
            "state": holding.state,
            "starts_on": holding.started_on,
            "ends_on": holding.ends_on,
            "until_on": holding.until_on,
            "monthly": holding.price_monthly,
            "values": dict(holding.values),
        }
    )


def answer_value(session: Session, question: Question, raw: Any) -> Any:
    """Return a stored answer as rules see it: a day as a day, a person as a person."""
    if raw is None or raw == "":
        return [] if question.many else None
    match question.type:
        case "date":
            return date.fromisoformat(raw) if isinstance(raw, str) else raw
        case "person":
            return person_data(session, session.get(Person, int(raw)))
        case "people":
            return [person_data(session, session.get(Person, int(each))) for each in raw]
        case "unit":
            return unit_data(session, session.get(OrgUnit, int(raw)))
        case "holding":
            return holding_data(session, session.get(Holding, int(raw)))
        case "number" if isinstance(raw, str):
            return Decimal(raw)
        case "choice" if question.list:
            return {**list_row(session, question.list, raw), "value": raw}
        case "choices" if question.list:
            return [{**list_row(session, question.list, each), "value": each} for each in raw]
        case "choice":
            choice = next((c for c in question.choices if c.value == raw), None)
            return {"value": raw, "label": dict(choice.label.root) if choice and choice.label else raw}
    return raw


def list_row(session: Session, key: str, value: str) -> Mapping[str, Any]:
    """Return the row of a shared list that a value stands for."""
    shared = session.get(SharedList, key)
    session.info.setdefault("lists", {})[key] = shared  # the session itself forgets what nobody holds
    rows = shared.rows if shared else []
    return next((row for row in rows if str(row.get("value")) == str(value)), {})
