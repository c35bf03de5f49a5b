"""Staff pages in a browser: nothing that axe complains of, nothing wider than a small phone."""

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from connectors.errors import Denied, Misconfigured
from portal.domain import ordering, tasks
from portal.domain.queries import work
from tests.browser import axe_violations, complaints, page_at, serve, sideways, small_targets
from tests.cast import Cast, hire, publish_text
from tests.views.staff import PASSWORD, PHONE, VPN, House, make_house

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("PORTAL_SHOTS", "")
"""A folder for pictures, to look at."""


@pytest.fixture
def house(cast: Cast) -> House:
    """A portal in which every staff page has something to show."""
    publish_text(
        cast.session, PHONE.replace("promise:", "minutes_by_hand: {before: 40, now: 10}\npromise:", 1)
    )
    publish_text(cast.session, VPN.replace("promise:", "minutes_by_hand: {before: 30}\npromise:", 1))
    hire(cast.session, "Petra", cast.unit, "Skydd", is_protected=True)
    for key, who in (("one", cast.noah), ("two", cast.mia), ("three", cast.sam)):
        ordering.submit(cast.session, cast.version("phone"), {"colour": "Blue"}, actor=who, key=key)
    cast.work()
    cast.skip(6)
    cast.store.fail_next(
        Denied("The directory refuses to make accounts.", detail="insufficientAccessRights (50)")
    )
    ordering.submit(cast.session, cast.version("vpn"), {}, actor=cast.noah, key="vpn")
    cast.work()
    cast.store.fail_next(Misconfigured("The password is not accepted.", detail="invalidCredentials (49)"))
    ordering.submit(cast.session, cast.version("vpn"), {}, actor=cast.mia, key="vpn2")
    cast.work()
    house = make_house(cast)
    phone = ordering.submit(cast.session, cast.version("phone"), {"colour": "Red"}, actor=cast.lars, key="4")
    tasks.complete(cast.session, house.task(phone), actor=cast.eva, results={"serial": "1"})
    cast.session.commit()
    return house


@pytest.mark.parametrize(
    ("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"), (320, "light")]
)
def test_staff_pages_are_sound(
    house: House, browser: Browser, width: int, theme: Literal["light", "dark"]
) -> None:
    cast = house.cast
    rows = {row.task.state: row.task.id for row in _rows(house)}
    paths = {
        "queue": "/work",
        "task": f"/work/{rows['ready']}",
        "failed": f"/work/{rows['failed']}",
        "by-hand": f"/work/{rows['failed']}/by-hand",
        "skip": f"/work/{rows['failed']}/skip",
        "people": "/people?q=",
        "person": f"/people/{cast.noah.id}",
        "resources": "/resources",
        "settings": "/settings",
        "audit": "/audit",
        "reports": "/reports",
    }
    cast.session.commit()
    with (
        serve(house.app) as address,
        page_at(browser, f"{address}/sign-in", width=width, theme=theme) as page,
    ):
        page.fill("[name=username]", f"user{cast.eva.id}")
        page.fill("[name=password]", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_load_state()
        found = []
        for name, path in paths.items():
            page.goto(address + path)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{theme}.png", full_page=True)
            found += [f"{name}: {each}" for each in (*axe_violations(page), *complaints(page))]
            found += [f"{name}: small {each}" for each in small_targets(page)]
            if sideways(page):
                found.append(f"{name}: {sideways(page)} px too wide")
        assert found == []


def _rows(house: House) -> list[work.Row]:
    return work.queue(house.cast.session, house.cast.eva).rows
