"""The first page, the categories and the search."""

import pytest
from sqlalchemy import select

from portal.models.work import SearchMiss
from tests.cast import Cast
from tests.views.stage import Stage


@pytest.fixture
def stage(cast: Cast) -> Stage:
    stage = Stage(cast)
    stage.shipped("laptop", "remote-work", "employee-account")
    return stage


def misses(stage: Stage) -> list[str]:
    stage.cast.session.expire_all()
    found = [row.query for row in stage.cast.session.scalars(select(SearchMiss))]
    stage.cast.session.commit()
    return found


def test_the_first_page_greets_and_offers(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/")

    assert "Hello Noah, what do you need?" in page
    assert 'href="/catalog/devices"' in page
    assert "Laptop 14" in page
    assert "Account for a new employee" not in page


def test_the_first_page_tells_a_manager_what_waits(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)

    assert "1 order waits for your approval" in stage.page(stage.cast.mia, "/")
    own = stage.page(stage.cast.noah, "/")
    assert f'href="/requests/{case.number}"' in own
    assert "Card is on its way" in own
    assert f'href="/order/card?again={case.number}"' in own


def test_a_category_shows_its_items(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/catalog/devices")

    assert "From 312 SEK/month" in page
    assert "3 working days" in page
    assert "Remote access" not in page
    assert stage.browser(stage.cast.noah).get("/catalog/nothing").status_code == 404


def test_everything_stands_in_one_list(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/catalog")

    assert [word in page for word in ("Laptop 14", "Remote access (VPN)", "Card")] == [True, True, True]


def test_a_search_finds_in_every_language_and_forgives(stage: Stage) -> None:
    for typed in ("labtop", "bærbar", "dator"):
        assert "Laptop 14" in stage.page(stage.cast.noah, f"/search?q={typed}")
    assert stage.browser(stage.cast.noah).get("/?q=vpn").location == "/search?q=vpn"
    assert misses(stage) == []


def test_a_search_in_vain_is_kept_once_and_not_while_somebody_writes(stage: Stage) -> None:
    browser = stage.browser(stage.cast.noah)
    fragment = browser.get("/search?q=parkeringstillst", headers={"X-Fragment": "1"}).get_data(as_text=True)
    page = stage.page(stage.cast.noah, "/search?q=parkeringstillstånd")

    assert "<html" not in fragment
    assert "Nothing was found for “parkeringstillstånd”" in page
    assert misses(stage) == ["parkeringstillstånd"]


def test_what_is_searched_for_is_shown_as_text(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/search?q=<script>alert(1)</script>")

    assert "<script>alert" not in page


def test_nobody_in_particular_is_asked_to_sign_in(stage: Stage) -> None:
    for path in ("/", "/catalog", "/catalog/devices", "/search?q=vpn"):
        assert stage.nobody().get(path).location.startswith("/sign-in")
