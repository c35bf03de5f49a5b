"""People: looking somebody up, and what is known of them."""

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from portal.domain.queries.profile import find_person, profile_of, search
from portal.permissions import needs
from portal.views import looks
from portal.web import session

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("")
@needs("people.view")
def index() -> str:
    """List people by name; those with a protected identity are noted when they are shown."""
    text, after = request.args.get("q", "")[:200], request.args.get("after", "")
    found = search(session, current_user.person, text, after=after)
    looks.note_protected(found.people, on="people")
    return render_template(
        "people/index.html",
        found=found,
        text=text,
        next_url=url_for("people.index", q=text or None, after=found.after) if found.after else "",
        first_url=url_for("people.index", q=text or None) if after else "",
    )


@bp.get("/<int:person_id>")
@needs("people.view")
def show(person_id: int) -> str:
    """Show what is known of somebody."""
    person = find_person(session, person_id, viewer=current_user.person)
    looks.note_protected([person], on="person")
    return render_template(
        "people/show.html",
        profile=profile_of(session, person, viewer=current_user.person),
        name_of=looks.name_of,
    )
