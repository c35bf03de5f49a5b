"""Ordering and deciding with the keyboard alone, and a scanner of letters that opens every link."""

from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portal import clock
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.holding import Account
from portal.models.request import ServiceRequest
from tests.browser import complaints, page_at, serve
from tests.cast import Cast
from tests.views.stage import Stage

pytestmark = pytest.mark.browser
FARTHEST = 80
"""Presses of Tab after which something counts as not reachable."""
SCANNED = 3_000
"""Milliseconds that a scanner lets a page run."""

FOCUSED = """() => {
    const on = document.activeElement;
    if (on == document.body) return null;
    const label = on.labels?.[0];
    const said = on.getAttribute("aria-label") || label?.innerText || on.innerText || "";
    const rings = [on, on.parentElement, label].filter(Boolean).map(each => getComputedStyle(each))
        .filter(each => each.outlineStyle != "none" || each.boxShadow != "none");
    const box = on.getBoundingClientRect();
    return {
        name: said.replace(/\\s+/g, " ").trim(),
        // the button inside a date field is ringed by the browser
        ringed: !on.matches(":focus") || rings.length > 0,
        seen: box.bottom > 0 && box.top < innerHeight,
    };
}"""


@dataclass
class Keyboard:
    """Somebody who has no mouse."""

    page: Page

    def go_to(self, name: str) -> None:
        """Press Tab until the focus is on what is called so; it is seen all the way."""
        passed = []
        for _ in range(FARTHEST):
            self.page.keyboard.press("Tab")
            on = self.page.evaluate(FOCUSED)
            if on is None:  # round the end of the page
                continue
            passed.append(on["name"])
            assert on["ringed"], f"The focus on {on['name']!r} is not seen."
            assert on["seen"], f"{on['name']!r} is outside of the window."
            if on["name"].startswith(name):
                return
        raise AssertionError(f"{name!r} is not among {passed}")

    def press(self, name: str, *, to: str = "", key: str = "Enter") -> None:
        """Go to something and press it, and wait for the page that it leads to."""
        self.go_to(name)
        self.page.keyboard.press(key)
        if to:
            expect(self.page.get_by_role("heading", level=1)).to_contain_text(to)

    def write(self, name: str, text: str) -> None:
        """Go to a field and write."""
        self.go_to(name)
        self.page.keyboard.type(text)

    def sign_in(self, name: str) -> None:
        """Sign in."""
        self.write("User name", name)
        self.write("Password", "a long password")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Hello")


@pytest.fixture
def stage(cast: Cast) -> Stage:
    """The cast's portal, where Noah has an account and can order remote access."""
    stage = Stage(cast)
    stage.shipped("remote-work")
    cast.session.add(
        Account(
            person_id=cast.noah.id, resource="staff-directory", kind="account", key="noadal", state="live",
            created_at=clock.now(),
        )
    )  # fmt: skip
    cast.session.commit()
    return stage


def stands(stage: Stage, approval: Approval) -> tuple[object, ...]:
    """How a question stands, with all that has happened to its case."""
    session = stage.cast.session
    query = (
        select(AuditEvent.action).where(AuditEvent.request_id == approval.request_id).order_by(AuditEvent.id)
    )
    found = (approval.state, approval.decided_by, approval.revision, approval.request.state)
    said = (*found, *session.scalars(query))
    session.commit()
    return said


def test_a_small_thing_is_ordered_and_approved_with_the_keyboard_alone(
    browser: Browser, stage: Stage
) -> None:
    with serve(stage.app) as address:
        with page_at(browser, f"{address}/sign-in") as page:
            noah = Keyboard(page)
            noah.sign_in("noah")
            noah.press("Remote work and networks", to="Remote work and networks")
            noah.press("Skip to the content")
            noah.press("Remote access (VPN)", to="Remote access (VPN)")
            noah.press("At home or travelling", key="Space")
            noah.press("Place order", to="your order is placed")
            noah.press("Follow the case", to="Remote access (VPN)")
            expect(page.locator("#case-state")).to_have_text("Waiting for approval")
            number = page.url.rsplit("/", 1)[1]
            assert complaints(page) == []

        with page_at(browser, f"{address}/sign-in") as page:
            mia = Keyboard(page)
            mia.sign_in("mia")
            mia.press("To do", to="To do")
            mia.press("Remote access (VPN)", to="Remote access (VPN)")
            mia.press("Approve", key="Space")
            expect(page.locator("main")).to_contain_text("Your answer is recorded.")
            assert complaints(page) == []
    query = select(ServiceRequest).where(ServiceRequest.number == number)
    decided = stage.approval(stage.cast.session.scalars(query).one())
    assert (decided.state, decided.decided_by, decided.channel) == ("approved", stage.cast.mia, "web")


def test_l02_a_scanner_that_opens_the_links_of_a_letter_decides_nothing(
    browser: Browser, stage: Stage
) -> None:
    approval = stage.approval(stage.order(stage.cast.noah, key="remote-work", from_where="home"))
    before = stands(stage, approval)
    token = stage.link(approval)

    with serve(stage.app) as address, ExitStack() as opened:
        for mark in ("", "?answer=approve", "?answer=reject"):
            page = opened.enter_context(page_at(browser, f"{address}/approve/{token}{mark}"))
            expect(page.get_by_role("button", name="Approve")).to_be_visible()
        page.wait_for_timeout(SCANNED)  # what a scanner does: let every script run

    assert stands(stage, stage.approval(approval.request)) == before
