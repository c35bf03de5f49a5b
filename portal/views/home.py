"""The first page: search, what waits, the categories, what is often ordered."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from portal.domain.queries import catalog
from portal.domain.queries.nudges import nudges_for
from portal.permissions import needs
from portal.views.item_cards import cards, doors
from portal.views.nudge_words import told
from portal.views.order_fields import words
from portal.web import current_session

bp = Blueprint("home", __name__)


@bp.get("/")
@needs("order")
def show() -> str | Response:
    """Greet, and offer what can be ordered."""
    if request.args.get("q", "").strip():
        return redirect(url_for("catalog.search", q=request.args["q"][:200]))
    session, person = current_session(), current_user.person
    offers = catalog.items_for(session, person)
    popular, in_unit = catalog.popular(session, offers), catalog.often_in_unit(session, person, offers)
    again = catalog.latest_of(session, person, offers)
    return render_template(
        "home/show.html",
        person=person,
        chips=[(words(each.item.title), each.key) for each in popular],
        nudges=[told(session, person, each) for each in nudges_for(session, person)],
        doors=doors(session, offers),
        often=cards(session, person, in_unit or popular),
        is_units=bool(in_unit),
        again=[(words(offer.item.title), offer.item, case) for offer, case in again],
    )
