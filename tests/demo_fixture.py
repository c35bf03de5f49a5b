"""The demo's whole year for tests: made once a day for each state of the code, copied for who needs it."""

import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from portal import migrate
from portal.db import Database
from portal.demo import directory, house, progress, store
from portal.demo.people import story_ids
from portal.demo.seed import Seeder
from portal.models.person import Person
from portal.settings import Settings
from portal.work import sweeps
from portal.work.world import open_portal

ROOT = Path(__file__).parents[1]
MADE_FROM = (
    "portal/demo",
    "portal/domain",
    "portal/models",
    "portal/work",
    "catalog",
    "connectors",
    "config",
)
SECRET = "a master key that only tests use and long enough"
KEPT_SECONDS = 3600
LOAD, TOLD = "directory.ldif", "differences.json"


@dataclass
class DemoData:
    """A demo with all its history, its directory running; `differences` is where the two disagree."""

    folder: Path
    settings: Settings
    database: Database
    details: directory.Details
    differences: list[tuple[str, str]]

    def person(self, key: str) -> Person:
        """Return somebody of the story."""
        with self.database.read_session() as session:
            return session.get_one(Person, story_ids(session)[key])


def settings_for(folder: Path, port: int = 1) -> Settings:
    """Return the settings of a demo in a folder, with the tests' own key."""
    made = house.House(folder, "127.0.0.1", 8000).settle(port)
    made.take({"secret.key": (SECRET, "test"), "portal.base_url": ("http://localhost", "test")})
    return made


def prepare(folder: Path) -> Settings:
    """Make an empty database for a demo."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_for(folder)
    migrate.upgrade(settings.database_url)
    return settings


def seed(folder: Path, moment: datetime, *, scale: float = 1.0, is_checking: bool = False) -> list[str]:
    """Make the demo of a moment in a folder, all of it, with what its directory is loaded with.

    With `is_checking` the answers go through the forms' rules too; what those refuse is returned.
    """
    settings = prepare(folder)
    with Seeder(settings, moment, scale=scale) as seeder:
        seeder.is_checking = is_checking
        seeder.begin()
        begun = progress.read(seeder.pen)
        assert begun is not None
        seeder.go_on(begun)
        entries, differences = seeder.directory(store.names_of(directory.details(folder, 0)))
        directory.write_ldif(entries, folder / LOAD)
        seeder.pen.keep()
        while sweeps.seal(seeder.database):
            seeder.pen.keep()
        faults = seeder.player.faults
        (folder / TOLD).write_text(json.dumps(differences.told), "utf-8")
    connection = Database(settings.database_url).engine.raw_connection()
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return faults


@pytest.fixture(scope="session")
def demo_seed(pytestconfig: pytest.Config) -> Path:
    """Give the folder of today's demo, made at most once for this state of the code."""
    assert pytestconfig.cache is not None
    base = pytestconfig.cache.mkdir("demo")
    folder = base / f"{date.today():%Y%m%d}-{_digest()}"  # noqa: DTZ011 - a name, not a day
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / TOLD).exists():
            for old in base.iterdir():
                # another run, of another state of the code, may be copying a young one just now
                if old == folder or (old.is_dir() and old.stat().st_mtime < time.time() - KEPT_SECONDS):
                    shutil.rmtree(old)
            seed(folder, datetime.now(UTC))
    return folder


@pytest.fixture(scope="session")
def demo_data(demo_seed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoData]:
    """Give a demo whose directory runs, for reading; what writes copies the database first."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(demo_seed, folder)
    process = directory.start(folder, load=folder / LOAD)
    try:
        details = directory.wait_ready(folder, process)
        settings = settings_for(folder, details.port)
        database = open_portal(settings)
        told = [(kind, what) for kind, what in json.loads((folder / TOLD).read_text("utf-8"))]
        yield DemoData(folder, settings, database, details, told)
        database.dispose()
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(10)


def _digest() -> str:
    found = hashlib.sha256()
    for part in MADE_FROM:
        for file in sorted((ROOT / part).rglob("*")):
            if file.suffix in (".py", ".yaml", ".toml"):
                found.update(file.read_bytes())
    return found.hexdigest()[:16]
