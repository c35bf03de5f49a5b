"""Connected systems: how each is doing, why one is paused, and what to do about it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal import resources as configured
from portal.domain import resources
from portal.domain.queries.resources import find_system, list_systems
from portal.errors import NotFound
from portal.permissions import may, needs
from portal.rights import allowed
from portal.settings import SettingsProblem
from portal.views import looks
from portal.views.saying import say
from portal.web import current_settings, session

bp = Blueprint("resources", __name__, url_prefix="/resources")


@bp.get("")
@needs("resources.view")
def index() -> str:
    """Show every connected system, those in trouble first."""
    person = current_user.person
    systems = list_systems(session, person)
    operates = {
        each.name for each in systems if allowed(session, person, "resources.operate", resource=each.name)
    }
    return render_template(
        "resources/index.html",
        systems=systems,
        operates=operates,
        works=may("work"),
        problems=_problems(),
        file=current_settings().text("files.resources"),
        masked=looks.masker(current_settings()),
    )


@bp.post("/<name>/try")
@needs("resources.operate")
def try_now(name: str) -> Response:
    """Have all that waits for a system tried now."""
    found = find_system(session, name, viewer=current_user.person)
    if found.status is None:
        raise NotFound
    resources.try_now(session, found.status, actor=current_user.person)
    session.commit()
    flash(_("What waits for %(system)s is tried now.", system=say(found.title)))
    return redirect(url_for("resources.index"), 303)


def _problems() -> list[str]:
    """Say what is wrong with the operator's file as it is now."""
    try:
        configured.read(current_settings())
    except SettingsProblem as problem:
        return problem.problems
    return []
