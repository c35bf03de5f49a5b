"""Every page, seen: no violations in light or dark, wide or narrow; nothing too wide or too small to hit."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from connectors import memory
from portal.permissions import PERMISSIONS
from portal.rights import GRANTED
from portal.settings import Settings
from portal.work.world import open_portal
from tests.browser import axe_violations, complaints, page_at, serve, sideways, small_targets
from tests.cast import make_cast, write_resources
from tests.conftest import SECRET
from tests.journeys.pages import ANSWERS, NO_PAGES, PAGES, Stop
from tests.journeys.scene import Scene

pytestmark = pytest.mark.browser
NARROW: Final = 390
NARROWEST: Final = 320


@dataclass
class Tour:
    """One browser tab for each person, at a portal with much in it."""

    scene: Scene
    address: str
    browser: Browser
    opened: ExitStack
    tabs: dict[str, Page] = field(default_factory=dict)

    def stops(self, name: str) -> list[Stop]:
        """Say where a page is; the test's own session lets go of the database afterwards."""
        found = {**PAGES, **ANSWERS}[name](self.scene)
        self.scene.cast.session.commit()
        return found

    def tab(self, who: str) -> Page:
        """Give the tab in which somebody is signed in, or nobody."""
        if who not in self.tabs:
            page = self.opened.enter_context(
                page_at(self.browser, f"{self.address}/sign-in", reduced_motion="reduce")
            )
            if who:
                page.get_by_role("textbox", name="User name").fill(who)
                page.get_by_role("textbox", name="Password").fill("a long password")
                page.get_by_role("button", name="Sign in", exact=True).click()
                page.wait_for_url(f"{self.address}/")
            self.tabs[who] = page
        return self.tabs[who]

    def faults(self, stop: Stop) -> list[str]:
        """Look at a page in every way; tell what is wrong."""
        page = self.tab(stop.who)
        said = complaints(page)
        said.clear()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")
        answer = page.goto(f"{self.address}{stop.path}")
        assert answer is not None
        for name in stop.press:
            page.get_by_role("button", name=name, exact=True).click()
            page.wait_for_load_state()
        found = [] if answer.status == stop.status else [f"status {answer.status}"]
        found += [f"1280: {each} is small" for each in small_targets(page)]
        found += self._axe(page, "1280")
        page.set_viewport_size({"width": NARROW, "height": 800})
        found += self._axe(page, "390")
        found += [f"390: {each} is small" for each in small_targets(page)]
        page.set_viewport_size({"width": NARROWEST, "height": 640})
        wider = sideways(page)
        found += [f"320: {wider} px too wide"] if wider else []
        return found + [f"console: {each}" for each in said if not _expected(each, stop)]

    def _axe(self, page: Page, where: str) -> list[str]:
        found = []
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found += [
                f"{where} {theme}: {each}" for each in axe_violations(page, only_colours=theme == "dark")
            ]
        return found


def _expected(line: str, stop: Stop) -> bool:
    """Browsers note every page that answers with an error; here that is what was asked for."""
    statuses = {stop.status, 422 if stop.press else 0} - {0, 200}
    return any(f"status of {each}" in line for each in statuses)


@pytest.fixture(scope="module")
def tour(template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Tour]:
    """The scene, made once for all pages: looking changes nothing."""
    folder = tmp_path_factory.mktemp("scene")
    shutil.copy(template, folder / "portal.db")
    values = {
        "portal.data_dir": str(folder),
        "portal.organisation": "Länsförvaltningen",
        "secret.key": SECRET,
    }
    settings = Settings({**values, "portal.base_url": "http://localhost"}, source="test")
    write_resources(settings)
    settings.take({"files.resources": (str(folder / "resources.toml"), "test")})
    database = open_portal(settings)
    with database.session() as session:
        scene = Scene(make_cast(session, database, settings))
        session.commit()
        with serve(scene.app) as address, ExitStack() as opened:
            yield Tour(scene, address, browser, opened)
        session.rollback()
    memory.forget(f"test-{folder.name}")
    database.dispose()


@pytest.mark.parametrize("endpoint", [*PAGES, *ANSWERS])
def test_every_page_is_sound_in_light_and_dark_wide_and_narrow(tour: Tour, endpoint: str) -> None:
    stops = tour.stops(endpoint)

    assert [(stop.path, fault) for stop in stops for fault in tour.faults(stop)] == []


def test_every_page_there_is_stands_in_the_list(tour: Tour) -> None:
    rules = [rule for rule in tour.scene.app.url_map.iter_rules() if "GET" in (rule.methods or ())]

    assert {rule.endpoint for rule in rules} == {*PAGES, *NO_PAGES}


@pytest.mark.parametrize("endpoint", [each for each in PAGES if PERMISSIONS[each] not in ("public", "demo")])
def test_no_page_is_shown_to_who_may_not_see_it(tour: Tour, endpoint: str) -> None:
    nobody, noah = tour.scene.nobody(), tour.scene.browser(tour.scene.cast.noah)
    for stop in tour.stops(endpoint):
        answer = nobody.get(stop.path)
        assert answer.status_code == 302
        assert answer.location.startswith("/sign-in?next=")
        if PERMISSIONS[endpoint] in GRANTED:
            assert noah.get(stop.path).status_code == 403
