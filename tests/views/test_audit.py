"""The audit log as a page and as a file."""

import csv
import io

import pytest

from portal.domain import ordering
from portal.domain.queries import history
from portal.domain.queries.history import Wish
from portal.views.files import safe
from tests.cast import Cast, publish_text
from tests.views.staff import PHONE, House, make_house, text


@pytest.fixture
def house(cast: Cast) -> House:
    """The cast's portal with two cases in its history."""
    publish_text(cast.session, PHONE)
    for key, who in (("one", cast.noah), ("two", cast.mia)):
        ordering.submit(cast.session, cast.version("phone"), {"colour": "Blue"}, actor=who, key=key)
    return make_house(cast)


def rows(body: str) -> list[list[str]]:
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:]), delimiter=";"))


def test_the_log_says_who_did_what_when(house: House) -> None:
    page = text(house.eva(), "/audit")

    assert "Case: sent" in page
    assert "Noah Dal" in page
    assert "Service: published" in page


def test_the_log_is_narrowed_down(house: House) -> None:
    cast = house.cast
    number = text(house.eva(), "/audit?who=noah&thing=service_request").split("/requests/")[1][:9]

    def count(wish: Wish) -> int:
        return len(history.read(cast.session, wish).lines)

    assert count(Wish()) > count(Wish(thing="service_request")) > count(Wish(who="noah")) == 1
    assert {line.number for line in history.read(cast.session, Wish(case=number)).lines} == {number}
    assert count(Wish(first=cast.today)) == count(Wish())
    assert count(Wish(last=cast.today.replace(year=2000))) == 0
    assert "Nothing in the log fits." in text(house.eva(), "/audit?last=2000-01-01")


def test_nonsense_in_the_filters_is_left_out(house: House) -> None:
    for query in ("first=yesterday", "thing=secret", "after=x", "first=0001-01-01", "last=9999-12-31"):
        assert "Case: sent" in text(house.eva(), f"/audit?{query}")


def test_paging_reaches_every_line_once(house: House) -> None:
    cast = house.cast
    every = [line.event.id for line in history.read(cast.session, Wish()).lines]
    paged: list[int] = []
    after = ""
    while True:
        page = history.read(cast.session, Wish(), after=after, limit=2)
        paged += [line.event.id for line in page.lines]
        after = page.after
        if not after:
            break

    assert paged == every
    assert len(every) > 4


def test_the_file_holds_what_the_page_holds(house: House) -> None:
    cast = house.cast

    answer = house.eva().get("/audit/log.csv?thing=service_request")

    found = rows(answer.get_data(as_text=True))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert len(found) - 1 == len(history.read(cast.session, Wish(thing="service_request")).lines)
    assert found[0][0] == "When"


def test_names_that_look_like_formulas_are_only_text(house: House) -> None:
    house.cast.noah.given_name, house.cast.noah.surname = "=HYPERLINK(1)", "+1"
    house.cast.session.commit()

    found = rows(house.eva().get("/audit/log.csv").get_data(as_text=True))

    assert "'=HYPERLINK(1) +1" in [row[2] for row in found]
    assert not [cell for row in found for cell in row if cell.startswith(("=", "+", "@", "-", "\t", "\r"))]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_every_beginning_of_a_formula_is_made_text(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


def test_numbers_and_words_stay_as_they_are() -> None:
    assert [safe(each) for each in (-3, 2.5, "a=b", None, "")] == ["-3", "2.5", "a=b", "", ""]


def test_who_may_not_read_the_log_does_not(house: House) -> None:
    olof = house.client(house.cast.olof)

    assert olof.get("/audit").status_code == 403
    assert olof.get("/audit/log.csv").status_code == 403
