"""The installation that is measured: SQLite in a temporary folder, one unit, a directory in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML
from sqlalchemy.orm import Session

import catalog
from connectors import memory
from portal import clock, keys, migrate
from portal.db import Database
from portal.domain import items
from portal.models.employment import Employment
from portal.models.item import CatalogVersion
from portal.models.org import Coordinator, OrgUnit
from portal.models.person import Person
from portal.models.team import SharedList, Team
from portal.settings import Settings
from portal.work.world import open_portal

ITEM = "employee-account"
TEAMS = ("it-accounts", "service-desk", "approval-desk", "caretakers", "mail-desk")
STORE = "bench"
RESOURCES = f"""\
[resources.staff-directory]
connector = "memory"
mode = "auto"
concurrency = 4
store = "{STORE}"
walls = {{ groups = ["*"] }}
"""


@dataclass
class House:
    """A small installation, and who orders and decides in it."""

    settings: Settings
    database: Database
    unit: int
    coordinator: int
    head: int

    def version(self, session: Session) -> CatalogVersion:
        """Return what is ordered: the account for a new employee, seven automatic tasks each."""
        return items.current(session, ITEM)


def settings_in(folder: Path, **more: str | int) -> Settings:
    """Return settings of an installation in a folder, with a key of its own."""
    keys.use(keys.Keys([keys.token()]))
    values = {"portal.data_dir": str(folder), "portal.base_url": "http://localhost", "log.level": "error"}
    return Settings({**values, **more}, source="bench")


@contextmanager
def small() -> Iterator[House]:
    """Make a small installation, and throw it away afterwards."""
    with TemporaryDirectory(prefix="ordna-bench-") as name:
        folder = Path(name)
        (folder / "resources.toml").write_text(RESOURCES, encoding="utf-8")
        settings = settings_in(folder, **{"files.resources": str(folder / "resources.toml")})
        migrate.upgrade(settings.database_url)
        database = open_portal(settings)
        try:
            with database.session() as session:
                house = _fill(session, settings, database)
                session.commit()
            yield house
        finally:
            database.dispose()
            memory.forget(STORE)


def _fill(session: Session, settings: Settings, database: Database) -> House:
    unit = OrgUnit(
        key="nature", name="Nature", cost_centre="41200", group="nature",
        domain="example.test", zone="Europe/Stockholm",
    )  # fmt: skip
    session.add(unit)
    session.flush()
    head, coordinator = (_hire(session, unit, name) for name in ("Mia", "Sam"))
    unit.manager_id = head.id
    session.add(Coordinator(unit_id=unit.id, person_id=coordinator.id))
    session.add_all(Team(key=key, names={"en": key}) for key in TEAMS)
    shipped = Path(catalog.__file__).parent
    for file in sorted((shipped / "lists").glob("*.yaml")):
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        session.add(SharedList(key=file.stem, rows=data["rows"] if isinstance(data, dict) else data))
    session.flush()
    text = next((shipped / "items").glob(f"*/{ITEM}.yaml")).read_text(encoding="utf-8")
    items.save_draft(session, ITEM, text, actor=None)
    items.publish(session, ITEM, actor=None, reason="To be measured", text=text)
    groups = memory.store(STORE).objects.setdefault("group", {})
    for group in ("nature", "alla-anstallda"):
        groups[group] = {"id": group, "key": group, "marker": None, "values": {"name": group}}
    return House(settings, database, unit.id, coordinator.id, head.id)


def _hire(session: Session, unit: OrgUnit, name: str) -> Person:
    mail = f"{name.lower()}@example.test"
    person = Person(given_name=name, surname="Bench", unit_id=unit.id, mail=mail, created_at=clock.now())
    session.add(person)
    session.flush()
    begun = clock.today(session).replace(month=1, day=1)
    session.add(
        Employment(
            person_id=person.id, unit_id=unit.id, form="permanent", starts_on=begun, created_at=clock.now()
        )
    )
    session.flush()
    return person
