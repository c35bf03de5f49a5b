"""The page of a case renews itself in a real browser, and works without."""

import pytest
from playwright.sync_api import Browser, expect

from portal.domain import tasks
from portal.domain.requests import tasks_of
from tests.browser import axe_violations, complaints, page_at, serve, sideways, small_targets
from tests.cast import Cast
from tests.views.stage import Stage

pytestmark = pytest.mark.browser


def test_a_case_is_followed_live_to_its_end(cast: Cast, browser: Browser) -> None:
    stage = Stage(cast)
    case = stage.order(cast.noah, why="For the archive")
    with serve(stage.app) as address, page_at(browser, f"{address}/sign-in") as page:
        page.fill("#username", "noah")
        page.fill("#password", "a long password")
        page.locator("#password").press("Enter")
        page.goto(f"{address}/requests/{case.number}")
        expect(page.locator("#case-now")).to_contain_text("Right now with Mia Berg")
        page.fill("#text", "half a message")

        stage.say_yes(case)
        expect(page.locator("#case-now")).to_contain_text("Right now with caretakers")
        expect(page.locator("#case-state")).to_contain_text("In delivery")
        expect(page.locator("#case-events")).to_contain_text("Mia Berg approved")
        expect(page.locator("#text")).to_have_value("half a message")

        (task,) = [each for each in tasks_of(cast.session, case) if each.kind == "task"]
        tasks.complete(cast.session, task, actor=cast.eva, results={})
        cast.session.commit()
        expect(page.locator("#case-state")).to_contain_text("Done")
        assert complaints(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_l02_a_browser_with_javascript_decides_nothing_and_axe_finds_nothing(
    cast: Cast, browser: Browser, theme: str, width: int
) -> None:
    stage = Stage(cast)
    case = stage.order(cast.noah, why="For the archive")
    token = stage.link(stage.approval(case))
    with serve(stage.app) as address:
        with page_at(browser, f"{address}/approve/{token}?answer=approve", theme=theme, width=width) as page:  # type: ignore[arg-type]
            page.wait_for_timeout(300)
            assert axe_violations(page) == []
            assert (sideways(page), small_targets(page), complaints(page)) == (0, [], [])
        assert stage.approval(case).state == "waiting"


def test_a_phone_without_javascript_approves(cast: Cast, browser: Browser) -> None:
    stage = Stage(cast)
    case = stage.order(cast.noah)
    token = stage.link(stage.approval(case))
    with (
        serve(stage.app) as address,
        page_at(browser, f"{address}/approve/{token}", width=390, javascript=False) as page,
    ):
        buttons = page.locator(".decide .actions")
        box = buttons.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Mia Berg approved this on")).to_be_visible()
    assert stage.approval(case).state == "approved"
