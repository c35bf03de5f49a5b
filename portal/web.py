"""What holds for every request: its database session, notes after it, headers, and where it may come from."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, has_request_context, request, url_for
from flask.ctx import _AppCtxGlobals
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter

from portal.db import Database
from portal.errors import NotAllowed
from portal.i18n import N_
from portal.settings import Settings

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline anything, nothing from elsewhere. A view may set its own header instead; the mailbox does."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # with no-referrer browsers send `Origin: null` with our own forms; addresses still never leave the portal
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}

V = TypeVar("V", bound=Callable[..., Any])
csrf = CSRFProtect()


def writes_on_get(view: V) -> V:
    """Mark the one view that may write when it is looked at: the sign-in callback."""
    view.writes_on_get = True  # type: ignore[attr-defined]  # a mark for `current_session` and a test
    return view


def only_reads(view: V) -> V:
    """Mark a POST that changes nothing, such as the preview of a form: it takes no write lock."""
    view.only_reads = True  # type: ignore[attr-defined]  # a mark for `current_session`
    return view


class Globals(_AppCtxGlobals):
    """What `g` holds; `g.session` is opened when it is first used."""

    if not TYPE_CHECKING:

        @property
        def session(self) -> Session:
            """The request's database session: read-only for a look, writing for a change."""
            return current_session()


def current_session() -> Session:
    """Give the request's session, opened now if it is not yet."""
    held = g.get("_session")
    if held is None:
        database = current_database()
        held = database.session() if _may_write() else database.read_session()
        g._session = held
    return cast(Session, held)


session = cast(Session, LocalProxy(current_session))
"""The request's database session. Only views commit it; what was not committed is rolled back."""


def current_database() -> Database:
    """Give the app's database."""
    return cast(Database, current_app.extensions["database"])


def current_settings() -> Settings:
    """Give the app's settings."""
    return cast(Settings, current_app.extensions["settings"])


def note(add: Callable[[Session], object], *, before: bool = False) -> None:
    """Leave something behind from a look, after the response, or `before` it if it must be there.

    `add` gets a session of its own that can only add rows. Take ids into it, not objects of the request's.
    """
    if before:
        current_database().note(add)
    else:
        g.setdefault("_notes", []).append(add)


def absolute_url(endpoint: str, **values: Any) -> str:
    """Make a whole address from the settings; what the caller says about the host is never used."""
    path = url_for(endpoint, _external=False, **values)
    return current_settings().base_url + path


def init_app(app: Flask) -> None:
    """Give every request its session, its checks and its headers."""
    app.app_ctx_globals_class = Globals
    app.url_map.converters["int"] = SmallInteger
    csrf.init_app(app)
    app.before_request(_refuse_nonsense)
    app.before_request(_refuse_foreign_posts)
    app.after_request(_add_headers)
    app.after_request(_note_afterwards)
    app.teardown_appcontext(_close_session)


class SmallInteger(IntegerConverter):
    """A number in an address that the database can hold; others are no address of ours."""

    regex = r"\d{1,18}"


def _may_write() -> bool:
    if not has_request_context():
        return True
    if request.endpoint is None:
        return False
    view = current_app.view_functions[request.endpoint]
    if request.method in SAFE:
        return bool(getattr(view, "writes_on_get", False))
    return not getattr(view, "only_reads", False)


def _refuse_nonsense() -> None:
    """Refuse what no browser sends: NUL in the address, the query or a form."""
    values = [request.path, *request.args.keys(), *request.args.values()]
    if request.method not in SAFE:
        values += [*request.form.keys(), *(each for _, each in request.form.items(multi=True))]
    if any("\x00" in value for value in values):
        raise BadRequest


def _refuse_foreign_posts() -> None:
    """Refuse a change that another site's page sends; the form's token is asked for besides."""
    if request.method in SAFE:
        return
    if not comes_from_here(request, current_settings()):
        raise NotAllowed(N_("This was sent from another site, so nothing was done."))


def comes_from_here(request: Request, settings: Settings) -> bool:
    """Tell by what the browser says of itself whether one of our own pages sent this."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:  # not a browser, or an old one: the token decides
        return True
    return urlsplit(origin).netloc in (request.host, urlsplit(settings.base_url).netloc)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_settings().is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _note_afterwards(response: Response) -> Response:
    notes: list[Callable[[Session], object]] = g.get("_notes", [])
    database, log = current_database(), current_app.logger

    def write() -> None:
        for add in notes:
            try:
                database.note(add)
            except Exception:  # the answer has been sent; one lost note must not cut the connection
                log.exception("A note could not be written.")

    if notes and response.status_code < 400:
        response.call_on_close(write)
    return response


def _close_session(_problem: BaseException | None) -> None:
    held = g.pop("_session", None)
    if held is not None:
        held.rollback()
        held.close()
