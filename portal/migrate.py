"""Bringing a database to this version's tables, in a process of its own, since Alembic needs much memory."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa

VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"
URL_VARIABLE: Final = "PORTAL_MIGRATION_URL"


class MigrationFailed(Exception):
    """The tables could not be brought to this version; says what Alembic said."""


def upgrade(url: str) -> None:
    """Bring a database to this version's tables, making the database's folder if need be."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "portal.migrations"],
        env=os.environ | {URL_VARIABLE: url, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MigrationFailed(done.stderr.strip() or done.stdout.strip())


@cache
def head() -> str | None:
    """Tell the newest revision there is a file for."""
    down: dict[str, str | None] = {}
    for file in VERSIONS.glob("*.py"):
        text = file.read_text("utf-8")
        names = dict(re.findall(r"^(revision|down_revision)\b.*?=\s*(?:\"(\w+)\"|None)", text, re.M))
        down[names["revision"]] = names.get("down_revision") or None
    heads = set(down) - {each for each in down.values() if each}
    if len(heads) > 1:
        raise MigrationFailed(f"The migrations have more than one end: {', '.join(sorted(heads))}.")
    return heads.pop() if heads else None


def version_of(engine: sa.Engine) -> str | None:
    """Tell which revision a database has; nothing if it is empty."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return str(found) if found else None
