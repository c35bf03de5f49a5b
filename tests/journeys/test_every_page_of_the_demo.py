"""The demo's pages with all of its year in them: found by following links, seen as its people see them."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal import create_app, demo_mode
from portal.demo import pages
from portal.demo.people import demo, one_click
from tests import kit
from tests.browser import axe_violations, complaints, page_at, serve, sideways
from tests.demo_fixture import DemoData
from tests.journeys.pages import NO_PAGES, PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LINK: Final = re.compile(r'href="(?:http://localhost)?(/[^"#]*)')
EACH: Final = 2
"""How many of a kind one person looks at when following links."""
LOOKED: Final = 1
"""How many of a kind are seen in the browser, whoever finds them."""

LATER: Final = {
    "catalog.search": "a form leads there",
    "extensions.landing": "when the clock has been turned to the reminder",
    "extensions.show": "when the clock has been turned to the reminder",
    "mine.ask_extend": "for those who lead somebody with a loan, far down their list",
    "order.placed": "after sending",
    "passwords.show": "when the clock has been turned to somebody's first day",
    "work.ask_undo": "when an order has been closed under way",
}
"""Pages that no link on the day the demo is made leads these people to."""


@dataclass(frozen=True)
class Found:
    """A page that a link leads to."""

    endpoint: str
    person_id: int
    path: str


@dataclass
class Year:
    """The demo, and what there is to see."""

    app: Flask
    found: list[Found]


@pytest.fixture(scope="module")
def year(demo_data: DemoData) -> Year:
    """Follow the links of the demo as each of its people, and as nobody."""
    app = create_app(demo_data.settings, demo_data.database, also=[pages.bp])
    app.config["PROPAGATE_FAULTS"] = True
    app.test_client_class = kit.Browser
    demo_mode.switch_on(app, demo())
    with demo_data.database.read_session() as session, app.test_request_context():
        people = [0, *(each.person_id for each in one_click(session))]
    return Year(app, [each for person_id in people for each in follow(app, person_id)])


def follow(app: Flask, person_id: int) -> Iterator[Found]:
    """Follow links from the first page, a few of each kind."""
    client = app.test_client()
    assert isinstance(client, kit.Browser)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    if person_id:
        client.send(f"/sign-in/as/{person_id}")
    waiting, met, seen = ["/" if person_id else "/demo"], {"/"}, Counter[str]()
    while waiting:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path)
        if not endpoint or seen[endpoint] == EACH or endpoint == "assets.show":
            continue
        answer = client.get(path)
        if answer.mimetype != "text/html":
            continue
        assert answer.status_code < 500, path
        if answer.status_code == 200:
            seen[endpoint] += 1
            yield Found(endpoint, person_id, path)
            links = [html.unescape(each) for each in LINK.findall(answer.get_data(as_text=True))]
            waiting += [each for each in dict.fromkeys(links) if each not in met]
            met |= set(links)
            if endpoint == "demo.letter":
                waiting.append(f"{path}/frame")


def endpoint_of(app: Flask, path: str) -> str:
    """Say which page an address is."""
    try:
        endpoint: str = app.url_map.bind("localhost").match(path.partition("?")[0])[0]
    except (HTTPException, RequestRedirect):
        return ""
    return endpoint


def test_every_kind_of_page_is_found_by_following_links(year: Year) -> None:
    assert {*PAGES} - {each.endpoint for each in year.found} <= {*LATER}


def test_pages_full_of_history_are_sound_too(year: Year, browser: Browser) -> None:
    faults: list[tuple[str, str]] = []
    looked: Counter[str] = Counter()
    tabs: dict[int, Page] = {}
    with serve(year.app) as address, ExitStack() as opened:
        for each in year.found:
            if looked[each.endpoint] == LOOKED or each.endpoint in NO_PAGES:
                continue
            looked[each.endpoint] += 1
            if each.person_id not in tabs:
                context = page_at(browser, f"{address}/sign-in", reduced_motion="reduce")
                tabs[each.person_id] = page = opened.enter_context(context)
                if each.person_id:
                    page.locator(f'form[action*="/as/{each.person_id}?"] button').click()
                    page.wait_for_url(f"{address}/")
            faults += [(each.path, fault) for fault in look(tabs[each.person_id], address + each.path)]
    assert faults == []


def look(page: Page, address: str) -> list[str]:
    """Look at a page; tell what is wrong."""
    said = complaints(page)
    said.clear()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    found = axe_violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    wider = sideways(page)
    return [*found, *said, *([f"{wider} px too wide"] if wider else [])]
