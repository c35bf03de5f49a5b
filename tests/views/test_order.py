"""Ordering on the web: the form without JavaScript, its live part, drafts, sending once, refusals."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.domain import items, ordering
from portal.models.person import Person
from portal.models.request import Order, ServiceRequest
from tests.cast import Cast, publish_text
from tests.views.stage import CARD, Stage

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


class Form:
    """The order form as a browser without JavaScript holds it."""

    def __init__(self, stage: Stage, person: Person, path: str = "/order/card") -> None:
        """Open the page and read its hidden fields."""
        self.stage, self.person = stage, person
        self.item = path.partition("?")[0].rpartition("/")[2]
        self.page = stage.page(person, path)
        self.take(self.page)

    def take(self, page: str) -> None:
        """Read the hidden fields of the order form."""
        self.hidden = dict(HIDDEN.findall(page.partition('id="order"')[2].partition("</form>")[0]))

    def send(self, answers: Mapping[str, Any] | None = None, *, to: str = "", **fields: Any) -> TestResponse:
        """Send the form; answers by question, other fields by their own names."""
        data: MultiDict[str, Any] = MultiDict(self.hidden)
        for name, value in (answers or {}).items():
            data.setlist(f"a.{name}", value if isinstance(value, list) else [value])
        data.update(fields)
        answer = self.stage.browser(self.person).post(f"/order/{self.item}{to}", data=data)
        self.stage.cast.session.expire_all()
        if answer.mimetype == "text/html" and answer.status_code != 303 and not to:
            self.take(answer.get_data(as_text=True))
        return answer


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def cases(stage: Stage) -> list[ServiceRequest]:
    return list(stage.cast.session.scalars(select(ServiceRequest).order_by(ServiceRequest.id)))


def test_the_form_says_what_it_costs_who_approves_and_when_it_is_ready(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/order/card")

    assert "129 SEK/month" in page
    assert "Mia Berg approves" in page
    assert "if Mia Berg answers today." in page
    assert "Print the card" in page
    assert "41200" in page


def test_an_order_is_placed_without_javascript(stage: Stage) -> None:
    answer = Form(stage, stage.cast.noah).send({"why": "I change offices"})
    [case] = cases(stage)

    assert answer.status_code == 303
    assert (case.state, case.answers) == ("in_approval", {"why": "I change offices"})
    assert answer.location == f"/order/card/sent/{case.number}"
    page = stage.page(stage.cast.noah, answer.location)
    assert case.number in page
    assert "Mia Berg is asked to approve" in page
    assert 'href="/order/card"' in page


def test_pressing_twice_places_one_order(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    first, second = form.send({"why": "twice"}), form.send({"why": "twice"})
    other = form.send({"why": "something else"})

    assert first.location == second.location
    assert other.status_code == 422
    assert "already been sent" in text(other)
    assert len(cases(stage)) == 1


def test_somebody_elses_key_is_ones_own_order(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    form.send({"why": "mine"})
    stranger = Form(stage, stage.cast.olof)
    stranger.hidden["key"] = form.hidden["key"]
    stranger.send({"why": "mine"})

    assert [case.requester for case in cases(stage)] == [stage.cast.noah, stage.cast.olof]


def test_what_is_wrong_is_said_at_its_field_and_every_value_is_kept(stage: Stage) -> None:
    answer = Form(stage, stage.cast.noah).send({"why": "I <b>need</b> it", "until": "2399-01-01"})
    page = text(answer)

    assert answer.status_code == 422
    assert "<title>Error:" in page
    assert '<a href="#q-until">' in page
    assert 'value="2399-01-01"' in page
    assert "I &lt;b&gt;need&lt;/b&gt; it" in page
    assert cases(stage) == []


@pytest.mark.parametrize("name", ["status", "price_monthly", "requester_id", "is_admin", "approver"])
def test_i12_fields_that_nobody_asks_for_are_refused(stage: Stage, name: str) -> None:
    answer = Form(stage, stage.cast.noah).send({"why": "x", name: "approved"})

    assert answer.status_code == 422
    assert f"There is no question called “{name}”." in text(answer)
    assert cases(stage) == []


def test_i12_other_fields_of_the_form_change_nothing(stage: Stage) -> None:
    Form(stage, stage.cast.noah).send({"why": "x"}, state="delivered", price_monthly="1", requester_id="1")
    [case] = cases(stage)

    assert (case.state, case.requester, str(case.price_monthly)) == ("in_approval", stage.cast.noah, "129")


def test_a_form_without_a_key_of_ours_is_refused(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    form.hidden["key"] = "x' or 1=1"

    assert form.send({"why": "x"}).status_code == 422
    assert cases(stage) == []


def test_a_service_that_changed_meanwhile_is_looked_through_first(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    dearer = CARD.format(id="card", by="manager", sensitive="false").replace("129", "999")
    publish_text(stage.cast.session, dearer)

    refused = form.send({"why": "x"})
    again = form.send({"why": "x"})

    assert refused.status_code == 422
    assert "This service has changed since you opened it." in text(refused)
    assert "999 SEK/month" in text(refused)
    assert again.status_code == 303


def test_somebody_who_leads_orders_for_somebody_else(stage: Stage) -> None:
    stage.page(stage.cast.mia, "/order/card")
    form = Form(stage, stage.cast.mia)
    looked = form.send({}, **{"for": "other", "for_person_query": "noa", "search": "for_person"})
    sent = form.send({}, **{"for": "other", "for_person": str(stage.cast.noah.id)})
    [case] = cases(stage)

    assert looked.status_code == 200
    assert "Noah Dal" in text(looked)
    assert sent.status_code == 303
    assert (case.requester, case.beneficiary) == (stage.cast.mia, stage.cast.noah)
    assert "Your order is the approval" in stage.page(stage.cast.mia, sent.location)


def test_nobody_is_ordered_for_unless_they_may_be(stage: Stage) -> None:
    form = Form(stage, stage.cast.mia)
    nobody = form.send({}, **{"for": "other"})
    stranger = form.send({}, **{"for": "other", "for_person": str(stage.cast.olof.id)})

    assert nobody.status_code == stranger.status_code == 422
    assert "Search for and choose the person it is for." in text(stranger)
    assert "Olof" not in text(stranger)
    assert cases(stage) == []


def test_those_who_lead_nobody_are_not_asked_whom_it_is_for(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/order/card")
    answer = Form(stage, stage.cast.noah).send({}, **{"for": "other", "for_person": str(stage.cast.mia.id)})
    [case] = cases(stage)

    assert "Who is it for?" not in page
    assert answer.status_code == 303
    assert case.beneficiary == stage.cast.noah


def test_enter_in_a_search_field_searches_and_elsewhere_sends(stage: Stage) -> None:
    form = Form(stage, stage.cast.mia)
    searched = form.send({}, **{"for": "other", "for_person_query": "noa", "enter": "1"})
    sent = form.send({}, **{"for": "me", "enter": "1"})

    assert searched.status_code == 200
    assert sent.status_code == 303


def test_the_live_part_shows_the_questions_and_the_price_and_writes_nothing(stage: Stage) -> None:
    stage.shipped("employee-account")
    form = Form(stage, stage.cast.sam, "/order/employee-account")
    seasonal = form.send({"form": "seasonal", "workplace": "field"}, to="/live")
    permanent = form.send({"form": "permanent", "workplace": "field"}, to="/live")

    assert 'id="q-last_day"' in text(seasonal)
    assert "79 SEK/month" in text(seasonal)
    assert 'id="q-last_day"' not in text(permanent)
    assert "129 SEK/month" in text(permanent)
    assert "<html" not in text(permanent)
    assert cases(stage) == []


def test_the_live_part_says_only_what_is_wrong_where_somebody_has_been(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    before = form.send({"until": "2399-01-01"}, to="/live")
    after = form.send({"until": "2399-01-01"}, to="/live", touched="a.until")

    assert "q-until-err" not in text(before)
    assert "q-until-err" in text(after)


def test_answers_that_bring_up_questions_are_not_sent_before_those_were_seen(stage: Stage) -> None:
    stage.shipped("employee-account")
    form = Form(stage, stage.cast.sam, "/order/employee-account")
    answers = {
        "worked_here": "no",
        "given_name": "Åsa",
        "surname": "Öberg",
        "form": "fixed_term",
        "first_day": stage.cast.today.isoformat(),
        "last_day": stage.cast.today.isoformat(),
        "job_title": "Vakt",
        "at_unit": str(stage.cast.unit.id),
        "workplace": "field",
    }
    first = form.send(answers)
    second = form.send(answers)
    changed = form.send({**answers, "form": "permanent"})

    assert first.status_code == 422
    assert "Your answers brought up new questions." in text(first)
    assert second.status_code == 303
    assert changed.status_code == 422
    assert "is no longer asked with these answers" in text(changed)


def test_a_draft_is_kept_resumed_and_sent_under_its_number(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    kept = form.send({"why": "half", "until": "someday"}, draft="1")
    [draft] = cases(stage)
    resumed = Form(stage, stage.cast.noah, f"/order/card?draft={draft.number}")
    sent = resumed.send({"why": "whole"})

    assert kept.location == f"/order/card?draft={draft.number}"
    assert "half" in resumed.page
    assert 'value="someday"' in resumed.page
    assert sent.location == f"/order/card/sent/{draft.number}"
    assert [(case.number, case.state) for case in cases(stage)] == [(draft.number, "in_approval")]


def test_a_draft_that_no_form_has_saved_is_sent_under_its_number_too(stage: Stage) -> None:
    session, noah = stage.cast.session, stage.cast.noah
    version = items.current(session, "card")
    assert version is not None
    draft = ordering.save_draft(session, version, {"why": "half"}, actor=noah, beneficiary=noah)
    session.commit()
    sent = Form(stage, noah, f"/order/card?draft={draft.number}").send({"why": "whole"})

    assert sent.location == f"/order/card/sent/{draft.number}"
    assert [(case.number, case.state) for case in cases(stage)] == [(draft.number, "in_approval")]


def test_saving_by_itself_keeps_one_draft(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    said = [text(form.send({"why": words}, to="/draft")) for words in ("a", "a b", "a b c")]
    [draft] = cases(stage)

    assert all(re.fullmatch(r"Draft saved \d\d:\d\d", line) for line in said)
    assert draft.answers["why"] == "a b c"


def test_a_draft_is_nobody_elses(stage: Stage) -> None:
    Form(stage, stage.cast.noah).send({"why": "half"}, draft="1")
    [draft] = cases(stage)
    stranger = Form(stage, stage.cast.olof)

    assert stage.browser(stage.cast.olof).get(f"/order/card?draft={draft.number}").status_code == 404
    assert stranger.send({}, to="/discard", draft=draft.number).status_code == 404
    assert cases(stage)[0].state == "draft"


def test_a_draft_can_be_thrown_away(stage: Stage) -> None:
    form = Form(stage, stage.cast.noah)
    form.send({"why": "half"}, draft="1")
    [draft] = cases(stage)
    answer = form.send({}, to="/discard", draft=draft.number)

    assert answer.status_code == 303
    assert cases(stage)[0].state == "cancelled"


def test_an_earlier_order_is_ordered_again_by_who_placed_it(stage: Stage) -> None:
    case = stage.order(stage.cast.noah, why="once more")

    assert "once more" in stage.page(stage.cast.noah, f"/order/card?again={case.number}")
    assert stage.browser(stage.cast.mia).get(f"/order/card?again={case.number}").status_code == 404
    assert stage.browser(stage.cast.olof).get(f"/order/card?again={case.number}").status_code == 404


def test_answers_named_in_the_address_are_filled_in_and_others_left(stage: Stage) -> None:
    page = stage.page(stage.cast.noah, "/order/card?why=By+a+link&nothing=1")

    assert "By a link" in page
    assert "There is no question" not in page


def test_the_confirmation_is_for_who_ordered(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)

    assert stage.browser(stage.cast.olof).get(f"/order/card/sent/{case.number}").status_code == 404
    assert stage.browser(stage.cast.mia).get(f"/order/card/sent/{case.number}").status_code == 404


def test_what_one_may_not_order_is_not_there(stage: Stage) -> None:
    stage.shipped("employee-account")
    browser = stage.browser(stage.cast.noah)

    assert browser.get("/order/employee-account").status_code == 404
    assert browser.get("/order/nothing").status_code == 404
    assert stage.nobody().get("/order/card").status_code == 302


def test_without_an_account_one_is_told_before_filling_in(stage: Stage) -> None:
    stage.shipped("remote-work")
    page = stage.page(stage.cast.noah, "/order/remote-work")

    assert "Noah Dal has no account yet. Order an account first." in page


def test_information_and_links_are_read_and_never_ordered(stage: Stage) -> None:
    stage.shipped("guest-wifi", "payslip")
    wifi, pay = (
        stage.page(stage.cast.noah, "/order/guest-wifi"),
        stage.page(stage.cast.noah, "/order/payslip"),
    )
    form = Form(stage, stage.cast.noah)
    form.item = "guest-wifi"

    assert "<strong>Gäst</strong>" in wifi
    assert 'href="https://hr.example/en/pay"' in pay
    assert form.send({}).status_code == 404
    assert stage.cast.session.scalars(select(Order)).all() == []


def test_a_protected_name_is_not_told_to_those_who_order_beside(stage: Stage) -> None:
    stage.cast.mia.is_protected = True
    page = stage.page(stage.cast.noah, "/order/card")

    assert "Mia Berg" not in page
    assert "Person with protected identity approves" in page


def test_a_link_that_is_no_address_is_not_followed(stage: Stage) -> None:
    stage.shipped("payslip")
    version = stage.cast.version("payslip")
    version.text = version.text.replace("https://hr.example/en/pay", "javascript:alert(1)")
    version.digest = "changed"
    page = stage.page(stage.cast.noah, "/order/payslip")

    assert "javascript:" not in page
    assert "https://hr.example" not in page
