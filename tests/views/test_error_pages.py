"""What people see when something cannot be done."""

import re
from typing import Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from portal.error_pages import MESSAGES, page
from tests.browser import axe_violations, page_at, serve, sideways


@pytest.mark.parametrize("status", sorted(MESSAGES))
def test_every_error_says_what_happened_and_where_to_go(app: Flask, status: int) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        html, answered = page(status, "The lift is <stuck>.", reference="1A2B3C4D")

    assert answered == status
    assert len(re.findall("<h1>[^<]+</h1>", html)) == 1
    assert "The lift is &lt;stuck&gt;." in html
    assert "1A2B3C4D" in html
    assert '<a href="/">To the first page</a>' in html


def test_a_form_that_was_open_for_too_long_says_that_nothing_was_sent(client: FlaskClient) -> None:
    answer = client.post("/preferences/theme", data={"theme": "dark"})

    assert answer.status_code == 403
    assert "Nothing has been sent." in answer.get_data(as_text=True)


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_an_error_page(
    browser: Browser, app: Flask, theme: Literal["light", "dark"]
) -> None:
    with serve(app) as address, page_at(browser, f"{address}/nothing", width=320, theme=theme) as page:
        assert page.locator("h1").text_content() == "Page not found"
        assert axe_violations(page) == []
        assert sideways(page) == 0
