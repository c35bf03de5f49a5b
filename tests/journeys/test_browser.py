"""The main job in a browser, with JavaScript and without; the work goes on behind as in any running portal.

Sam orders an account for a seasonal worker, Mia says yes from her letter on a telephone, the page of the case
shows what happens as it happens, Mia shows the first password once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.settings import Settings
from portal.work.engine import Engine
from tests.browser import complaints, page_at, serve
from tests.journeys.house import LINK, PASSWORD, House, open_house
from tests.peers.embedded import Embedded

pytestmark = pytest.mark.browser
PATIENCE = 30_000
"""Milliseconds within which background work has come round to everything, on a busy machine too."""


@dataclass
class Running:
    """A portal that people reach over the network and that works by itself."""

    house: House
    address: str

    def turn(self, days: int) -> None:
        """Turn the working clock; the portal finds out by itself."""
        with self.house.database.session() as session:
            clock.move_working(session, days)
            session.commit()

    def link(self, kind: str, to: str) -> str:
        """Wait for the letter with a link of this kind; give its address."""

        def found() -> list[str]:
            links = [each[0] for letter in self.house.letters(to) for each in LINK.finditer(letter)]
            return [each for each in links if f"/{kind}/" in each]

        return wait_for(found)[-1]


def wait_for(look: Callable[[], list[str]]) -> list[str]:
    """Look again and again until there is something."""
    until = monotonic() + PATIENCE / 1000
    while monotonic() < until:
        found = look()
        if found:
            return found
        sleep(0.1)
    raise AssertionError("It never came.")


@pytest.fixture
def running(settings: Settings, embedded: Embedded) -> Iterator[Running]:
    """The organisation on the demo's directory, served, with its workers and its clock."""
    with open_house(settings, embedded.config()) as house, serve(house.client.application) as address:
        settings.take({"portal.base_url": (address, "test")})
        engine = Engine(house.database, settings)
        engine.start()
        try:
            yield Running(house, address)
        finally:
            engine.stop()


def sign_in(page: Page, name: str) -> None:
    """Fill in and press."""
    page.get_by_role("textbox", name="User name").fill(name)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def choose(page: Page, label: str) -> None:
    """Press a choice where people press it: on its card."""
    page.locator(".choice label", has_text=label).click()


def update(page: Page, *, javascript: bool) -> None:
    """Without JavaScript, ask for the questions anew."""
    if not javascript:
        page.get_by_role("button", name="Update the form and the price").click()


def fill_in(page: Page, surname: str, first: date, last: date, *, javascript: bool) -> None:
    """Order for somebody who starts, changing one's mind about the form of employment."""
    summary = page.locator("#panel")
    page.get_by_label("First name").fill("Åsa")
    page.get_by_label("Surname").fill(surname)

    choose(page, "Permanent")
    update(page, javascript=javascript)
    expect(summary).to_contain_text("129 SEK/month")
    expect(page.get_by_label("Last day")).to_have_count(0)

    choose(page, "Seasonal")
    update(page, javascript=javascript)
    expect(page.get_by_label("Last day")).to_be_visible()
    expect(summary).to_contain_text("79 SEK/month")
    expect(summary).not_to_contain_text("129 SEK/month")
    expect(page.get_by_label("First name")).to_have_value("Åsa")

    page.get_by_label("First day").fill(first.isoformat())
    page.get_by_label("Last day").fill(last.isoformat())
    page.get_by_label("Job title").fill("Park warden")
    steps = page.locator("#steps-ahead")
    page.get_by_label("Place of work").select_option("field")
    update(page, javascript=javascript)
    expect(steps).not_to_contain_text("Arrange desk and key")
    expect(steps).to_contain_text("Reserve a user name")
    expect(summary).to_contain_text("Mia Berg approves")


def look_until(page: Page, text: str | re.Pattern[str], *, javascript: bool) -> None:
    """See a text come up on the page of the case: by itself, or by looking again."""
    main = page.locator("main")
    if javascript:
        expect(main).to_contain_text(text, timeout=PATIENCE)
        return

    def look() -> list[str]:
        page.reload()
        return re.findall(text, " ".join(main.inner_text().split()))

    wait_for(look)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_the_main_job_in_a_browser(running: Running, browser: Browser, *, javascript: bool) -> None:
    surname = "Ask" if javascript else "Ulm"
    first = running.house.cast.today + timedelta(days=2)
    running.house.cast.session.commit()
    with (
        page_at(browser, f"{running.address}/sign-in", javascript=javascript) as sam,
        page_at(browser, width=390, javascript=javascript, has_touch=True) as mia,
    ):
        sign_in(sam, "sam")
        expect(sam.get_by_role("heading", level=1)).to_contain_text("Hello Sam")
        sam.get_by_label("Search the catalog").fill("new employee")
        sam.keyboard.press("Enter")
        sam.get_by_role("link", name="Account for a new employee").first.click()
        fill_in(sam, surname, first, first + timedelta(days=90), javascript=javascript)
        sam.get_by_role("button", name="Place order").click()
        expect(sam.get_by_role("heading", level=1)).to_have_text("Thank you, your order is placed")
        expect(sam.locator("main")).to_contain_text("Mia Berg is asked to approve")
        sam.get_by_role("link", name="Follow the case").click()
        expect(sam.locator("#case-state")).to_contain_text("Waiting for approval")

        mia.goto(running.link("approve", "mia@example.test"))
        expect(mia.locator("main")).to_contain_text(f"Åsa {surname}")
        expect(mia.get_by_role("button", name="Approve")).to_be_in_viewport()
        mia.get_by_role("button", name="Approve").tap()
        expect(mia.locator("main")).to_contain_text("Mia Berg")
        expect(mia.get_by_role("button", name="Approve")).to_have_count(0)

        look_until(sam, "Wait for the first day", javascript=javascript)
        uid = f"asa{surname.lower()}"
        wait_for(
            lambda: [uid] if running.house.entry(uid) else []
        )  # the page names steps before they are done
        made = running.house.entry(uid)
        assert made is not None
        assert made["pwdAccountLockedTime"]

        running.turn(2)
        look_until(sam, "Delivered", javascript=javascript)
        mia.goto(running.link("first-password", "mia@example.test"))
        mia.get_by_role("button", name="Show the password").tap()
        password = mia.locator("#password").inner_text()
        assert running.house.can_bind(made["dn"], password)
        mia.goto(running.link("first-password", "mia@example.test"))
        expect(mia.locator("main")).to_contain_text("It is shown only once.")
        expect(mia.locator("main")).not_to_contain_text(password)

        mia.goto(running.link("approve", "mia@example.test"))
        expect(mia.locator("main")).to_contain_text(re.compile("Approved|approved"))
        assert complaints(sam) + complaints(mia) == []
