"""The database: engines with the right habits, sessions for writing, for reading and for notes."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, sessionmaker

from portal.settings import Settings

BUSY_MILLISECONDS = 15_000
"""How long a writer waits for another on SQLite, which has one at a time and no fair queue."""


def engine_for(url: str, *, synchronous: str = "FULL") -> Engine:
    """Make an engine. On SQLite every transaction takes the write lock at its start, except read-only ones.

    `synchronous="OFF"` is for seeding an empty database only: a power cut may then spoil it.
    """
    options: dict[str, Any] = {"json_serializer": _dump}
    parsed = sa.make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite and parsed.database not in (None, "", ":memory:"):
        options |= {"pool_size": 8, "max_overflow": 24}  # web threads and background work together
    if not is_sqlite:
        options |= {"pool_pre_ping": True}
    engine = sa.create_engine(parsed, **options)
    if is_sqlite:
        _make_sqlite_sound(engine, synchronous)
    return engine


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _make_sqlite_sound(engine: Engine, synchronous: str) -> None:
    if synchronous not in ("FULL", "NORMAL", "OFF"):
        raise ValueError(f"SQLite knows no synchronous={synchronous}.")

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
        for pragma in (
            f"busy_timeout={BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = bool(connection.get_execution_options().get("portal_reads"))
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        # a deferred BEGIN fails when a reader turns writer, whatever the time-out
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class NoteSession(Session):
    """A session that can add and do nothing else: what a look leaves behind."""


@event.listens_for(NoteSession, "before_flush")
def _notes_only_add(session: Session, _context: object, _instances: object) -> None:
    if session.deleted or any(session.is_modified(each) for each in session.dirty):
        raise RuntimeError("A note may only add rows.")


@event.listens_for(NoteSession, "do_orm_execute")
def _notes_change_nothing(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete:
        raise RuntimeError("A note may only add rows.")


@event.listens_for(Session, "after_transaction_end")
def _forget_the_clock(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("clock.offset", None)


def make_session(engine: Engine, **info: object) -> "sessionmaker[Session]":
    """Make a factory of writing sessions; each begins its transaction when it is first used."""
    return sessionmaker(engine, expire_on_commit=False, info=dict(info))


class Database:
    """One installation's database."""

    def __init__(
        self,
        url: str,
        *,
        zone: ZoneInfo | None = None,
        synchronous: str = "FULL",
        info: Mapping[str, object] | None = None,
    ) -> None:
        """Prepare the engine and its sessions; nothing is opened yet."""
        self.engine = engine_for(url, synchronous=synchronous)
        self.url = url
        info = {**(info or {}), **({"zone": zone} if zone else {})}
        reading = self.engine.execution_options(portal_reads=True)
        if self.engine.dialect.name == "postgresql":
            reading = reading.execution_options(postgresql_readonly=True)
        self._writing = make_session(self.engine, **info)
        self._reading = make_session(reading, reads=True, **info)
        self._noting = sessionmaker(self.engine, class_=NoteSession, info=info)
        self._info = info

    def tell(self, **info: object) -> None:
        """Give every session that is opened from now on something more to know, such as the `world`."""
        self._info = {**self._info, **info}
        self._writing.configure(info=self._info)
        self._reading.configure(info={**self._info, "reads": True})
        self._noting.configure(info=self._info)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether it is SQLite: one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    def session(self) -> Session:
        """Open a session that may write. On SQLite its first use waits for the write lock."""
        return self._writing()

    def read_session(self) -> Session:
        """Open a session in which the database itself refuses to write."""
        return self._reading()

    def note(self, add: Callable[[Session], object]) -> None:
        """Add what a look leaves behind, in a short transaction of its own that can only add."""
        with self._noting.begin() as session:
            add(session)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(settings: Settings, *, synchronous: str = "FULL") -> Database:
    """Open the database that the settings name; its sessions know the zone and the settings."""
    return Database(
        settings.database_url, zone=settings.zone, synchronous=synchronous, info={"settings": settings}
    )
