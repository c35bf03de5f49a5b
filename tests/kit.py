"""Helpers of the tests: a client that behaves like a browser."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser(FlaskClient):
    """A test client that finishes every response, and sends forms with the page's token."""

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
