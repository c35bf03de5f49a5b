"""Changing an order that was sent back, and sending it again."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal.domain import messages
from portal.domain.preview import preview
from portal.domain.queries.case import title_of
from portal.domain.queries.requests import find_request
from portal.domain.queries.said import Said
from portal.errors import NotAllowed
from portal.forms.change import ChangeForm
from portal.forms.order import PREFIX
from portal.models.request import ServiceRequest
from portal.permissions import needs
from portal.states import OPEN_REQUEST
from portal.views.order_fields import Section, sections
from portal.views.order_panel import panel
from portal.views.saying import say
from portal.web import only_reads, session

bp = Blueprint("change", __name__, url_prefix="/requests")


@bp.get("/<number>/change")
@needs("signed_in")
def show(number: str) -> str:
    """Show the order as a form again."""
    return _page(ChangeForm.of(session, _find(number), current_user.person), {})


@bp.post("/<number>/change")
@needs("signed_in")
def send(number: str) -> Response | str | tuple[str, int]:
    """Send the order again with other answers."""
    case = _find(number)
    form = ChangeForm.of(session, case, current_user.person, request.form)
    if {"search", "refresh"} & request.form.keys() or ("enter" in request.form and form.searches):
        return _page(form, {})
    if form.errors:
        return _page(form, form.errors, failed=True), 422
    comment = request.form.get("text", "")[:10_000]
    messages.resend(session, case, form.cleaned.answers, actor=current_user.person, comment=comment)
    session.commit()
    flash(_("The order is changed and on its way again."))
    return redirect(url_for("requests.show", number=number), 303)


@bp.post("/<number>/change/live")
@needs("signed_in")
@only_reads
def live(number: str) -> str:
    """Show the questions and the price as they are with these answers."""
    form = ChangeForm.of(session, _find(number), current_user.person, request.form)
    touched = {name.removeprefix(PREFIX) for name in request.form.getlist("touched")}
    errors = {name: why for name, why in form.errors.items() if name in touched}
    return render_template("order/live.html", **_context(form, errors))


def _find(number: str) -> ServiceRequest:
    found = find_request(session, number, viewer=current_user.person)
    if (
        found.requester_id != current_user.person.id
        or found.sent_back_at is None
        or found.state not in OPEN_REQUEST
    ):
        raise NotAllowed
    return found


def _page(form: ChangeForm, errors: Mapping[str, Said], *, failed: bool = False) -> str:
    assert form.case is not None
    return render_template(
        "requests/change.html",
        failed=failed,
        request_=form.case,
        title=title_of(form.case, current_user.person),
        typed=request.form.get("text", ""),
        **_context(form, errors),
    )


def _context(form: ChangeForm, errors: Mapping[str, Said]) -> dict[str, Any]:
    cards = sections(form, errors)
    would = preview(
        form.session,
        form.item,
        form.offer.version,
        form.cleaned.answers,
        actor=form.actor,
        beneficiary=form.beneficiary,
    )
    return {
        "form": form,
        "item": form.item,
        "sections": cards,
        "panel": panel(form, would),
        "asked": " ".join(question.name for question in form.cleaned.visible if question.asks),
        "for_found": None,
        "for_more": False,
        "for_error": "",
        "summary_of_errors": _error_lines(errors, cards),
    }


def _error_lines(errors: Mapping[str, Said], cards: list[Section]) -> list[tuple[str, str]]:
    places = {each.name.removeprefix(PREFIX): each.id for card in cards for each in card.fields}
    return [(places.get(name, ""), say(why)) for name, why in errors.items()]
