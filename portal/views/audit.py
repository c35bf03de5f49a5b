"""The audit log: to read, to narrow down, to take away as a file."""

from datetime import date

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from portal.domain.queries import history
from portal.domain.queries.history import ACTIONS, THINGS, Wish
from portal.permissions import needs
from portal.views import looks
from portal.views.files import csv_response
from portal.web import current_settings, session

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@needs("audit.view")
def index() -> str:
    """Show the log, the newest first."""
    wish, kept = _wish(), _kept()
    after = request.args.get("after", "")
    page = history.read(session, wish, after=after)
    return render_template(
        "audit/index.html",
        page=page,
        kept=kept,
        things=sorted(((key, _(word)) for key, word in THINGS.items()), key=lambda each: each[1]),
        thing_of=_thing,
        action_of=_action,
        name_of=looks.name_of,
        masked=looks.masker(current_settings()),
        is_filtered=bool(wish),
        file_url=url_for("audit.download", **kept),  # type: ignore[arg-type]  # names of ours
        next_url=url_for("audit.index", after=page.after, **kept) if page.after else "",  # type: ignore[arg-type]
        first_url=url_for("audit.index", **kept) if after else "",  # type: ignore[arg-type]
    )


@bp.get("/log.csv")
@needs("audit.view")
def download() -> Response:
    """Give the log as a file."""
    masked = looks.masker(current_settings())
    header = [
        _("When"),
        _("Working day"),
        _("Who"),
        _("What"),
        _("Number"),
        _("What was done"),
        _("Before"),
        _("After"),
    ]
    lines = history.for_file(session, _wish())
    rows = (
        [
            line.event.at.isoformat(timespec="seconds"),
            line.event.worked_at.date().isoformat(),
            looks.name_of(line.who) if line.who else _("The portal"),
            _thing(line.event.subject_kind),
            line.number or line.event.subject_id,
            _action(line.event.action),
            line.event.before,
            line.event.after,
            masked(line.details),
        ]
        for line in lines
    )
    return csv_response("audit", [*header, _("Details")], rows)


def _kept() -> dict[str, str]:
    names = ("who", "thing", "case", "first", "last")
    return {name: value for name in names if (value := request.args.get(name, "").strip()[:200])}


def _wish() -> Wish:
    kept = _kept()
    thing = kept.get("thing", "")
    return Wish(
        who=kept.get("who", ""),
        thing=thing if thing in THINGS else "",
        case=kept.get("case", "").upper(),
        first=_day(kept.get("first", "")),
        last=_day(kept.get("last", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None


def _thing(kind: str) -> str:
    return _(THINGS[kind]) if kind in THINGS else kind.replace("_", " ")


def _action(action: str) -> str:
    return _(ACTIONS[action]) if action in ACTIONS else action.replace("_", " ")
