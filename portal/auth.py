"""Who is asking: sessions that the server can end, and passwords kept by the portal itself."""

import hashlib
import unicodedata
from datetime import timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin, LoginManager, UserMixin
from sqlalchemy.orm import Session, joinedload

from portal import clock, keys
from portal.db import Database
from portal.errors import SignInNeeded, TooMany
from portal.models.person import LocalAccount, Person
from portal.models.sign_in import FailedSignIn, SignIn
from portal.rights import NOBODY, Rights, rights_of
from portal.settings import Settings
from portal.web import SAFE, current_session, current_settings

HASHER: Final = PasswordHasher()
LONGEST_PASSWORD: Final = 1024
SEEN_EVERY: Final = 60
"""Seconds between two renewals of the cookie's time of last use."""

_NOBODYS_HASH: Final = HASHER.hash("nobody has this password")
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
    login_manager.init_app(app)
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


# --- sessions


def begin(session: Session, person: Person, *, method: str) -> None:
    """Sign a person in, in a fresh session; of what was set before, only the language and the like live on."""
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


# --- passwords


def hash_password(password: str) -> str:
    """Give what is stored of a password."""
    return HASHER.hash(unicodedata.normalize("NFC", password))


def check_password(
    database: Database, settings: Settings, username: str, password: str, address: str
) -> int | None:
    """Tell whose user name and password these are; the same time and answer for all that is wrong.

    After too many wrong ones for one account *from one address* that address has to wait, nobody else. The
    slow part runs outside of any transaction.
    """
    account = hashlib.sha256(username.strip().lower().encode()).hexdigest()
    with database.read_session() as reading:
        since = clock.now() - timedelta(minutes=settings.number("signin.pause_minutes"))
        failed = reading.scalar(
            sa.select(sa.func.count())
            .select_from(FailedSignIn)
            .where(FailedSignIn.account == account, FailedSignIn.address == address, FailedSignIn.at > since)
        )
        if (failed or 0) >= settings.number("signin.attempts"):
            raise TooMany
        found = reading.scalar(
            sa.select(LocalAccount)
            .options(joinedload(LocalAccount.person))
            .where(LocalAccount.username == username.strip().lower())
        )
    holds = _verify(found.password_hash if found else _NOBODYS_HASH, password)
    if found and holds and not (found.person.is_disabled or found.person.is_hidden):
        return found.person_id
    with database.session() as writing:
        writing.execute(sa.delete(FailedSignIn).where(FailedSignIn.at < clock.now() - timedelta(days=1)))
        writing.add(FailedSignIn(account=account, address=address, at=clock.now()))
        writing.commit()
    return None


def _verify(stored: str, password: str) -> bool:
    usable = 0 < len(password) <= LONGEST_PASSWORD
    try:  # what cannot be a password is verified too, so that it takes as long as any other
        HASHER.verify(stored, unicodedata.normalize("NFC", password if usable else ""))
        return usable
    except (VerificationError, InvalidHashError):
        return False
