"""Helpers of the tests: a client that behaves like a browser, and people."""

import re
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.models.person import LocalAccount, Person

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser(FlaskClient):
    """A test client that reads English, finishes every response, and sends forms with the page's token."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the words of the code, so that tests hold whatever the translators write
        self.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and read the answer to its end, so that what happens after the response has happened."""
        kwargs.setdefault("buffered", True)
        return super().open(*args, **kwargs)

    def token(self, page: str = "/sign-in") -> str:
        """Give the token of the forms on a page."""
        found = TOKEN.search(self.get(page).get_data(as_text=True))
        assert found, f"{page} has no form"
        return found[1]

    def send(self, path: str, data: dict[str, Any] | None = None, *, page: str = "/sign-in") -> TestResponse:
        """Send a form as a page of ours does."""
        return self.post(path, data={"csrf_token": self.token(page), **(data or {})})

    def sign_in(self, username: str, password: str) -> TestResponse:
        """Sign in with a password."""
        return self.send("/sign-in", {"username": username, "password": password})


def person(session: Session, given_name: str, surname: str = "Ek", **values: Any) -> Person:
    """Add a person."""
    added = Person(given_name=given_name, surname=surname, created_at=clock.now(), **values)
    session.add(added)
    session.flush()
    return added


def local_account(session: Session, owner: Person, username: str, password: str) -> None:
    """Let a person sign in with a password; hashed cheaply, for tests have many."""
    session.add(LocalAccount(person_id=owner.id, username=username, password_hash=QUICK.hash(password)))
    session.flush()
