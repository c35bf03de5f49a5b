"""The list of cases, and the page of each."""

import re

import pytest
from sqlalchemy import select

from portal.domain import messages, tasks
from portal.domain.requests import tasks_of
from portal.models.team import Team, TeamMember
from tests.cast import Cast
from tests.views.stage import Stage


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def test_a_case_page_shows_who_has_it_and_why(stage: Stage) -> None:
    case = stage.order(stage.cast.noah, why="I start on Monday")

    page = stage.page(stage.cast.noah, f"/requests/{case.number}")

    assert "Right now with Mia Berg" in page
    assert "The manager decides about this service." in page
    assert "I start on Monday" in page
    assert "129" in page
    assert "ordered by you" in page
    assert "You placed the order" in page
    assert f'data-poll="/requests/{case.number}/live"' in page


def test_the_page_follows_the_case_to_its_end(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    stage.say_yes(case)

    page = stage.page(cast.noah, f"/requests/{case.number}")
    assert "Right now with caretakers" in page
    assert "Print the card" in page
    assert "Mia Berg approved" in page

    (task,) = [each for each in tasks_of(cast.session, case) if each.kind == "task"]
    tasks.complete(cast.session, task, actor=cast.eva, results={})
    page = stage.page(cast.noah, f"/requests/{case.number}")
    assert "Everything is done" in page
    assert "data-poll=" not in page


def test_the_live_part_answers_with_a_tag_and_stops_when_the_case_is_closed(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    browser = stage.browser(cast.noah)

    first = browser.get(f"/requests/{case.number}/live")
    again = browser.get(f"/requests/{case.number}/live", headers={"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert "X-Poll" not in first.headers
    assert 'id="case-now"' in first.get_data(as_text=True)
    assert (again.status_code, again.get_data()) == (304, b"")

    stage.post(cast.noah, f"/requests/{case.number}/withdraw")
    last = browser.get(f"/requests/{case.number}/live", headers={"If-None-Match": first.headers["ETag"]})
    assert (last.status_code, last.headers["X-Poll"]) == (200, "stop")


def test_a07_a_foreign_case_is_not_there_on_any_road(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah, why="canary words")
    path = f"/requests/{case.number}"

    for road in (path, f"{path}/live", f"{path}/withdraw", f"{path}/decide"):
        assert "canary" not in stage.page(cast.olof, road, status=404)
    for road in ("message", "answer", "remind", "withdraw", "decide"):
        assert stage.post(cast.olof, f"{path}/{road}", {"text": "x"}).status_code == 404
    assert case.number not in stage.page(cast.olof, "/requests")
    assert case.number in stage.page(cast.noah, "/requests")


def test_a_message_reaches_the_history_and_an_empty_one_is_put_right(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    path = f"/requests/{case.number}"

    empty = stage.post(cast.noah, f"{path}/message", {"text": "  "})
    sent = stage.post(cast.noah, f"{path}/message", {"text": "When <b>does</b> it come?"})

    assert empty.status_code == 422
    assert "Write something first." in empty.get_data(as_text=True)
    assert sent.status_code == 303
    page = stage.page(cast.noah, path)
    assert "You wrote" in page
    assert "When &lt;b&gt;does&lt;/b&gt; it come?" in page


def test_a_reminder_is_offered_once_a_day(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    path = f"/requests/{case.number}"

    assert "Send a reminder" in stage.page(cast.noah, path)
    assert stage.post(cast.noah, f"{path}/remind").status_code == 303

    page = stage.page(cast.noah, path)
    assert "Send a reminder" not in page
    assert "A reminder was sent to Mia Berg" in page
    assert stage.post(cast.noah, f"{path}/remind").status_code == 409


def test_withdrawing_asks_first_and_says_so_afterwards(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    path = f"/requests/{case.number}"

    assert "Withdraw the order?" in stage.page(cast.noah, f"{path}/withdraw")
    assert stage.post(cast.noah, f"{path}/withdraw", {"text": "Not needed"}).status_code == 303

    page = stage.page(cast.noah, path)
    assert "Withdrawn" in page
    assert "You withdrew the order" in page
    assert "Not needed" in page
    assert stage.browser(cast.noah).get(f"{path}/withdraw").status_code == 403


def test_a_question_is_answered_on_the_case_and_the_order_goes_on(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    messages.send_back(cast.session, case, actor=cast.mia, question="Which door?")
    path = f"/requests/{case.number}"

    page = stage.page(cast.noah, path)
    assert "Right now with you" in page
    assert "Which door?" in page
    assert "Needs an answer" in page

    assert stage.post(cast.noah, f"{path}/answer", {"text": "The blue one"}).status_code == 303
    page = stage.page(cast.noah, path)
    assert "Right now with Mia Berg" in page
    assert "The blue one" in page
    assert case.revision == 2


def test_the_list_goes_page_by_page_and_can_be_narrowed(stage: Stage) -> None:
    cast = stage.cast
    cases = [stage.order(cast.sam, beneficiary=cast.noah if n % 2 else None) for n in range(33)]
    stage.post(cast.sam, f"/requests/{cases[0].number}/withdraw")
    numbers = re.compile(r"B\d\d-\d{5}")

    def shown(path: str) -> set[str]:
        return set(numbers.findall(stage.page(cast.sam, path)))

    first = stage.page(cast.sam, "/requests")
    following = re.search(r'href="(/requests\?after=[^"]+)" rel="next"', first)
    assert following
    pages = [set(numbers.findall(first)), shown(following[1].replace("&amp;", "&"))]
    assert [len(page) for page in pages] == [30, 3]
    assert pages[0] | pages[1] == {each.number for each in cases}
    assert cases[0].number in pages[1]

    assert shown("/requests?status=cancelled") == {cases[0].number}
    assert shown(f"/requests?q={cases[5].number}") == {cases[5].number}
    assert len(shown("/requests?whose=others")) == 16
    assert len(shown("/requests?q=kort&whose=mine")) == 17
    assert "No case fits" in stage.page(cast.sam, "/requests?q=nothing+like+this")


def test_an_empty_list_says_what_will_be_there(stage: Stage) -> None:
    assert "Here you will follow what you have ordered" in stage.page(stage.cast.olof, "/requests")


def test_a07_who_carries_out_a_case_does_not_read_a_protected_name_on_it(stage: Stage) -> None:
    cast = stage.cast
    team = cast.session.scalars(select(Team).where(Team.key == "caretakers")).one()
    cast.session.add(TeamMember(team_id=team.id, person_id=cast.olof.id))
    cast.noah.is_protected, cast.noah.surname = True, "Kept-Away"
    case = stage.order(cast.noah)
    messages.write(cast.session, case, actor=cast.noah, text="When?")
    stage.say_yes(case)

    page = stage.page(cast.olof, f"/requests/{case.number}")

    assert "Kept-Away" not in page
    assert "Person with protected identity placed the order" in page
    assert "Kept-Away" in stage.page(cast.mia, f"/requests/{case.number}")
