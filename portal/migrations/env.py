"""What Alembic runs: our tables, on an engine of its own."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import Connection

from portal.models import Base
from portal.models.types import JSON, UTC, Money


def run() -> None:
    """Migrate in one transaction. On SQLite foreign keys rest: rebuilding a table would cascade otherwise."""
    engine = sa.create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=engine.dialect.name == "sqlite",
            render_item=_our_type,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


def _our_type(kind: str, found: object, _context: object) -> str | Literal[False]:
    """Write our own column types by their names."""
    if kind == "type" and isinstance(found, UTC | Money):
        return f"types.{type(found).__name__}"
    if kind == "type" and found is JSON:
        return "types.JSON"
    return False


def _prepare_sqlite(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA foreign_keys=OFF")


run()
