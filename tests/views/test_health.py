"""How the portal feels."""

import shutil
from pathlib import Path

import pytest

from portal import create_app, migrate
from portal.settings import Settings
from tests.kit import Browser


@pytest.fixture
def fresh(tmp_path: Path) -> Browser:
    """Make a portal whose database has been brought to this version."""
    settings = Settings({"portal.data_dir": str(tmp_path)})
    migrate.upgrade(settings.database_url)
    return Browser(create_app(settings))


def test_ready_when_the_database_is(fresh: Browser) -> None:
    assert (fresh.get("/health/ready").status_code, fresh.get("/health/live").status_code) == (200, 200)


def test_not_ready_with_another_versions_tables(client: Browser) -> None:
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_not_ready_without_a_database(fresh: Browser, tmp_path: Path) -> None:
    fresh.application.extensions["database"].dispose()
    shutil.move(tmp_path / "portal.db", tmp_path / "gone.db")

    answer = fresh.get("/health/ready")

    assert (answer.status_code, answer.text) == (503, "not ready\n")
