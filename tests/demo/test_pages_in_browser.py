"""The demo's pages as they are seen: no violations, nothing too wide, letters that can be pressed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser import axe_violations, complaints, page_at, serve, sideways
from tests.cast import Cast
from tests.demo.test_pages import app_of, approve, order, story

__all__ = ["story"]
pytestmark = pytest.mark.browser

PAGES = ("/demo", "/demo/mail", "/demo/mail/2", "/demo/clock", "/demo/directory")


@pytest.fixture
def address(story: Cast) -> Iterator[str]:
    """The address of a running demo with something in it."""
    (story.settings.data_dir / "directory.ready").write_text('{"port": 6636, "base": "dc=example", "pid": 1}')
    order(story)
    approve(story)
    app = app_of(story)
    with serve(app) as address:
        story.settings.take({"portal.base_url": (address, "test")})
        yield address


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_demos_pages_are_sound(
    address: str, browser: Chromium, width: int, theme: Literal["light", "dark"]
) -> None:
    for path in PAGES:
        with page_at(browser, address + path, width=width, theme=theme) as page:
            if os.environ.get("PORTAL_SHOTS"):
                name = path.strip("/").replace("/", "-")
                page.screenshot(
                    path=Path(os.environ["PORTAL_SHOTS"]) / f"{name}-{width}-{theme}.png", full_page=True
                )
            assert axe_violations(page) == []
            assert sideways(page) == 0
            assert complaints(page) == []


def test_a_button_in_a_letter_opens_the_portal_in_a_page_of_its_own(
    story: Cast, address: str, browser: Chromium
) -> None:
    story.session.rollback()

    with page_at(browser, address + "/demo/mail/2") as page:
        link = (
            page.frame_locator("iframe")
            .get_by_role("link", name="Godkänn")
            .or_(page.frame_locator("iframe").get_by_role("link", name="Approve", exact=True))
        )
        target = link.get_attribute("href")

    assert target is not None
    assert "/approve/" in target
