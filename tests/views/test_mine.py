"""What I have, and what I may do with it."""

from datetime import timedelta
from typing import Any

import pytest

from portal.domain import tasks
from portal.domain.requests import tasks_of
from portal.models.holding import Holding
from portal.models.request import ServiceRequest
from tests.cast import Cast
from tests.views.stage import Stage


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def had(stage: Stage, key: str = "card", **answers: Any) -> ServiceRequest:
    """Let Noah have a card."""
    case = stage.order(stage.cast.noah, key=key, **answers)
    stage.say_yes(case)
    (task,) = [each for each in tasks_of(stage.cast.session, case) if each.kind == "task"]
    tasks.complete(stage.cast.session, task, actor=stage.cast.eva, results={})
    stage.cast.session.commit()
    return case


def holding(stage: Stage, case: ServiceRequest) -> Holding:
    """What a case gave, as it is now."""
    found = stage.cast.session.get_one(Holding, case.holding_id, populate_existing=True)
    stage.cast.session.commit()
    return found


def test_the_list_says_since_when_what_it_costs_and_when_it_ends(stage: Stage) -> None:
    case = had(stage, until=stage.later.isoformat())

    page = stage.page(stage.cast.noah, "/mine")

    assert "129 SEK/month" in page
    assert stage.later.strftime("%-d %B %Y") in page
    assert f"/requests/{case.number}" in page
    assert ">Return<" in page.replace("</svg> ", "</svg>>").replace(">>Return", ">Return")


def test_one_ends_it_at_once_and_follows_the_case(stage: Stage) -> None:
    cast = stage.cast
    case = had(stage)
    path = f"/mine/{case.holding_id}/end"

    assert "Return this?" in stage.page(cast.noah, path)
    answer = stage.post(cast.noah, path)

    assert answer.status_code == 303
    assert holding(stage, case).state == "ending"
    page = stage.page(cast.noah, answer.headers["Location"])
    assert "Ending: Card" in page
    assert "What was ordered comes to its end" in page


def test_one_ends_it_after_a_day(stage: Stage) -> None:
    case = had(stage)
    path = f"/mine/{case.holding_id}/end"
    yesterday = (stage.cast.today - timedelta(days=1)).isoformat()
    stage.cast.session.commit()

    wrong = stage.post(stage.cast.noah, path, {"last_day": yesterday})
    nonsense = stage.post(stage.cast.noah, path, {"last_day": "soon"})
    right = stage.post(stage.cast.noah, path, {"last_day": stage.later.isoformat()})

    assert (wrong.status_code, nonsense.status_code, right.status_code) == (422, 422, 303)
    assert f'value="{yesterday}"' in wrong.get_data(as_text=True)
    assert "Write a day" in nonsense.get_data(as_text=True)
    assert (holding(stage, case).state, holding(stage, case).ends_on) == ("active", stage.later)


def test_nobody_extends_for_themselves_what_somebody_approved_but_the_manager_may(stage: Stage) -> None:
    cast = stage.cast
    case = had(stage, until=stage.later.isoformat())
    path = f"/mine/{case.holding_id}/extend"
    longer = stage.later + timedelta(days=30)
    stage.cast.session.commit()

    assert stage.browser(cast.noah).get(path).status_code == 403
    assert stage.post(cast.noah, path, {"last_day": longer.isoformat()}).status_code == 403
    assert holding(stage, case).ends_on == stage.later
    assert "Until when is it needed?" in stage.page(cast.mia, path)
    assert stage.post(cast.mia, path, {"last_day": longer.isoformat()}).status_code == 303
    assert holding(stage, case).ends_on == longer
    too_long = (longer + timedelta(days=400)).isoformat()
    assert stage.post(cast.mia, path, {"last_day": too_long}).status_code == 422


def test_what_is_sensitive_is_ordered_anew(stage: Stage) -> None:
    stage.sensitive_card()
    case = had(stage, "secret-card", until=stage.later.isoformat())

    assert stage.browser(stage.cast.mia).get(f"/mine/{case.holding_id}/extend").status_code == 403
    assert "/order/secret-card" in stage.page(stage.cast.noah, "/mine")


def test_a07_what_others_have_is_not_there(stage: Stage) -> None:
    cast = stage.cast
    case = had(stage)

    for road in ("end", "extend"):
        assert stage.browser(cast.olof).get(f"/mine/{case.holding_id}/{road}").status_code == 404
        assert stage.post(cast.olof, f"/mine/{case.holding_id}/{road}").status_code == 404
    assert case.number not in stage.page(cast.olof, "/mine/people")
    assert stage.browser(cast.noah).get("/mine/999999/end").status_code == 404


def test_a_manager_sees_what_their_people_have(stage: Stage) -> None:
    case = had(stage)

    assert "My people" in stage.page(stage.cast.mia, "/mine")
    page = stage.page(stage.cast.mia, "/mine/people")
    assert "Noah Dal" in page
    assert case.number in page
    assert "My people" not in stage.page(stage.cast.noah, "/mine")
