"""One cast throughout: a small organisation with a directory in memory and a few published items.

**Mia** leads the unit, **Noah** works there, **Lars** leads Mia, **Eva** is at the service desk, **Olof**
belongs elsewhere, **Sam** coordinates orders for Mia's unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.loader import parse_item
from connectors import memory
from portal import clock
from portal.db import Database
from portal.domain import items, people
from portal.models.employment import Employment
from portal.models.item import CatalogItem, CatalogVersion
from portal.models.org import Coordinator, OrgUnit
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Grant, SharedList, Team, TeamMember
from portal.settings import Settings
from portal.work.run import Worker
from portal.work.sweeps import run_all
from tests.kit import person

ITEMS = Path(__file__).parents[1] / "catalog" / "items"
LISTS = Path(__file__).parents[1] / "catalog" / "lists"

RESOURCES = """
[resources.staff-directory]
connector = "memory"
mode = "auto"
concurrency = 4
store = "{store}"
walls = {{ groups = ["*"] }}
"""

TEAMS = (
    *(
        "service-desk",
        "it-accounts",
        "it-delivery",
        "telephony",
        "caretakers",
        "approval-desk",
        "records-owner",
    ),
    *("records-desk", "it-security", "digitalisation", "mail-desk", "packaging", "systems", "collaboration"),
)


GROUPS = (
    *(
        "nature",
        "roads",
        "alla-anstallda",
        "brev-skicka-som",
        "dator-std",
        "diariet-lasa",
        "diariet-handlagga",
    ),
    *("diariet-registrera", "diariet-sekretess", "externa", "lic-acrobat-pro", "lic-visio", "vpn"),
)

RIGHTS = (
    *("work", "people.view", "resources.view", "resources.operate", "reports.view", "catalog.edit"),
    *("catalog.publish", "settings.view", "audit.view"),
)


@dataclass
class Cast:
    """The people, the units and the short roads that tests take."""

    session: Session
    database: Database
    settings: Settings
    root: OrgUnit
    unit: OrgUnit
    other: OrgUnit
    mia: Person
    noah: Person
    lars: Person
    eva: Person
    olof: Person
    sam: Person

    @property
    def store(self) -> memory.Store:
        """The directory in memory."""
        return memory.store(f"test-{self.settings.data_dir.name}")

    def version(self, key: str) -> CatalogVersion:
        """The version of an item that can be ordered."""
        return items.current(self.session, key)

    def work(self) -> int:
        """Let workers and the clock do all that is due now; return how many tasks were settled."""
        self.session.commit()
        settled = run_all(self.database, self.settings)
        self.session.expire_all()
        return settled

    def next_day(self, days: int = 1) -> None:
        """Turn the working clock and let everything due happen, day by day."""
        for _ in range(days):
            clock.move_working(self.session, 1)
            self.work()

    def skip(self, days: int) -> None:
        """Turn the working clock by many days at once, as after a long downtime."""
        clock.move_working(self.session, days)
        self.work()

    @property
    def today(self) -> date:
        """The working day."""
        return clock.today(self.session)


def told(session: Session, request: ServiceRequest) -> list[str]:
    """Say how the tasks of a case stand, one line each; for comparing and for reading a failed test."""
    rows = session.scalars(select(Task).where(Task.request_id == request.id).order_by(Task.id))
    return [f"{row.step} {row.state}" + (f": {row.error['message']}" if row.error else "") for row in rows]


def write_resources(settings: Settings) -> None:
    """Write the operator's file: one directory in memory."""
    file = settings.data_dir / "resources.toml"
    file.write_text(RESOURCES.format(store=f"test-{settings.data_dir.name}"))


def hire(
    session: Session,
    given_name: str,
    unit: OrgUnit,
    surname: str = "Ek",
    form: str = "permanent",
    ends_on: date | None = None,
    **values: Any,
) -> Person:
    """Add somebody with an employment that has lasted a year."""
    added = person(
        session, given_name, surname, unit_id=unit.id, mail=f"{given_name.lower()}@example.test", **values
    )
    session.add(
        Employment(
            person_id=added.id,
            unit_id=unit.id,
            form=form,
            starts_on=clock.today(session) - timedelta(days=365),
            ends_on=ends_on,
            created_at=clock.now(),
        )
    )
    session.flush()
    return added


def make_cast(session: Session, database: Database, settings: Settings) -> Cast:
    """Fill an empty database."""
    root = OrgUnit(
        key="root",
        name="Länsförvaltningen",
        cost_centre="10000",
        domain="example.test",
        zone="Europe/Stockholm",
    )
    session.add(root)
    session.flush()
    unit = OrgUnit(key="nature", name="Naturvård", parent_id=root.id, cost_centre="41200", group="nature")
    other = OrgUnit(key="roads", name="Vägar", parent_id=root.id, cost_centre="51200", group="roads")
    session.add_all([unit, other])
    session.flush()
    lars = hire(session, "Lars", root, "Alm")
    mia = hire(session, "Mia", unit, "Berg")
    noah = hire(session, "Noah", unit, "Dal")
    eva = hire(session, "Eva", root, "Falk")
    olof = hire(session, "Olof", other, "Gran")
    sam = hire(session, "Sam", unit, "Holm")
    root.manager_id, unit.manager_id, other.manager_id = lars.id, mia.id, olof.id
    session.add(Coordinator(unit_id=unit.id, person_id=sam.id))
    teams = {key: Team(key=key, names={"sv": key, "en": key}) for key in TEAMS}
    session.add_all(teams.values())
    session.flush()
    for key in TEAMS:
        session.add(TeamMember(team_id=teams[key].id, person_id=eva.id))
    for right in RIGHTS:
        session.add(Grant(person_id=eva.id, right=right, scope_kind="all", scope_ref=""))
    session.flush()
    made = Cast(session, database, settings, root, unit, other, mia, noah, lars, eva, olof, sam)
    for group in GROUPS:
        made.store.objects.setdefault("group", {})[group] = {
            "id": group,
            "key": group,
            "marker": None,
            "values": {"name": group},
        }
    return made


def publish_text(session: Session, text: str) -> CatalogVersion:
    """Publish an item given as text; its problems fail the test."""
    parsed = items.check(session, text)
    errors = [str(each) for each in parsed.problems if each.severity == "error"]
    assert parsed.item is not None, errors
    assert not errors, errors
    key = parsed.item.id
    if session.get(CatalogItem, key) is None:
        items.save_draft(session, key, text, actor=None)
    return items.publish(session, key, actor=None, reason="For the test", text=text)


def publish_shipped(session: Session, *keys: str) -> None:
    """Publish items that come with the portal, with their lists."""
    load_lists(session)
    for key in keys:
        file = next(ITEMS.glob(f"*/{key}.yaml"))
        publish_text(session, file.read_text(encoding="utf-8"))


def load_lists(session: Session) -> None:
    """Load the shared lists that come with the portal."""
    from ruamel.yaml import YAML

    for file in LISTS.glob("*.yaml"):
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        rows = data["rows"] if isinstance(data, Mapping) else data
        if session.get(SharedList, file.stem) is None:
            session.add(SharedList(key=file.stem, rows=rows))
    session.flush()


__all__ = ["Cast", "Worker", "hire", "make_cast", "parse_item", "people", "publish_shipped", "publish_text"]
