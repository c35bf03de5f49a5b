"""How the portal feels, for whatever watches it. Says nothing else: anybody may ask."""

import sqlalchemy as sa
from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from portal import migrate
from portal.permissions import needs
from portal.web import current_database

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
@needs("public")
def live() -> Response:
    """Tell that the process answers."""
    return Response("live\n", mimetype="text/plain")


@bp.get("/ready")
@needs("public")
def ready() -> Response:
    """Tell whether the database answers and has the tables of this version."""
    try:
        with current_database().read_session() as session:
            version = session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except SQLAlchemyError:
        return Response("not ready\n", 503, mimetype="text/plain")
    if version != migrate.head():
        return Response("not ready\n", 503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")
