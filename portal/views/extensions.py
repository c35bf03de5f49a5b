"""Last days that draw near: one page for all of a unit, from the letter or from the list of what waits."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal.domain import extending, links
from portal.domain.queries import extensions
from portal.domain.queries.extensions import Ending
from portal.domain.world import world_of
from portal.errors import Gone, NotAllowed, NotFound
from portal.forms.last_day import ExtensionForm
from portal.i18n import N_
from portal.models.person import Person
from portal.models.work import Link, OutboundMail
from portal.permissions import needs
from portal.rights import rights_of
from portal.web import session

bp = Blueprint("extensions", __name__)

Page = str | tuple[str, int]
ANOTHER = N_("This link was sent to somebody else. What waits for you, you find under To do.")


@bp.get("/extend/<token>")
@needs("public")
def landing(token: str) -> Response | Page:
    """Show whose last day draws near. Opening the page changes nothing."""
    link, mail = extensions.find_linked(session, token)
    person = _meant(link)
    if _needs_sign_in(person) and not current_user.is_authenticated:
        return redirect(url_for("signin.show", next=url_for("extensions.show", mail_id=mail.id)))
    _check_age(link)
    return _page(extensions.read(session, mail, person), token=token)


@bp.post("/extend")
@needs("public")
def answer_by_link() -> Response | Page:
    """Give some of them another last day, or say that they end as planned, by the token of a letter."""
    token = request.form.get("token", "")
    link, mail = extensions.find_linked(session, token)
    person = _meant(link)
    if _needs_sign_in(person) and not current_user.is_authenticated:
        raise NotAllowed(N_("Sign in to answer this. You find it under To do."))
    _check_age(link)
    return _answer(mail, person, token=token, back=url_for("extensions.landing", token=token))


@bp.get("/todo/last-day/<int:mail_id>")
@needs("signed_in")
def show(mail_id: int) -> Page:
    """Show to somebody who is signed in whose last day draws near."""
    return _page(extensions.find_ending(session, mail_id, viewer=current_user.person))


@bp.post("/todo/last-day/<int:mail_id>")
@needs("signed_in")
def answer(mail_id: int) -> Response | Page:
    """Give some of them another last day, or say that they end as planned."""
    mail = extensions.find_ending(session, mail_id, viewer=current_user.person).mail
    return _answer(mail, current_user.person, back=url_for("extensions.show", mail_id=mail_id))


def _meant(link: Link) -> Person:
    person = link.person
    if person is None or person.is_disabled or person.is_hidden:
        raise NotFound
    if current_user.is_authenticated and current_user.person.id != person.id:
        raise NotAllowed(ANOTHER)
    return person


def _check_age(link: Link) -> None:
    if not links.is_open(link):
        raise Gone


def _needs_sign_in(person: Person) -> bool:
    return world_of(session).signin_for_approvals or rights_of(session, person).is_administrative


def _answer(mail: OutboundMail, person: Person, *, back: str, token: str = "") -> Response | Page:
    ending = extensions.read(session, mail, person)
    form = _form(ending)
    if not ending.employments or not ending.can_extend:
        return _page(ending, token=token, status=409)
    if not form.validate_on_submit():
        return _page(ending, form, token=token, status=422)
    chosen = [each for each in ending.employments if each.id in (form.people.data or ())]
    if form.answer.data == "extend":
        assert form.last_day.data is not None
        extending.extend(session, ending, chosen, form.last_day.data, actor=person)
        said = _("The new last day is noted.")
    else:
        extending.let_end(session, ending, chosen, actor=person)
        said = _("It is noted that they end as planned.")
    session.commit()
    flash(said)
    return redirect(back, 303)


def _form(ending: Ending) -> ExtensionForm:
    first = ending.day + timedelta(days=1)
    return ExtensionForm(
        first, extensions.latest_day(session, ending), {each.id for each in ending.employments}
    )


def _page(ending: Ending, form: ExtensionForm | None = None, *, token: str = "", status: int = 200) -> Page:
    errors: list[tuple[str, str]] = []
    if form is not None:
        places = {"people": "people", "last_day": "last_day", "answer": "people"}
        errors = [(places[name], str(words[0])) for name, words in form.errors.items() if name in places]
    body = render_template(
        "extensions/show.html",
        ending=ending,
        token=token,
        chosen=set(form.people.data or ()) if form is not None else
        {each.id for each in ending.employments if each.id not in ending.let_end},
        typed=request.form.get("last_day", "") if form is not None else "",
        latest=extensions.latest_day(session, ending) if ending.employments else None,
        errors=errors,
        by_name=dict(errors),
        failed=bool(errors),
    )  # fmt: skip
    return body if status == 200 else (body, status)
