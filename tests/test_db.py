"""The database's habits."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from portal.db import Database
from portal.models.setting import Setting
from portal.models.team import TeamMember


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.read_session() as session:
        session.add(Setting(key="a", value=1))

        with pytest.raises(OperationalError, match="readonly"):
            session.commit()


def test_a_connection_that_has_read_can_write_again(database: Database) -> None:
    for _ in range(10):
        with database.read_session() as session:
            assert session.get(Setting, "b") is None
    with database.session() as session:
        session.add(Setting(key="b", value=1))
        session.commit()

    with database.read_session() as session:
        assert session.scalars(sa.select(Setting.key)).all() == ["b"]


def test_foreign_keys_are_kept(session: Session) -> None:
    session.add(TeamMember(team_id=1, person_id=1))

    with pytest.raises(IntegrityError):
        session.flush()


def test_every_commit_survives_a_power_cut(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_seeding_may_be_faster(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'seed.db'}", synchronous="OFF")

    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 0
    database.dispose()


def test_a_session_that_is_not_used_takes_no_lock(database: Database) -> None:
    with database.session(), database.session() as other:
        other.add(Setting(key="c", value=1))
        other.commit()

    with database.read_session() as session:
        assert session.get(Setting, "c") is not None


def test_readers_are_not_stopped_by_a_writer(database: Database) -> None:
    with database.session() as writing, database.read_session() as reading:
        writing.add(Setting(key="d", value=1))
        writing.flush()

        assert reading.get(Setting, "d") is None


def test_writers_that_read_first_take_turns_and_lose_nothing(database: Database) -> None:
    with database.session() as session:
        session.add(Setting(key="count", value=0))
        session.commit()
    problems: list[BaseException] = []

    def add() -> None:
        try:
            for _ in range(25):
                with database.session() as session:
                    row = session.get_one(Setting, "count")
                    row.value = row.value + 1
                    session.commit()
        except OperationalError as problem:
            problems.append(problem)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read_session() as session:
        assert (session.get_one(Setting, "count").value, problems) == (100, [])


def test_a_note_adds(database: Database) -> None:
    database.note(lambda session: session.add(Setting(key="seen", value=True)))

    with database.read_session() as session:
        assert session.get_one(Setting, "seen").value is True


@pytest.mark.parametrize("how", ["change", "delete", "update", "delete in bulk"])
def test_a_note_does_nothing_else(database: Database, how: str) -> None:
    database.note(lambda session: session.add(Setting(key="kept", value=1)))

    def spoil(session: Session) -> None:
        if how == "update":
            session.execute(sa.update(Setting).values(value=2))
        elif how == "delete in bulk":
            session.execute(sa.delete(Setting))
        elif how == "delete":
            session.delete(session.get_one(Setting, "kept"))
        else:
            session.get_one(Setting, "kept").value = 2

    with pytest.raises(RuntimeError, match="only add"):
        database.note(spoil)
    with database.read_session() as session:
        assert session.get_one(Setting, "kept").value == 1


def test_letters_are_stored_as_letters(database: Database) -> None:
    with database.session() as session:
        session.add(Setting(key="e", value={"sv": "Ängsbygden"}))
        session.commit()

        assert session.execute(sa.text("SELECT value FROM setting")).scalar() == '{"sv":"Ängsbygden"}'
