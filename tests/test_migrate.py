"""The tables' history."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from portal import migrate
from portal.models import Base


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    url = f"sqlite:///{tmp_path_factory.mktemp('data') / 'deeper' / 'portal.db'}"
    migrate.upgrade(url)
    return sa.create_engine(url)


def test_upgrading_gives_the_tables_of_the_models(upgraded: sa.Engine) -> None:
    with upgraded.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )
    upgraded.dispose()

    assert differences == []


def test_a_database_knows_its_version(upgraded: sa.Engine) -> None:
    assert migrate.version_of(upgraded) == migrate.head()
    upgraded.dispose()


def test_an_empty_database_has_no_version() -> None:
    engine = sa.create_engine("sqlite://")

    assert migrate.version_of(engine) is None
    engine.dispose()


def test_upgrading_twice_changes_nothing(upgraded: sa.Engine) -> None:
    migrate.upgrade(str(upgraded.url))

    assert migrate.version_of(upgraded) == migrate.head()
    upgraded.dispose()


def test_a_fault_is_said(tmp_path: Path) -> None:
    (tmp_path / "portal.db").write_text("this is no database, and it is long enough to be seen as none")

    with pytest.raises(migrate.MigrationFailed, match="not a database"):
        migrate.upgrade(f"sqlite:///{tmp_path / 'portal.db'}")


def test_d10_the_address_of_the_database_is_not_in_the_process_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    run = subprocess.run

    def watch(command: list[str], **values: Any) -> object:
        seen.append(command)
        return run(command, **values)

    monkeypatch.setattr(subprocess, "run", watch)
    migrate.upgrade(f"sqlite:///{tmp_path / 'canary.db'}")

    assert "canary" not in " ".join(seen[0])
    assert "canary" not in os.environ.get(migrate.URL_VARIABLE, "")
