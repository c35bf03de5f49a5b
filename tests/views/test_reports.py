"""Reports: figures that agree with the lists."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.domain import approvals, ordering, tasks
from portal.domain.queries import figures, work
from portal.models.task import Task
from tests.cast import Cast, publish_text
from tests.views.staff import PHONE, VPN, House, make_house, text
from tests.views.stage import CARD


@pytest.fixture
def house(cast: Cast) -> House:
    """Three phones, one of them handed out, and an account that was made by itself."""
    timed = "promise: {working_days: 2}\nminutes_by_hand: {before: 40, now: 10}"
    publish_text(cast.session, PHONE.replace("promise: {working_days: 2}", timed, 1))
    publish_text(
        cast.session, VPN.replace("promise: {hours: 1}", "promise: {hours: 1}\nminutes_by_hand: {before: 30}")
    )
    for key in ("one", "two", "three"):
        ordering.submit(cast.session, cast.version("phone"), {"colour": "Blue"}, actor=cast.noah, key=key)
    ordering.submit(cast.session, cast.version("vpn"), {}, actor=cast.noah, key="vpn")
    cast.work()
    task = cast.session.scalars(select(Task).where(Task.kind == "task")).first()
    assert task is not None
    tasks.complete(cast.session, task, actor=cast.eva, results={"serial": "1"})
    cast.session.commit()
    return make_house(cast)


def test_figures_are_counted_as_the_lists_count(house: House) -> None:
    session, eva = house.cast.session, house.cast.eva

    found = figures.figures(session)

    assert (found.ordered, found.delivered) == (4, 2)
    assert [count for _, count in found.weeks][-1] == 4
    assert len(found.weeks) == 13
    assert sum(count for _, count in found.weeks) == found.ordered
    waiting = {each.what.message: each.count for each in found.waiting}
    assert waiting["Work by hand"] + waiting["A step that needs help"] == work.count(session, eva) == 2


def test_a_question_that_goes_on_to_the_next_is_counted_once(cast: Cast) -> None:
    publish_text(cast.session, CARD.format(id="card", by="manager", sensitive="false"))
    ordering.submit(cast.session, cast.version("card"), {"why": "x"}, actor=cast.noah, key="one")
    (asked,) = approvals.waiting_for(cast.session, cast.mia)
    assert approvals.escalate(cast.session, asked) is not None
    cast.session.commit()

    waiting = {each.what.message: each.count for each in figures.figures(cast.session).waiting}

    assert waiting["An approval"] == 1


def test_time_freed_and_the_share_without_a_hand(house: House) -> None:
    found = figures.figures(house.cast.session)

    assert found.freed == timedelta(minutes=60)
    assert found.untouched == 0.5
    assert {each.key: each.untouched for each in found.items} == {"phone": 0, "vpn": 1}


def test_what_is_older_than_the_period_is_left_out(house: House) -> None:
    house.cast.skip(70)

    assert figures.figures(house.cast.session, weeks=4).ordered == 0
    assert figures.figures(house.cast.session, weeks=13).ordered == 4


def test_the_page_shows_its_figures_and_the_assumption(house: House) -> None:
    eva = house.eva()

    page = text(eva, "/reports")

    assert "Orders by week" in page
    assert "Show as a table" in page
    assert "1 hours" in page
    assert "Hours freed are an assumption" in page
    assert "40 → 10" in page
    assert 'href="/reports?weeks=13" aria-current="page"' in text(eva, "/reports?weeks=99999999999")


def test_the_file_agrees_with_the_page_and_holds_no_formula(house: House) -> None:
    publish_text(
        house.cast.session,
        PHONE.replace("{sv: Telefon, nb: Telefon, en: Phone}", '{sv: "=1+1", nb: "=1+1", en: "=1+1"}', 1),
    )
    body = house.eva().get("/reports/services.csv").get_data(as_text=True)

    rows = list(csv.reader(io.StringIO(body[1:]), delimiter=";"))

    assert ["'=1+1", "3", "1", "0", "0", "0", "0.0"] in rows
    assert sum(int(row[1]) for row in rows[1:]) == figures.figures(house.cast.session).ordered


def test_an_empty_portal_has_an_empty_report(cast: Cast) -> None:
    page = text(make_house(cast).eva(), "/reports")

    assert "Nothing has been ordered in this time." in page


def test_who_may_not_see_reports_does_not(house: House) -> None:
    olof = house.client(house.cast.olof)

    assert olof.get("/reports").status_code == 403
    assert olof.get("/reports/services.csv").status_code == 403
