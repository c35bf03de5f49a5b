"""What somebody prefers: language and colours."""

from flask import Blueprint, redirect, request
from flask import session as cookie
from flask_login import current_user
from werkzeug import Response

from portal.auth import safe_next
from portal.errors import Invalid
from portal.permissions import needs
from portal.web import current_session, current_settings

bp = Blueprint("preferences", __name__, url_prefix="/preferences")

THEMES = ("auto", "light", "dark")


@bp.post("/language")
@needs("public")
def language() -> Response:
    """Read the portal in another language from now on."""
    chosen = request.form.get("language", "")
    if chosen not in current_settings().names("portal.languages"):
        raise Invalid
    cookie["language"] = chosen
    if current_user.is_authenticated:
        current_user.person.language = chosen
        current_session().commit()
    return redirect(safe_next(request.form.get("next")), 303)


@bp.post("/theme")
@needs("public")
def theme() -> Response:
    """See the portal in other colours from now on."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        raise Invalid
    cookie["theme"] = chosen
    if current_user.is_authenticated:
        current_user.person.theme = chosen
        current_session().commit()
    return redirect(safe_next(request.form.get("next")), 303)
