"""What tests of the command line share: an installation named by the environment, with the cast in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from portal import migrate
from portal.cli import main
from portal.settings import Settings
from tests.cast import Cast

SECRET = "a master key that only tests use and long enough"


@dataclass
class Installation:
    """The cast's portal, and its command line."""

    cast: Cast
    folder: Path

    def __call__(self, *words: str) -> Result:
        """Run a word; the test's own session lets go of the database first."""
        self.cast.session.commit()
        done = CliRunner().invoke(main, list(words))
        self.cast.session.expire_all()
        return done


def install(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Name the cast's installation in the environment."""
    for name, value in (
        ("PORTAL__PORTAL__DATA_DIR", str(settings.data_dir)),
        ("PORTAL__PORTAL__BASE_URL", "http://localhost"),
        ("PORTAL_SECRET_KEY", SECRET),
        ("PORTAL__FILES__RESOURCES", str(settings.data_dir / "resources.toml")),
    ):
        monkeypatch.setenv(name, value)
    cast.session.commit()
    with cast.database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(
            sa.text("INSERT INTO alembic_version VALUES (:version)"), {"version": migrate.head()}
        )
    yield Installation(cast, settings.data_dir)
