"""The web app. `create_app()` is the one place where all parts meet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint, Flask

    from portal.db import Database
    from portal.settings import Settings


def create_app(
    settings: "Settings | None" = None,
    database: "Database | None" = None,
    *,
    also: "Sequence[Blueprint]" = (),
) -> "Flask":
    """Make the web app, with the pages of `also` (the demo's) beside its own."""
    # imported here so that workers and migrations, which import portal.models, do not load the web framework
    from portal.application import build

    return build(settings, database, also=also)
