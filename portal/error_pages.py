"""What people see when something cannot be done, or when we have made a mistake."""

import secrets
from typing import Final

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from markupsafe import escape
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.auth import Anonymous
from portal.errors import PortalError
from portal.i18n import N_
from portal.logs import write_fault

MESSAGES: Final = {
    400: N_("What your browser sent could not be understood."),
    401: N_("Sign in to go on."),
    403: N_("You do not have the right to do this."),
    404: N_("The page is not here. The address may be wrong, or it is not meant for you."),
    405: N_("This address is not used in that way. Go to the first page and try again from there."),
    409: N_("This has changed since you opened the page."),
    410: N_("This link no longer works."),
    413: N_("What you sent is too large."),
    415: N_("What your browser sent could not be understood."),
    422: N_("Something in what you sent cannot be used."),
    429: N_("Too many attempts. Wait a few minutes and try again."),
    500: N_("Something went wrong with us. Nothing that you sent has been half done."),
    503: N_("The portal is busy or being looked after. Try again in a little while."),
}
CSRF_MESSAGE: Final = N_("The page was open for too long. Go back, load it again and send once more.")


def init_app(app: Flask) -> None:
    """Turn errors into pages."""
    app.register_error_handler(PortalError, _cannot)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _our_mistake)


def _cannot(problem: PortalError) -> ResponseReturnValue:
    return page(problem.status, _(problem.message, **problem.values))


def _stale_form(problem: CSRFError) -> ResponseReturnValue:
    return page(403, _(CSRF_MESSAGE), name="stale_form")


def _http(problem: HTTPException) -> ResponseReturnValue:
    if problem.response is not None or problem.code is None or problem.code < 400:
        return problem.get_response()
    body, status = page(problem.code, _(MESSAGES.get(problem.code, MESSAGES[400])))
    headers = {"Allow": ", ".join(problem.valid_methods or ())} if hasattr(problem, "valid_methods") else {}
    return body, status, headers


def _database(problem: OperationalError) -> ResponseReturnValue:
    """Say that the database is busy or away; that is not a mistake of ours, and trying again helps."""
    reference = _log(problem)
    _forget_who()
    return page(503, _(MESSAGES[503]), reference=reference)


def _our_mistake(problem: Exception) -> ResponseReturnValue:
    if current_app.config.get("PROPAGATE_FAULTS"):  # tests want the fault itself
        raise problem
    reference = _log(problem)
    _forget_who()
    return page(500, _(MESSAGES[500]), reference=reference)


def _log(problem: Exception) -> str:
    reference = secrets.token_hex(4).upper()
    write_fault(
        reference,
        problem,
        method=request.method,
        path=request.path,
        endpoint=request.endpoint or "",
        person=_who(),
    )
    return reference


def _forget_who() -> None:
    """Show the page as to nobody, if who it is was not known yet: asking may be what failed."""
    if "_login_user" not in g:
        g._login_user = Anonymous()


def _who() -> str:
    try:
        return str(current_user.get_id() or "") if g.get("_login_user") else ""
    except Exception:  # the fault may be in the database that knows who it is
        return ""


def page(status: int, message: str, *, reference: str = "", name: str = "") -> tuple[str, int]:
    """Make the page of an error: its own template, else the common one, else plain words."""
    session = g.get("_session")
    if session is not None and status >= 500:
        session.rollback()
    try:
        return (
            render_template(
                [f"errors/{name or status}.html", "errors/error.html"],
                status=status,
                message=message,
                reference=reference,
            ),
            status,
        )
    except TemplateNotFound:
        return _plain(status, message, reference), status
    except Exception as second:  # the page's frame needs what has just failed
        if status < 500:
            raise
        write_fault(reference, second, path=request.path, while_showing=status)
        return _plain(status, message, reference), status


def _plain(status: int, message: str, reference: str) -> str:
    number = f"<p>{escape(reference)}</p>" if reference else ""
    home = f'<p><a href="/">{escape(_("To the first page"))}</a></p>'
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{status}</title></head>'
        f"<body><main><h1>{escape(message)}</h1>{number}{home}</main></body></html>"
    )
