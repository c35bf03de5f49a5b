"""The pages of ordering in a real browser: live, without JavaScript, narrow, dark, and read aloud."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe_violations, complaints, page_at, serve, sideways, small_targets
from tests.cast import Cast
from tests.views.stage import Stage

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/catalog",
    "/catalog/accounts",
    "/search?q=dator",
    "/search?q=parkeringstillstånd",
    "/order/card",
    "/order/employee-account",
    "/order/shared-mailbox",
    "/order/guest-wifi",
)


@pytest.fixture
def address(cast: Cast) -> Iterator[str]:
    stage = Stage(cast)
    stage.shipped("employee-account", "shared-mailbox", "guest-wifi")
    with serve(stage.app) as address:
        yield address


@contextmanager
def signed_in(browser: Browser, address: str, **options: object) -> Iterator[Page]:
    """A page at which Mia is signed in."""
    with page_at(browser, f"{address}/sign-in", **options) as page:  # type: ignore[arg-type]  # its own options
        page.fill("[name=username]", "mia")
        page.fill("[name=password]", "a long password")
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{address}/")
        yield page


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_read_and_use_the_pages(browser: Browser, address: str, width: int, theme: str) -> None:
    found: dict[str, object] = {}
    with signed_in(browser, address, width=width, theme=theme) as page:
        for path in PAGES:
            page.goto(address + path)
            found[path] = (axe_violations(page), sideways(page), small_targets(page), [*complaints(page)])
        page.goto(f"{address}/order/employee-account")
        page.get_by_role("button", name="Place order").click()
        page.wait_for_selector("#error-summary")
        found["422"] = (axe_violations(page), sideways(page), small_targets(page), [])

    assert found == {path: ([], 0, [], []) for path in (*PAGES, "422")}


def test_nothing_is_wider_than_the_smallest_phone(browser: Browser, address: str) -> None:
    with signed_in(browser, address, width=320) as page:
        wide = {}
        for path in PAGES:
            page.goto(address + path)
            wide[path] = sideways(page)

    assert wide == dict.fromkeys(PAGES, 0)


def test_questions_and_price_follow_the_answers_and_the_cursor_stays(browser: Browser, address: str) -> None:
    with signed_in(browser, address) as page:
        page.goto(f"{address}/order/employee-account")
        page.get_by_label("Permanent").check(force=True)
        page.wait_for_selector("#q-last_day", state="detached")
        page.get_by_text("129 SEK/month").first.wait_for()
        page.get_by_label("Seasonal").check(force=True)
        page.wait_for_selector("#q-last_day")
        page.get_by_label("Job title").press_sequentially("Guard", delay=120)
        page.wait_for_timeout(800)

        assert page.get_by_label("Job title").input_value() == "Guard"
        assert page.evaluate("document.activeElement.id") == "q-job_title"
        assert "79 SEK/month" in page.inner_text("#panel")
        assert complaints(page) == []


def test_an_order_is_placed_without_javascript(browser: Browser, address: str) -> None:
    with signed_in(browser, address, javascript=False, width=390) as page:
        page.goto(f"{address}/order/card")
        page.locator("[name=for][value=other]").check(force=True)
        page.locator("button[name=refresh]").first.click()
        page.locator("#for_person").fill("noa")
        page.locator("#for_person").press("Enter")
        page.locator("[name=for_person]").first.check(force=True)
        page.get_by_role("button", name="Place order").click()

        assert page.title().startswith("The order is placed")
        assert "Noah Dal" in page.inner_text("main")
