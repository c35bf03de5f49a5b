"""Cases: the list of one's own, and the page of each."""

import hashlib
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response as AnyResponse

from portal.domain import messages, withdrawing
from portal.domain import requests as cases
from portal.domain.queries.case import title_of
from portal.domain.queries.requests import STATUSES, Wish, find_request, list_own
from portal.errors import NotAllowed
from portal.forms.message import MessageForm, ReasonForm
from portal.i18n import N_
from portal.models.request import ServiceRequest
from portal.permissions import needs
from portal.states import OPEN_REQUEST
from portal.views import case_page
from portal.web import session

bp = Blueprint("requests", __name__, url_prefix="/requests")


@bp.get("")
@needs("signed_in")
def index() -> str:
    """List one's own cases, what waits for oneself first."""
    wish = Wish(
        request.args.get("whose", ""), request.args.get("status", ""), request.args.get("q", "")[:200]
    )
    after = request.args.get("after", "")
    page = list_own(session, current_user.person, wish, after=after)
    kept: dict[str, Any] = {
        name: value
        for name, value in (("whose", wish.whose), ("status", wish.status), ("q", wish.text))
        if value
    }
    return render_template(
        "requests/index.html",
        page=page,
        wish=wish,
        statuses=[*STATUSES],
        is_filtered=bool(kept),
        next_url=url_for("requests.index", after=page.after, **kept) if page.after else "",
        first_url=url_for("requests.index", **kept) if after else "",
    )


@bp.get("/<number>")
@needs("signed_in")
def show(number: str) -> str | AnyResponse:
    """Show a case: where it is, who has it, what has happened."""
    found = _find(number)
    if found.state == "draft":
        return redirect(url_for("order.show", item_id=found.item_key, draft=found.number))
    return _page(found)


@bp.get("/<number>/live")
@needs("signed_in")
def live(number: str) -> AnyResponse:
    """Give the parts of the page that move, and say when nothing more will."""
    found = _find(number)
    body = render_template(
        "requests/_live.html", **case_page.moving_parts(session, found, current_user.person)
    )
    answer = Response(body)
    answer.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    if found.state not in OPEN_REQUEST:
        answer.headers["X-Poll"] = "stop"
    return answer.make_conditional(request)


@bp.post("/<number>/message")
@needs("signed_in")
def write(number: str) -> AnyResponse | tuple[str, int]:
    """Write a message on a case."""
    found = _find(number)
    if found.state == "draft":
        raise NotAllowed
    form = MessageForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    messages.write(session, found, actor=current_user.person, text=form.text.data)
    session.commit()
    flash(_("Your message is sent."))
    return redirect(url_for("requests.show", number=number), 303)


@bp.post("/<number>/answer")
@needs("signed_in")
def answer(number: str) -> AnyResponse | tuple[str, int]:
    """Answer the question that was asked before deciding, and send the order again as it was."""
    found = _find(number)
    form = MessageForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    messages.resend(session, found, found.answers, actor=current_user.person, comment=form.text.data)
    session.commit()
    flash(_("Your answer is sent, and the order is on its way again."))
    return redirect(url_for("requests.show", number=number), 303)


@bp.post("/<number>/remind")
@needs("signed_in")
def remind(number: str) -> AnyResponse:
    """Send those who are asked their letter again."""
    messages.remind(session, _find(number), actor=current_user.person)
    session.commit()
    flash(_("A reminder is on its way."))
    return redirect(url_for("requests.show", number=number), 303)


@bp.get("/<number>/withdraw")
@needs("signed_in")
def ask_withdraw(number: str) -> str:
    """Ask before an order is taken back."""
    return _ask_withdraw(_find(number), ReasonForm(formdata=None))


@bp.post("/<number>/withdraw")
@needs("signed_in")
def withdraw(number: str) -> AnyResponse | tuple[str, int]:
    """Take an order back."""
    found = _find(number)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _ask_withdraw(found, form), 422
    withdrawing.withdraw(session, found, actor=current_user.person, note=(form.text.data or "").strip())
    session.commit()
    flash(_("The order is withdrawn."))
    return redirect(url_for("requests.show", number=number), 303)


def _find(number: str) -> ServiceRequest:
    return find_request(session, number, viewer=current_user.person)


def _page(found: ServiceRequest, form: MessageForm | None = None) -> str:
    form = form or MessageForm(formdata=None)
    errors = [("text", str(form.text.errors[0]))] if form.text.errors else []
    whole = case_page.whole_page(session, found, current_user.person)
    return render_template("requests/show.html", **whole, form=form, errors=errors, failed=bool(errors))


def _ask_withdraw(found: ServiceRequest, form: ReasonForm) -> str:
    if not cases.may_withdraw(session, found, current_user.person):
        raise NotAllowed(N_("This order can no longer be withdrawn. Write to the service desk instead."))
    errors = [("text", str(form.text.errors[0]))] if form.text.errors else []
    return render_template(
        "requests/withdraw.html",
        request_=found,
        title=title_of(found, current_user.person),
        form=form,
        errors=errors,
        failed=bool(errors),
    )
