"""Who is asking: sessions that the server can end."""

from datetime import timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session, joinedload

from portal import clock, keys
from portal.errors import SignInNeeded
from portal.models.person import Person
from portal.models.sign_in import SignIn
from portal.rights import NOBODY, Rights, rights_of
from portal.settings import Settings
from portal.web import SAFE, current_session, current_settings

SEEN_EVERY: Final = 60
"""Seconds between two renewals of the cookie's time of last use."""

login_manager = LoginManager()


class User(UserMixin):
    """A signed-in person, as flask-login wants them."""

    def __init__(self, person: Person, sign_in: SignIn) -> None:
        """Wrap a person of the request's session."""
        self.person = person
        self.sign_in = sign_in

    def get_id(self) -> str:
        """Give the person's id as text."""
        return str(self.person.id)

    @cached_property
    def rights(self) -> Rights:
        """What they may do, asked once a request."""
        return rights_of(current_session(), self.person)


class Anonymous(AnonymousUserMixin):
    """Nobody in particular."""

    person: None = None
    rights: Rights = NOBODY


def init_app(app: Flask) -> None:
    """Let every request know who is asking."""
    login_manager.anonymous_user = Anonymous
    login_manager.session_protection = None  # sessions are rows of ours, ended on the server
    # not its own init_app: that also looks for a "remember me" cookie, which makes every answer, even a
    # picture, one that caches keep apart by cookie
    app.login_manager = login_manager  # type: ignore[attr-defined]  # where flask-login looks for it
    app.context_processor(lambda: {"current_user": current_user})
    login_manager.request_loader(_load_user)
    login_manager.unauthorized_handler(_ask_for_sign_in)
    settings: Settings = app.extensions["settings"]
    app.config.update(
        SECRET_KEY=keys.derive("cookie"),
        SECRET_KEY_FALLBACKS=keys.in_use().derive_all("cookie")[1:],
        SESSION_COOKIE_NAME=_cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def _cookie_name(settings: Settings) -> str:
    if settings.is_https:
        return "__Host-ordna"
    return f"ordna-{settings.number('server.port')}"  # cookies of one machine's ports are not kept apart


def begin(session: Session, person: Person, *, method: str) -> None:
    """Sign a person in, in a fresh session; of what was set before, only preferences live on."""
    kept = {name: cookie[name] for name in ("language", "theme", "demo_code") if name in cookie}
    cookie.clear()
    token = keys.token()
    session.add(
        SignIn(
            hash=keys.token_hash(token),
            person_id=person.id,
            epoch=person.session_epoch,
            method=method,
            began_at=clock.now(),
        )
    )
    cookie.update(kept | {"token": token, "seen": int(clock.now().timestamp())})


def end(session: Session) -> None:
    """Sign whoever is asking out, on the server and in the browser."""
    token = cookie.get("token")
    if isinstance(token, str):
        session.execute(
            sa.update(SignIn)
            .where(SignIn.hash == keys.token_hash(token), SignIn.ended_at.is_(None))
            .values(ended_at=clock.now())
        )
    kept = {name: cookie[name] for name in ("language", "theme", "demo_code") if name in cookie}
    cookie.clear()
    cookie.update(kept)


def end_all(session: Session, person: Person) -> None:
    """End every session of a person at their next request."""
    person.session_epoch += 1


def _load_user(_request: object) -> User | None:
    token, seen = cookie.get("token"), cookie.get("seen")
    if not isinstance(token, str) or not isinstance(seen, int):
        return None
    now, settings = clock.now(), current_settings()
    if now.timestamp() - seen > settings.number("session.idle_minutes") * 60:
        return None
    sign_in = current_session().scalar(
        sa.select(SignIn).options(joinedload(SignIn.person)).where(SignIn.hash == keys.token_hash(token))
    )
    if sign_in is None or sign_in.ended_at is not None or sign_in.epoch != sign_in.person.session_epoch:
        return None
    if sign_in.person.is_disabled or sign_in.person.is_hidden:
        return None
    if now - sign_in.began_at > timedelta(hours=settings.number("session.absolute_hours")):
        return None
    if now.timestamp() - seen > SEEN_EVERY and "X-Poll" not in request.headers:
        cookie["seen"] = int(now.timestamp())
    return User(sign_in.person, sign_in)


def _ask_for_sign_in() -> ResponseReturnValue:
    if request.method not in SAFE or "X-Poll" in request.headers:
        raise SignInNeeded
    if cookie.get("token"):
        flash(_("You were signed out because you had not done anything for a while. Sign in again to go on."))
    return redirect(url_for("signin.show", next=request.full_path.rstrip("?")))


def safe_next(target: str | None) -> str:
    """Give a path of ours to go on to, whatever the address bar said."""
    parts = urlsplit(target or "")
    if not target or parts.scheme or parts.netloc or not target.startswith("/"):
        return "/"
    if target.startswith(("//", "/\\")) or any(ord(each) < 32 for each in target):
        return "/"
    return target
