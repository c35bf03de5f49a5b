"""The page that shows a first password once."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from portal.domain import first_passwords
from portal.domain.world import world_of
from portal.errors import NotAllowed, NotFound
from portal.i18n import N_
from portal.models.holding import FirstPassword
from portal.models.person import Person
from portal.models.work import Link
from portal.permissions import needs
from portal.rights import rights_of
from portal.web import session

bp = Blueprint("passwords", __name__, url_prefix="/first-password")

ANOTHER = N_("This link was sent to somebody else.")


@bp.get("/<token>")
@needs("public")
def show(token: str) -> str | Response | tuple[str, int]:
    """Say that a password waits, or who has seen it; looking shows nothing."""
    link, first = first_passwords.find_linked(session, token)
    person = _meant(link)
    if _needs_sign_in(person) and not current_user.is_authenticated:
        return redirect(url_for("signin.show", next="/todo"))
    return _page(link, first, token)


@bp.post("")
@needs("public")
def open_once() -> str | tuple[str, int]:
    """Show the password, this once."""
    token = request.form.get("token", "")
    link, first = first_passwords.find_linked(session, token)
    person = _meant(link)
    if _needs_sign_in(person) and not current_user.is_authenticated:
        raise NotAllowed(N_("Sign in, and open the link in your letter again."))
    if not first_passwords.is_open(link, first):
        page = _page(link, first, token)
        return page if isinstance(page, tuple) else (page, 409)
    password = first_passwords.open_once(session, first, actor=person)
    session.commit()
    return render_template("passwords/shown.html", user_name=first.account.key, password=password)


def _page(link: Link, first: FirstPassword, token: str) -> str | tuple[str, int]:
    body = render_template(
        "passwords/show.html",
        user_name=first.account.key,
        owner=first.account.person,
        token=token,
        is_open=first_passwords.is_open(link, first),
        shown_at=first.shown_at,
        shown_to=first_passwords.shown_to(session, first),
        expires_at=min(first.expires_at, link.expires_at),
    )
    gone = first.shown_at is None and not first_passwords.is_open(link, first)
    return (body, 410) if gone else body


def _meant(link: Link) -> Person:
    person = link.person
    if person is None or person.is_disabled or person.is_hidden:
        raise NotFound
    if current_user.is_authenticated and current_user.person.id != person.id:
        raise NotAllowed(ANOTHER)
    return person


def _needs_sign_in(person: Person) -> bool:
    return world_of(session).signin_for_approvals or rights_of(session, person).is_administrative
