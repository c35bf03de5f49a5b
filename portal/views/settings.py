"""The settings in force: what each is, where it comes from, and what it is for. Secrets are never shown."""

from itertools import groupby

from flask import Blueprint, render_template

from portal.permissions import needs
from portal.settings import Effective
from portal.web import current_settings

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
@needs("settings.view")
def index() -> str:
    """Show every setting."""
    found = current_settings().effective()
    sections = [(name, list(rows)) for name, rows in groupby(found, key=_section)]
    return render_template("settings/index.html", sections=sections)


def _section(row: Effective) -> str:
    return row.key.partition(".")[0]
