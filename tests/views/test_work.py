"""The work queue and the page of a task."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.errors import Denied, Misconfigured
from portal.domain import ordering, tasks
from portal.domain.queries import work
from portal.models.request import Comment, ServiceRequest
from portal.models.task import Task
from portal.models.team import Grant, TeamMember
from tests.cast import Cast, publish_text, told
from tests.views.staff import PHONE, VPN, House, make_house, text


@pytest.fixture
def desk(cast: Cast) -> House:
    """A portal with a phone that is handed out and an account that is made."""
    publish_text(cast.session, PHONE)
    publish_text(cast.session, VPN)
    return make_house(cast)


def order_phone(house: House, key: str = "one", colour: str = "<b>Blue</b>") -> ServiceRequest:
    cast = house.cast
    request = ordering.submit(
        cast.session, cast.version("phone"), {"colour": colour}, actor=cast.noah, key=key
    )
    cast.work()
    return request


def order_vpn(house: House, error: Exception | None = None) -> ServiceRequest:
    cast = house.cast
    if error is not None:
        cast.store.fail_next(error, times=1)  # type: ignore[arg-type]  # a ConnectorError each time
    request = ordering.submit(cast.session, cast.version("vpn"), {}, actor=cast.noah, key="vpn")
    cast.work()
    return request


def test_the_queue_shows_failed_steps_first_and_then_what_is_due(desk: House) -> None:
    order_phone(desk)
    order_vpn(desk, Denied("The directory refuses to make accounts.", detail="insufficientAccessRights"))

    page = text(desk.eva(), "/work")

    assert page.index("Make the account") < page.index("Phone for Noah Dal")
    assert "Needs attention" in page
    assert "Nobody has it" in page


def test_late_is_said_once_the_day_has_passed(desk: House) -> None:
    request = order_phone(desk)
    eva = desk.eva()
    before = text(eva, "/work")

    desk.cast.skip(7)

    assert "Late" not in before
    assert "Late" in text(eva, "/work")
    assert "Late" in text(eva, f"/work/{desk.task(request).id}")


def test_the_number_in_the_menu_is_the_number_of_rows(desk: House) -> None:
    for number in range(33):
        order_phone(desk, f"p{number}")
    session, eva = desk.cast.session, desk.cast.eva

    first = work.queue(session, eva)
    second = work.queue(session, eva, after=first.after)

    assert (len(first.rows), len(second.rows), second.after) == (30, 3, "")
    assert work.count(session, eva) == 33
    assert not {row.task.id for row in first.rows} & {row.task.id for row in second.rows}
    assert "after=" in text(desk.eva(), "/work")


def test_a_key_that_is_none_begins_at_the_beginning(desk: House) -> None:
    order_phone(desk)

    for key in ("x", "9.2026-01-01.1", "0.nonsense.1", "1.2026-01-01.x", "1.2026-01-01." + "9" * 40):
        assert "Phone for Noah Dal" in text(desk.eva(), f"/work?after={key}")


def test_people_who_work_with_nothing_have_no_queue(desk: House) -> None:
    request = order_phone(desk)
    olof = desk.client(desk.cast.olof)

    assert olof.get("/work").status_code == 403
    assert olof.get(f"/work/{desk.task(request).id}").status_code == 403


def test_a_member_of_another_team_does_not_find_the_task(desk: House) -> None:
    cast = desk.cast
    request = order_phone(desk)
    team = next(m.team for m in cast.session.scalars(select(TeamMember)) if m.team.key == "caretakers")
    cast.session.add(TeamMember(team_id=team.id, person_id=cast.olof.id))
    cast.session.commit()
    olof = desk.client(cast.olof)

    assert "Phone for Noah Dal" not in text(olof, "/work")
    for path in ("", "/by-hand", "/skip"):
        assert olof.get(f"/work/{desk.task(request).id}{path}").status_code == 404
    for path in ("take", "hand-over", "done", "retry", "skip", "by-hand", "ask"):
        assert olof.send(f"/work/{desk.task(request).id}/{path}", page="/work").status_code == 404


def test_taking_and_handing_over(desk: House) -> None:
    request = order_phone(desk)
    task_id = desk.task(request).id
    eva = desk.eva()

    taken = eva.send(f"/work/{task_id}/take", page="/work")

    assert taken.status_code == 303
    assert desk.task(request).person_id == desk.cast.eva.id
    assert "Phone for Noah Dal" in text(eva, "/work?tab=mine")
    assert "Phone for Noah Dal" not in text(eva, "/work?tab=unassigned")

    given = eva.send(
        f"/work/{task_id}/hand-over", {"team": "caretakers", "note": "Yours, I think"}, page="/work"
    )

    assert given.status_code == 303
    task = desk.task(request)
    assert (task.person_id, task.team) == (None, "caretakers")
    assert "Phone for Noah Dal" in text(eva, "/work?tab=unassigned&team=caretakers")
    note = desk.cast.session.scalars(select(Comment)).one()
    assert (note.text, note.is_internal) == ("Yours, I think", True)


def test_a_team_that_is_not_there_gets_nothing(desk: House) -> None:
    request = order_phone(desk)

    refused = desk.eva().send(f"/work/{desk.task(request).id}/hand-over", {"team": "nobody"}, page="/work")

    assert refused.status_code == 422
    assert desk.task(request).team == "telephony"


def test_the_task_page_says_what_to_do_and_what_was_ordered(desk: House) -> None:
    request = order_phone(desk)

    page = text(desk.eva(), f"/work/{desk.task(request).id}")

    for words in ("Hand it out", "Charged", "Serial number", "Colour", "&lt;b&gt;Blue&lt;/b&gt;", "Noah Dal"):
        assert words in page
    assert "<b>Blue</b>" not in page
    assert "order@operator.example" in page
    assert f"Reference in the subject: {request.number}" in page


def test_results_are_read_by_their_type_and_kept(desk: House) -> None:
    request = order_phone(desk)
    form = {
        "result-serial": " SN  1 ",
        "result-given_on": "2026-11-20",
        "result-weight": "170",
        "result-used": "no",
        "result-place": "post",
        "checked": ["0", "1", "7", "x"],
    }

    done = desk.eva().send(f"/work/{desk.task(request).id}/done", form, page="/work")

    assert done.status_code == 303
    task = desk.task(request)
    assert task.state == "done"
    assert task.result == {
        "serial": "SN 1",
        "given_on": "2026-11-20",
        "weight": 170,
        "used": False,
        "place": "post",
    }
    assert task.payload["checked"] == [0, 1]
    shown = text(desk.eva(), f"/work/{task.id}")
    assert "Friday 20 November 2026" in shown
    assert "Nothing is left to do here" in shown


def test_wrong_results_are_said_at_their_fields_and_everything_is_kept(desk: House) -> None:
    request = order_phone(desk)
    form = {
        "result-serial": "",
        "result-given_on": "31 February",
        "result-weight": "heavy",
        "result-used": "perhaps",
        "result-place": "moon",
        "checked": ["1"],
    }

    refused = desk.eva().send(f"/work/{desk.task(request).id}/done", form, page="/work")

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert desk.task(request).state == "ready"
    for name in ("serial", "given_on", "weight", "used", "place"):
        assert f'href="#result-{name}"' in page
        assert f'id="result-{name}-err"' in page
    assert 'value="heavy"' in page
    assert 'id="line-1" name="checked" value="1" checked' in page
    assert "<title>Error:" in page


def test_a_question_to_the_requester_is_on_the_case(desk: House) -> None:
    request = order_phone(desk)
    task_id = desk.task(request).id
    eva = desk.eva()

    empty = eva.send(f"/work/{task_id}/ask", {"text": " "}, page="/work")
    asked = eva.send(f"/work/{task_id}/ask", {"text": "Which size?"}, page="/work")

    assert (empty.status_code, asked.status_code) == (422, 303)
    comment = desk.cast.session.scalars(select(Comment)).one()
    assert (comment.text, comment.is_question, comment.is_internal) == ("Which size?", True, False)


def test_a_failed_step_is_told_in_plain_words_without_secrets(desk: House) -> None:
    request = order_vpn(
        desk,
        Denied(
            "The directory refuses to make accounts.",
            detail="LDAP 50 insufficientAccessRights, bind password=hunter22 token=abcdef",
            advice="Give the service account the right to create entries.",
        ),
    )
    task = desk.task(request)

    page = text(desk.eva(), f"/work/{task.id}")

    assert "Make the account" in page
    assert "account dal" in page
    assert "It was refused: the portal may not do this there." in page
    assert "The directory refuses to make accounts." in page
    assert "Give the service account the right to create entries." in page
    assert "insufficientAccessRights" in page[page.index("<details>") :]
    assert "insufficientAccessRights" not in page[: page.index("<details>")]
    assert "hunter22" not in page
    assert "abcdef" not in page


def test_trying_again_goes_on(desk: House) -> None:
    request = order_vpn(desk, Denied("Not today."))
    task_id = desk.task(request).id

    again = desk.eva().send(f"/work/{task_id}/retry", page="/work")
    desk.cast.work()

    assert again.status_code == 303
    assert told(desk.cast.session, request) == ["account done"]
    assert desk.cast.session.get_one(ServiceRequest, request.id).state == "delivered"


@pytest.mark.parametrize(("path", "state"), [("skip", "skipped"), ("by-hand", "done")])
def test_skipping_and_doing_by_hand_ask_for_a_reason(desk: House, path: str, state: str) -> None:
    request = order_vpn(desk, Denied("Not today."))
    task_id = desk.task(request).id
    eva = desk.eva()

    asked = text(eva, f"/work/{task_id}/{path}")
    refused = eva.send(f"/work/{task_id}/{path}", {"reason": " "}, page="/work")
    between = desk.task(request).state
    done = eva.send(f"/work/{task_id}/{path}", {"reason": "The system is closed."}, page="/work")

    assert "Reason" in asked
    assert (refused.status_code, between, done.status_code) == (422, "failed", 303)
    assert desk.task(request).state == state
    assert "The system is closed." in text(eva, f"/requests/{request.number}")


def test_what_was_made_by_hand_is_known_to_later_steps(desk: House) -> None:
    request = order_vpn(desk, Denied("Not today."))
    task = desk.task(request)
    page = text(desk.eva(), f"/work/{task.id}/by-hand")

    desk.eva().send(f"/work/{task.id}/by-hand", {"reason": "Made it."}, page="/work")

    result = desk.task(request).result
    assert (result["key"], result["by_hand"]) == ("dal", True)
    assert f"ordna:{result['id']}" in page


def test_a_task_that_is_not_failed_is_neither_skipped_nor_done_by_hand(desk: House) -> None:
    request = order_phone(desk)
    task_id = desk.task(request).id
    eva = desk.eva()

    assert eva.get(f"/work/{task_id}/skip").status_code == 403
    for path in ("skip", "by-hand"):
        assert eva.send(f"/work/{task_id}/{path}", {"reason": "x"}, page="/work").status_code == 403
    assert desk.task(request).state == "ready"


def test_who_works_everywhere_reads_a_foreign_task_but_does_not_change_it(desk: House) -> None:
    cast = desk.cast
    request = order_phone(desk)
    cast.session.add(Grant(person_id=cast.olof.id, right="work", scope_kind="all", scope_ref=""))
    cast.session.commit()
    olof, task_id = desk.client(cast.olof), desk.task(request).id

    page = text(olof, f"/work/{task_id}")

    assert "belongs to another team" in page
    assert f"/work/{task_id}/done" not in page
    assert "Phone for Noah Dal" not in text(olof, "/work")
    assert "Phone for Noah Dal" in text(olof, "/work?team=telephony")
    form = {"result-serial": "1"}
    assert olof.send(f"/work/{task_id}/done", form, page="/work").status_code == 403
    assert olof.send(f"/work/{task_id}/take", page="/work").status_code == 403


def test_a_paused_system_stands_on_top(desk: House) -> None:
    order_vpn(desk, Misconfigured("The directory does not accept the password."))

    page = text(desk.eva(), "/work")

    assert "is paused" in page
    assert "1 step waits for it" in page
    assert 'href="/resources#staff-directory"' in page


def test_an_agent_for_one_system_mends_its_steps(desk: House) -> None:
    cast = desk.cast
    request = order_vpn(desk, Denied("Not today."))
    cast.session.add(
        Grant(person_id=cast.olof.id, right="work", scope_kind="resource", scope_ref="staff-directory")
    )
    olof, task_id = desk.client(cast.olof), desk.task(request).id

    listed, page = text(olof, "/work"), text(olof, f"/work/{task_id}")
    again = olof.send(f"/work/{task_id}/retry", page="/work")

    assert "Make the account" in listed
    assert f'href="/requests/{request.number}"' not in page
    assert again.headers["Location"] == "/work"
    cast.work()
    assert told(cast.session, request) == ["account done"]


def test_two_agents_who_finish_the_same_task_do_it_once(desk: House) -> None:
    request = order_phone(desk)
    task = desk.task(request)
    first, second = desk.eva(), desk.eva()

    one = first.send(f"/work/{task.id}/done", {"result-serial": "1"}, page="/work")
    other = second.send(f"/work/{task.id}/done", {"result-serial": "2"}, page="/work")

    assert (one.status_code, other.status_code) == (303, 409)
    assert desk.task(request).result["serial"] == "1"


def test_the_due_day_orders_the_queue(desk: House) -> None:
    cast = desk.cast
    early, late, none = (order_phone(desk, key, key) for key in ("early", "late", "none"))
    for request, days in ((early, 1), (late, 5), (none, None)):
        task = cast.session.scalars(select(Task).where(Task.request_id == request.id)).one()
        task.due_on = cast.today + timedelta(days=days) if days else None
    cast.session.commit()

    rows = work.queue(cast.session, cast.eva).rows

    assert [row.number for row in rows] == [early.number, late.number, none.number]
    assert [row.number for row in work.queue(cast.session, cast.eva, limit=2).rows] == [
        early.number,
        late.number,
    ]


def test_what_is_to_be_taken_back_waits_for_an_agent(desk: House) -> None:
    cast = desk.cast
    publish_text(
        cast.session,
        VPN.replace("id: vpn", "id: vpn-desk").replace(
            "holding:",
            """  - id: check
    task: {team: team/it-accounts, title: {sv: Titta, nb: Se, en: Look}}
holding:""",
        ),
    )
    request = ordering.submit(cast.session, cast.version("vpn-desk"), {}, actor=cast.noah, key="u")
    cast.work()
    from portal.domain import requests, withdrawing

    withdrawing.cancel(cast.session, requests.lock(cast.session, request.id), actor=cast.eva, note="")
    cast.session.commit()
    undo = cast.session.scalars(select(ServiceRequest).where(ServiceRequest.origin == "undo")).one()
    eva = desk.eva()

    page = text(eva, "/work")
    asked = text(eva, f"/work/undo/{undo.number}")
    counted = work.count(cast.session, cast.eva)
    done = eva.send(f"/work/undo/{undo.number}", page="/work")
    cast.work()

    assert "To decide" in page
    assert f"/work/undo/{undo.number}" in page
    assert "Take it back" in asked
    assert counted == 1
    assert done.status_code == 303
    assert told(cast.session, undo) == ["gone done"]
    assert not cast.store.objects["account"]
    assert eva.get(f"/work/undo/{undo.number}").status_code == 404
    assert desk.client(cast.olof).get(f"/work/undo/{undo.number}").status_code == 403


def test_the_verbs_and_the_queue_agree_on_who_may_do_what(desk: House) -> None:
    cast = desk.cast
    order_phone(desk)
    order_vpn(desk, Denied("Not today."))
    cast.session.add(
        Grant(person_id=cast.lars.id, right="work", scope_kind="resource", scope_ref="staff-directory")
    )
    cast.session.add(Grant(person_id=cast.sam.id, right="admin", scope_kind="all", scope_ref=""))
    cast.session.commit()

    for person in (cast.eva, cast.lars, cast.sam, cast.noah, cast.olof):
        listed = {row.task.id for row in work.queue(cast.session, person).rows}
        every = cast.session.scalars(select(Task).where(work.BY_HAND)).all()
        assert listed == {task.id for task in every if tasks.may_work(cast.session, task, person)}
        assert work.count(cast.session, person) == len(listed)
