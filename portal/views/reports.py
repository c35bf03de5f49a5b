"""Reports: orders, what they wait for, and the time that they free."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from portal.domain.queries.figures import PERIODS, Figures, figures
from portal.permissions import needs
from portal.views import formatting
from portal.views.files import csv_response
from portal.views.saying import say
from portal.web import session

bp = Blueprint("reports", __name__, url_prefix="/reports")

MOST_BARS = 12


@bp.get("")
@needs("reports.view")
def index() -> str:
    """Show the figures of a period."""
    weeks = _weeks()
    found = figures(session, weeks=weeks)
    return render_template(
        "reports/index.html",
        found=found,
        weeks=weeks,
        periods=PERIODS,
        week_bars=[
            {"label": formatting.day(monday, "short"), "value": count, "text": formatting.number(count)}
            for monday, count in found.weeks
        ],
        item_bars=[
            {"label": say(each.title), "value": each.ordered, "text": formatting.number(each.ordered)}
            for each in found.items[:MOST_BARS]
            if each.ordered
        ],
        waiting_bars=[
            {"label": say(each.what), "value": each.count, "text": formatting.number(each.count)}
            for each in found.waiting
        ],
        hours=hours,
        file_url=url_for("reports.download", weeks=weeks),
    )


@bp.get("/services.csv")
@needs("reports.view")
def download() -> Response:
    """Give the figures by service as a file."""
    found: Figures = figures(session, weeks=_weeks())
    header = [_("Service"), _("Ordered"), _("Delivered cases"), _("Without a hand")]
    header += [_("Minutes by hand before"), _("Minutes by hand now"), _("Hours freed")]
    rows = (
        [
            say(each.title),
            each.ordered,
            each.delivered,
            each.untouched,
            each.minutes_before,
            each.minutes_now,
            hours(each.freed),
        ]
        for each in found.items
    )
    return csv_response("services", header, rows)


def hours(length: timedelta) -> float:
    """Return a length of time in hours, with one decimal."""
    return round(length.total_seconds() / 3600, 1)


def _weeks() -> int:
    asked = request.args.get("weeks", "")
    return int(asked) if asked.isdecimal() and len(asked) < 4 and int(asked) in PERIODS else 13
