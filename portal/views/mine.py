"""What I have: the list, and what can be done with each thing."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal import clock
from portal.domain import having
from portal.domain.queries.holdings import Had, find_holding, latest_until, leads_somebody, list_led, list_own
from portal.errors import NotAllowed
from portal.forms.last_day import EndForm, LastDayForm
from portal.permissions import needs
from portal.views.case_page import hue_of
from portal.web import session

bp = Blueprint("mine", __name__, url_prefix="/mine")


@bp.get("")
@needs("signed_in")
def index() -> str:
    """List what one has."""
    return render_template(
        "mine/index.html",
        things=list_own(session, current_user.person),
        leads=leads_somebody(session, current_user.person),
        hue=hue,
        today=clock.today(session),
    )


@bp.get("/people")
@needs("signed_in")
def people() -> str:
    """List what the people have whom one leads or orders for."""
    owners, after = list_led(session, current_user.person, after=request.args.get("after", ""))
    return render_template(
        "mine/people.html",
        owners=owners,
        next_url=url_for("mine.people", after=after) if after else "",
        leads=leads_somebody(session, current_user.person),
        hue=hue,
        today=clock.today(session),
    )


@bp.get("/<int:holding_id>/end")
@needs("signed_in")
def ask_end(holding_id: int) -> str | tuple[str, int]:
    """Ask before something is given up."""
    return _end_page(_find(holding_id), None)


@bp.post("/<int:holding_id>/end")
@needs("signed_in")
def end(holding_id: int) -> Response | str | tuple[str, int]:
    """Give something up, at once or after a last day."""
    had = _find(holding_id)
    form = EndForm(clock.today(session), had.holding.ends_on)
    if not form.validate_on_submit():
        return _end_page(had, form)
    case = having.end(session, had, form.last_day.data, actor=current_user.person)
    session.commit()
    if case is not None:
        flash(_("It is on its way. Here you see what happens."))
        return redirect(url_for("requests.show", number=case.number), 303)
    flash(_("The last day is noted."))
    return redirect(_back(had), 303)


@bp.get("/<int:holding_id>/extend")
@needs("signed_in")
def ask_extend(holding_id: int) -> str | tuple[str, int]:
    """Ask until when something is needed."""
    return _extend_page(_find(holding_id), None)


@bp.post("/<int:holding_id>/extend")
@needs("signed_in")
def extend(holding_id: int) -> Response | str | tuple[str, int]:
    """Give something a later last day."""
    had = _find(holding_id)
    form = LastDayForm(clock.today(session), latest_until(session, had.holding, had.item))
    if not form.validate_on_submit():
        return _extend_page(had, form)
    assert form.last_day.data is not None
    having.extend(session, had, form.last_day.data, actor=current_user.person)
    session.commit()
    flash(_("The new last day is noted."))
    return redirect(_back(had), 303)


def hue(had: Had) -> str:
    """Return the colour of a thing's category."""
    return hue_of(session, had.item)


def _find(holding_id: int) -> Had:
    return find_holding(session, holding_id, viewer=current_user.person)


def _back(had: Had) -> str:
    return url_for("mine.index" if had.holding.person_id == current_user.person.id else "mine.people")


def _end_page(had: Had, form: EndForm | None) -> str | tuple[str, int]:
    if not had.may_end:
        raise NotAllowed
    return _form_page("mine/end.html", had, form)


def _extend_page(had: Had, form: LastDayForm | None) -> str | tuple[str, int]:
    if not had.may_extend:
        raise NotAllowed
    return _form_page("mine/extend.html", had, form)


def _form_page(template: str, had: Had, form: EndForm | LastDayForm | None) -> str | tuple[str, int]:
    errors = [("last_day", str(form.last_day.errors[0]))] if form is not None and form.last_day.errors else []
    owner = had.holding.person
    body = render_template(
        template,
        had=had,
        owner=owner if owner is not None and owner.id != current_user.person.id else None,
        back_url=_back(had),
        typed=request.form.get("last_day", "") if form is not None else "",
        latest=latest_until(session, had.holding, had.item),
        errors=errors,
        failed=bool(errors),
    )
    return (body, 422) if errors else body
