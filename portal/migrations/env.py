"""What Alembic runs: our tables, on an engine of its own."""

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import Connection

from portal.models import Base


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
            user_module_prefix="portal.models.types.",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


def _prepare_sqlite(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA foreign_keys=OFF")


run()
