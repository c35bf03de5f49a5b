"""C01, C02, C03: the process is killed at every boundary of the main job, and the case still ends as ordered.

Every commit (just before and just after it) and every named crash point is a boundary. A dry run counts
them; then the job is done once for each, killed there with SIGKILL in a process of its own, and finished by
another process. The directory in memory is mirrored to a file, so that it outlives the killed process as a
real one would.
"""

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from connectors import memory
from portal import clock
from portal.domain import approvals, items, ordering
from portal.models.approval import Approval
from portal.models.holding import Account
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.settings import Settings
from portal.work import crash
from portal.work.sweeps import run_all
from portal.work.world import open_portal
from tests.cast import Cast, publish_shipped, told

FIRST_DAY_IN = 2


class Bomb:
    """Ends the process at the n-th boundary; counts them when n is 0."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.seen = at, 0

    def tick(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        event.listen(Session, "before_commit", self.tick)
        event.listen(Session, "after_commit", self.tick)
        crash.watch(self.tick)


def job(settings: Settings) -> None:
    """Order, decide, and let everything happen up to the first day; may be done any number of times."""
    database = open_portal(settings)
    with database.session() as session:
        actor = _sam(session)
        answers = {
            "worked_here": False,
            "given_name": "Åsa",
            "surname": "Öberg",
            "form": "seasonal",
            "first_day": (_seeded_on(settings) + timedelta(days=FIRST_DAY_IN)).isoformat(),
            "last_day": (_seeded_on(settings) + timedelta(days=60)).isoformat(),
            "job_title": "Värd",
            "at_unit": actor.unit_id,
            "workplace": "field",
        }
        version = items.current(session, "employee-account")
        ordering.submit(session, version, answers, actor=actor, key="the-one-order")
        session.commit()
    run_all(database, settings)
    with database.session() as session:
        for approval in session.scalars(select(Approval).where(Approval.state == "waiting")):
            assert approval.person is not None
            approvals.decide(session, approval, "approve", actor=approval.person, revision=approval.revision)
        session.commit()
    run_all(database, settings)
    with database.session() as session:
        while clock.today(session) < _seeded_on(settings) + timedelta(days=FIRST_DAY_IN):
            clock.move_working(session, 1)
        session.commit()
    run_all(database, settings)
    database.dispose()


def _sam(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.given_name == "Sam")).one()


def _seeded_on(settings: Settings) -> Any:
    return clock.local_day(clock.now(), settings.zone)


def in_child(do: Callable[[], None]) -> int:
    """Run in a forked process; return its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        try:
            do()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def house(cast: Cast, tmp_path: Path) -> Cast:
    """The organisation with one item and a directory that is mirrored to a file."""
    mirror = tmp_path / "directory.json"
    file = tmp_path / "resources.toml"
    file.write_text(file.read_text() + f'path = "{mirror}"\n')
    publish_shipped(cast.session, "employee-account")
    cast.session.commit()
    mirror.write_text(json.dumps(cast.store.objects))
    return cast


def reset(house: Cast, tmp_path: Path, saved: dict[str, bytes]) -> None:
    """Put the database and the directory back as they were before the job."""
    for name in ("portal.db-wal", "portal.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    for name, content in saved.items():
        (tmp_path / name).write_bytes(content)
    memory.forget(f"test-{house.settings.data_dir.name}")


def outcome(settings: Settings) -> dict[str, Any]:
    """Read the end back from the database and the directory."""
    database = open_portal(settings)
    memory.forget(f"test-{settings.data_dir.name}")
    with database.read_session() as session:
        request = session.scalars(select(ServiceRequest)).all()
        accounts = session.scalars(select(Account).where(Account.kind == "account")).all()
        objects = json.loads((settings.data_dir / "directory.json").read_text())
        made = {
            "cases": [r.state for r in request],
            "accounts": [(a.key, a.state) for a in accounts],
            "directory": [
                (row["values"]["username"], row["values"]["enabled"]) for row in objects["account"].values()
            ],
            "memberships": sorted(row["values"]["group"] for row in objects.get("membership", {}).values()),
            "passwords": len(objects.get("first-password", {})) >= 1,
        }
    database.dispose()
    return made


def stood(settings: Settings) -> list[list[str]]:
    """Say how the tasks stand, for reading a failure."""
    database = open_portal(settings)
    with database.read_session() as session:
        tasks = [told(session, each) for each in session.scalars(select(ServiceRequest))]
    database.dispose()
    return tasks


WANTED = {
    "cases": ["delivered"],
    "accounts": [("asaobe", "live")],
    "directory": [("asaobe", True)],
    "memberships": ["alla-anstallda", "nature"],
    "passwords": True,
}


def test_c01_killed_at_every_boundary_every_case_ends_as_ordered(
    house: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = house.settings
    house.session.close()
    house.database.dispose()
    with sqlite3.connect(tmp_path / "portal.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    saved = {name: (tmp_path / name).read_bytes() for name in ("portal.db", "directory.json")}
    counted = tmp_path / "count"

    def count() -> None:
        bomb = Bomb()
        bomb.arm()
        job(settings)
        counted.write_text(str(bomb.seen))

    assert in_child(count) == 0
    assert outcome(settings) == WANTED, stood(settings)
    boundaries = int(counted.read_text())
    kills = 0
    for at in range(1, boundaries + 1):
        reset(house, tmp_path, saved)

        def killed(at: int = at) -> None:
            Bomb(at).arm()
            job(settings)

        kills += in_child(killed) == -signal.SIGKILL

        def finished() -> None:
            with clock.at(clock.now() + timedelta(minutes=5)):  # the lease of the dead has run out
                job(settings)

        assert in_child(finished) == 0, at
        assert outcome(settings) == WANTED, at
    with capsys.disabled():
        print(f"\n{kills} kills at {boundaries} boundaries: 0 lost, 0 doubled")  # noqa: T201 - the number is part of the proof
    assert kills == boundaries
