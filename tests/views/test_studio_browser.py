"""The studio in a real browser: axe, the live part, and without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from portal.domain import items
from portal.models.item import CatalogItem
from tests.browser import axe_violations, complaints, page_at, serve, sideways, small_targets
from tests.cast import Cast, publish_shipped
from tests.views.staff import PASSWORD, House, make_house
from tests.views.studio import CARD, draft_of, place, published

WRONG = CARD.replace("by: manager", "by: boss")
WHERE = place(WRONG, "boss")
LINE = f"#line-{WHERE.split(':')[1]}"
PAGES = (
    "/studio",
    "/studio/card",
    "/studio/bad",
    "/studio/card/try",
    "/studio/bad/try",
    "/studio/card/publish",
    "/studio/bad/publish",
    "/studio/card/versions",
    "/studio/card/versions/1",
    "/studio/card/copy",
    "/studio/card/retire",
)


@pytest.fixture
def house(cast: Cast) -> House:
    """A catalog with a published item, its draft, and a draft with problems."""
    published(cast)
    publish_shipped(cast.session, "remote-work")
    items.save_draft(cast.session, "card", CARD.replace("monthly: 129", "monthly: 150"), actor=cast.eva)
    items.copy(cast.session, "remote-work", "bad", actor=cast.eva, title={"sv": "VPN för tillsyn"})
    wrong = items.text_of(cast.session.get_one(CatalogItem, "bad")).replace("by: manager", "by: boss")
    items.save_draft(cast.session, "bad", wrong, actor=cast.eva)
    return make_house(cast)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """Where the portal answers."""
    house.cast.session.commit()
    with serve(house.app) as address:
        yield address


def enter(page: Page, address: str, house: House) -> None:
    """Sign Eva in."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", f"user{house.cast.eva.id}")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/")


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Browser, house: House, address: str, width: int, theme: str) -> None:
    found: list[tuple[str, object]] = []
    with page_at(browser, width=width, theme=theme) as page:  # type: ignore[arg-type]  # one of the two
        enter(page, address, house)
        for path in PAGES:
            page.goto(address + path)
            found += [
                (path, each) for each in (*axe_violations(page), *small_targets(page), *complaints(page))
            ]
            found += [(path, f"{wide} pixels too wide")] if (wide := sideways(page)) else []

    assert found == []


@pytest.mark.browser
def test_nothing_sticks_out_of_a_narrow_window(browser: Browser, house: House, address: str) -> None:
    with page_at(browser, width=320) as page:
        enter(page, address, house)
        wide = []
        for path in PAGES:
            page.goto(address + path)
            wide.append((path, sideways(page)))

    assert wide == [(path, 0) for path in PAGES]


@pytest.mark.browser
def test_problems_and_form_follow_what_is_written(browser: Browser, house: House, address: str) -> None:
    with page_at(browser) as page:
        enter(page, address, house)
        page.goto(f"{address}/studio/card")
        assert page.locator("#problems h2").text_content() == "No problems"

        page.fill("#text", WRONG)
        page.wait_for_selector(f"#problems a:has-text('{WHERE}')")
        assert page.locator(f"{LINE}.bad").count() == 1
        assert page.evaluate("document.activeElement.id") == "text"
        page.click("#problems a")
        box, line = page.locator(".codebox").bounding_box(), page.locator(LINE).bounding_box()
        assert box is not None
        assert line is not None
        assert box["y"] <= line["y"] <= box["y"] + box["height"]

        page.fill("#text", CARD)
        page.wait_for_selector("#q-level")
        page.click("label:has-text('Gold')")
        page.wait_for_selector("[name='a.why']")
        page.fill("[name=as_person_query]", "noah")
        page.click("label:has-text('Noah Dal')")
        page.wait_for_selector("#as :text('Now as Noah Dal')")
        assert page.input_value("#text") == CARD

    assert draft_of(house, "card") != CARD


@pytest.mark.browser
def test_numbers_stand_beside_their_lines(browser: Browser, house: House, address: str) -> None:
    with page_at(browser) as page:
        enter(page, address, house)
        page.goto(f"{address}/studio/bad")
        lines = page.input_value("#text").count("\n")
        height = page.evaluate(
            """() => {
                const style = getComputedStyle(document.getElementById("text"));
                const number = document.getElementById("line-2").getBoundingClientRect();
                return [parseFloat(style.lineHeight), number.height];
            }"""
        )

        assert height[0] == height[1]
        assert page.locator(f"#line-{lines}").count() == 1
        top = page.evaluate("document.getElementById('text').getBoundingClientRect().top")
        assert page.evaluate("document.getElementById('line-1').getBoundingClientRect().top") == top


@pytest.mark.browser
def test_an_item_is_written_without_javascript(browser: Browser, house: House, address: str) -> None:
    with page_at(browser, javascript=False) as page:
        enter(page, address, house)
        page.goto(f"{address}/studio/card")
        page.fill("#text", WRONG)
        page.click("button:has-text('Look for problems')")
        assert page.locator(f"#problems a:has-text('{WHERE}')").count() == 1

        page.fill("#text", CARD.replace("monthly: 129", "monthly: 175"))
        page.fill("[name=as_person_query]", "noah")
        page.press("[name=as_person_query]", "Enter")
        page.click("label:has-text('Noah Dal')")
        page.click("button:has-text('Update the form') >> nth=0")
        assert page.locator(":text('Now as Noah Dal')").count() == 1
        page.click("button:has-text('Save and try it')")
        page.click("label:has-text('Plain')")
        page.click("button:has-text('Show what would happen')")
        assert "175" in (page.locator(".tot").text_content() or "")

    assert "monthly: 175" in (draft_of(house, "card") or "")
