"""What tests share: an app on a copy of a ready database, and a browser-like client."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from connectors import memory
from portal import create_app, keys
from portal.db import Database
from portal.models import Base
from portal.settings import Settings
from portal.work.world import open_portal
from tests.cast import Cast, make_cast, write_resources
from tests.kit import Browser

pytest_plugins = ["tests.browser", "tests.demo_fixture", "tests.peers.embedded", "tests.peers.slapd"]
SECRET = "a master key that only tests use and long enough"


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    keys.use(keys.Keys([SECRET]))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database with all tables, once; tests copy it."""
    file = tmp_path_factory.mktemp("template") / "portal.db"
    database = Database(f"sqlite:///{file}", synchronous="OFF")
    Base.metadata.create_all(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    database.dispose()
    return file


@pytest.fixture
def settings(tmp_path: Path, template: Path) -> Settings:
    """Settings of a portal of one's own, with an empty database."""
    shutil.copy(template, tmp_path / "portal.db")
    return Settings(
        {
            "portal.data_dir": str(tmp_path),
            "portal.base_url": "http://localhost",
            "portal.organisation": "Länsförvaltningen",
            "secret.key": SECRET,
        },
        source="test",
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A database of one's own."""
    database = open_portal(settings)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; what is not committed is rolled back."""
    with database.session() as session:
        yield session
        session.rollback()


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The whole app."""
    app = create_app(settings, database)
    app.config["PROPAGATE_FAULTS"] = True
    app.test_client_class = Browser
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser at the app, nobody signed in."""
    return app.test_client()


@pytest.fixture
def cast(database: Database, settings: Settings) -> Iterator[Cast]:
    """The organisation of tests, with a directory in memory; its session may be committed."""
    write_resources(settings)
    settings.take({"files.resources": (str(settings.data_dir / "resources.toml"), "test")})
    database = open_portal(settings)
    with database.session() as session:
        yield make_cast(session, database, settings)
        session.rollback()
    memory.forget(f"test-{settings.data_dir.name}")
    database.dispose()
