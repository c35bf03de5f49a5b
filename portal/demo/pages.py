"""The demo's own pages, there only while it runs: its first page, mailbox, clock and directory."""

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock as clocks
from portal.demo import checklist, coming, directory, entries, happened
from portal.demo import mailbox as letters
from portal.demo.people import one_click
from portal.errors import Invalid
from portal.i18n import N_
from portal.permissions import needs
from portal.views.saying import say
from portal.web import POLICY, current_database, current_settings, only_reads, session
from portal.work import mail
from portal.work.sweeps import run_all

bp = Blueprint("demo", __name__, url_prefix="/demo")

FRAMING: Final = POLICY + "; frame-src 'self'"
"""The page that shows a letter may hold a frame of ours."""
LETTER: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""A letter brings its own styles and nothing else, and stands in a frame of ours only."""
AWAY_SECONDS: Final = 60
AHEAD: Final = 30


@bp.get("")
@needs("demo")
def index() -> str:
    """Show the ten minutes, who can be tried, and the tools."""
    ticks = checklist.ticks(session)
    done = sum(each.done for each in ticks)
    return render_template("demo/index.html", ticks=ticks, done=done, people=one_click(session), say=say)


@bp.get("/mail")
@needs("demo")
def mailbox() -> str:
    """List the letters, the newest first."""
    person_id = _number("person")
    page = min(max(request.args.get("page", 1, type=int), 1), 1000)
    box = letters.open_mailbox(session, current_settings(), person_id=person_id, page=page)
    return render_template("demo/mailbox.html", box=box, person_id=person_id, page=page)


@bp.get("/mail/<int:mail_id>")
@needs("demo")
def letter(mail_id: int) -> Response:
    """Show one letter, in a frame that may do nothing but be read."""
    row, found = letters.find_letter(session, current_settings(), mail_id)
    page = render_template(
        "demo/letter.html",
        row=row,
        subject=str(found["Subject"]),
        sender=str(found["From"]),
        to=str(found["To"]),
        text=letters.body_of(found, "plain"),
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = FRAMING
    return response


@bp.get("/mail/<int:mail_id>/frame")
@needs("demo")
def frame(mail_id: int) -> Response:
    """Give the letter itself."""
    _row, found = letters.find_letter(session, current_settings(), mail_id)
    response = make_response(letters.body_of(found, "html"))
    response.headers["Content-Security-Policy"] = LETTER
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.get("/clock")
@needs("demo")
def clock() -> str:
    """Say what the coming days bring, and what the last turn brought."""
    today = clocks.today(session)
    since = _number("since")
    return render_template(
        "demo/clock.html",
        today=today,
        latest=today + timedelta(days=coming.LONGEST),
        days=coming.coming(session, today + timedelta(days=AHEAD)),
        ahead=clocks.offset_days(session),
        happened=happened.happened(session, since) if since else [],
        turned=bool(since),
        say=say,
    )


@bp.post("/clock")
@needs("demo")
@only_reads  # the turning has its own short transactions; one that stayed open here would keep the others out
def turn() -> ResponseReturnValue:
    """Turn the working clock, a day at a time, and let everything due happen."""
    today = clocks.today(session)
    days = (_chosen(today) - today).days
    if not 0 < days <= coming.LONGEST:
        raise Invalid(N_("Choose a day after today, at most sixty days ahead."))
    since = happened.last_event(session)
    session.rollback()  # what was read is of yesterday
    for _number in range(days):
        _turn_one()
    flash(ngettext("The clock is %(num)s day further.", "The clock is %(num)s days further.", days))
    return redirect(url_for("demo.clock", since=since), 303)


def _number(name: str) -> int:
    """Read a number of the address that the database can hold; 0 for all else."""
    found = request.args.get(name, 0, type=int)
    return found if 0 < found < 2**62 else 0


def _chosen(today: date) -> date:
    if request.form.get("days"):
        return (
            today + timedelta(days=int(request.form["days"][:4]))
            if request.form["days"].isdecimal()
            else today
        )
    try:
        return date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return today


def _turn_one() -> None:
    database, settings = current_database(), current_settings()
    with database.session() as own:
        clocks.move_working(own, 1)
        own.commit()
    run_all(database, settings)
    mail.send_due(database, settings, limit=500)


@bp.get("/directory")
@needs("demo")
def directory_page() -> str:
    """Say how to look into the directory, and what the portal read there last."""
    where = directory.running(current_settings().data_dir)
    chosen = _number("person")
    found = entries.people(session)
    entry = entries.entry_of(session, chosen or (found[0].id if found else 0))
    return render_template(
        "demo/directory.html",
        where=where,
        line=entries.search_line(where, entry.username if entry else "") if where else "",
        entry=entry,
        people=found,
        away_until=directory.away_until(current_settings().data_dir),
    )


@bp.post("/directory")
@needs("demo")
@only_reads
def take_away() -> ResponseReturnValue:
    """Take the directory away for a minute, or bring it back."""
    back = request.form.get("back") == "1"
    directory.take_away(current_settings().data_dir, 0 if back else AWAY_SECONDS)
    if back:
        flash(_("The directory is back. What waited goes on within a minute."))
    else:
        flash(_("The directory is away for one minute. Order something and see it wait."))
    return redirect(url_for("demo.directory_page"), 303)
