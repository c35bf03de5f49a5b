"""Deciding from the link in a letter, and signed in."""

import threading
from collections import Counter
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from portal import clock
from portal.domain import approvals, messages, org, withdrawing
from portal.models.approval import Approval
from portal.models.request import Comment, ServiceRequest
from portal.models.team import Grant
from tests.cast import Cast
from tests.kit import TOKEN, Browser
from tests.views.stage import Stage


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def answer(browser: Browser, token: str, decision: str, *, revision: int = 1, comment: str = "") -> int:
    """Press a button on the page of the letter."""
    data = {"token": token, "decision": decision, "revision": str(revision), "comment": comment}
    return browser.send("/approve", data, page=f"/approve/{token}").status_code


def state(stage: Stage) -> str:
    """A digest of everything that a look must not change."""
    session = stage.cast.session
    tables = (
        "approval",
        "service_request",
        "task",
        "link",
        "audit_event",
        "outbound_mail",
        "comment",
        "sign_in",
    )
    rows = [tuple(session.execute(text(f"SELECT * FROM {name} ORDER BY id")).all()) for name in tables]
    session.rollback()
    return sha256(repr(rows).encode()).hexdigest()


def test_the_page_of_a_letter_says_all_that_is_needed_without_sign_in(stage: Stage) -> None:
    case = stage.order(stage.cast.noah, why="For the archive")
    token = stage.link(stage.approval(case))

    page = stage.nobody().get(f"/approve/{token}").get_data(as_text=True)

    for words in ("Noah Dal wants to order", "Card for Noah Dal", "129 SEK/month", "cost centre 41200",
                  "For the archive", "Ready by", "The manager decides about this service.",
                  "Noah Dal does not have this today.", "Answer by", "Ask Noah first"):  # fmt: skip
        assert words in page, words
    assert 'class="mainnav"' not in page


def test_l01_looking_changes_nothing_and_the_link_still_works(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case))
    nobody, mia = stage.nobody(), stage.browser(stage.cast.mia)
    before = state(stage)

    for browser in (nobody, mia):
        for method in ("GET", "HEAD", "OPTIONS"):
            for query in ("", "?answer=approve", "?answer=reject"):
                for _ in range(5):
                    assert browser.open(f"/approve/{token}{query}", method=method).status_code == 200

    assert state(stage) == before
    assert answer(nobody, token, "approve") == 303
    assert stage.approval(case).state == "approved"


def test_l03_a_post_without_the_pages_token_or_from_elsewhere_decides_nothing(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case))
    data = {"token": token, "decision": "approve", "revision": "1"}
    nobody = stage.nobody()
    form = TOKEN.search(nobody.get(f"/approve/{token}").get_data(as_text=True))
    assert form

    bare = nobody.post("/approve", data=data)
    foreign = nobody.post(
        "/approve", data=data | {"csrf_token": form[1]}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (bare.status_code, foreign.status_code) == (403, 403)
    assert stage.approval(case).state == "waiting"


def test_l04_whatever_has_happened_since_the_link_tells_and_changes_nothing(stage: Stage) -> None:
    cast = stage.cast
    session, nobody = cast.session, stage.nobody()
    cases = {
        name: stage.order(cast.noah) for name in ("approved", "rejected", "withdrawn", "sent back", "expired")
    }
    asked = {name: stage.approval(case) for name, case in cases.items()}
    tokens = {name: stage.link(asked[name]) for name in asked}
    tokens["expired"] = stage.link(asked["expired"], lasts=timedelta(seconds=-1))
    approvals.decide(session, asked["approved"], "approve", actor=cast.mia, revision=1, comment="Good idea")
    approvals.decide(session, asked["rejected"], "reject", actor=cast.mia, revision=1, comment="Too dear")
    withdrawing.withdraw(session, cases["withdrawn"], actor=cast.noah)
    messages.send_back(session, cases["sent back"], actor=cast.mia, question="Why?")
    session.commit()
    says = {
        "approved": (200, "Mia Berg approved this on", "Good idea"),
        "rejected": (200, "Mia Berg rejected this on", "Too dear"),
        "withdrawn": (200, "The order has been withdrawn", "no answer is needed"),
        "sent back": (200, "A question has been asked first", "Noah Dal"),
        "expired": (410, "The link is too old", "find under To do"),
    }

    for name, (status, *words) in says.items():
        looked = nobody.get(f"/approve/{tokens[name]}")
        page = looked.get_data(as_text=True)
        assert looked.status_code == status, name
        assert all(each in page for each in words), name
        assert 'name="decision"' not in page, name
        pressed = nobody.send("/approve", {"token": tokens[name], "decision": "approve", "revision": "1"})
        assert pressed.status_code == (410 if name == "expired" else 409), name

    session.expire_all()
    states = {name: stage.approval(case).state for name, case in cases.items()}
    assert states == {"approved": "approved", "rejected": "rejected", "withdrawn": "lapsed",
                      "sent back": "lapsed", "expired": "waiting"}  # fmt: skip


def test_an_old_link_tells_those_who_may_see_it_how_the_case_is(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case), lasts=timedelta(seconds=-1))

    page = stage.page(stage.cast.mia, f"/approve/{token}", status=410)

    assert "Card for Noah Dal" in page
    assert f"/requests/{case.number}/decide" in page


def test_l05_every_wrong_token_gets_the_same_page(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case))
    nobody = stage.nobody()
    wrong = [
        token[:index] + ("A" if byte != "A" else "B") + token[index + 1 :] for index, byte in enumerate(token)
    ]
    wrong += [token[:-1], token + "x", "%25", "_", "*", "' OR 1=1", "x" * 5000, "å", "[]", token.upper()]

    pages = {nobody.get(f"/approve/{each}").get_data(as_text=True).replace(each, "") for each in wrong}
    answers = Counter(nobody.get(f"/approve/{each}").status_code for each in wrong)
    posts = Counter(
        nobody.send("/approve", {"token": each, "decision": "approve", "revision": "1"}).status_code
        for each in ["", *wrong[-10:]]
    )

    assert answers == {404: len(wrong)}
    assert len({page.split("<main")[1] for page in pages}) == 1
    assert posts == {404: 11}
    assert stage.approval(case).state == "waiting"


def test_l06_only_the_hash_of_a_token_is_kept(stage: Stage) -> None:
    token = stage.link(stage.approval(stage.order(stage.cast.noah)))

    file = stage.cast.settings.data_dir / "portal.db"
    kept = b"".join(each.read_bytes() for each in (file, file.with_name(file.name + "-wal")) if each.exists())

    assert len(token) >= 43
    assert token.encode() not in kept
    assert sha256(token.encode()).hexdigest().encode() in kept


def test_l07_somebody_else_who_is_signed_in_is_refused(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    token = stage.link(stage.approval(case))

    for person in (cast.olof, cast.noah, cast.eva):
        looked = stage.browser(person).get(f"/approve/{token}")
        pressed = stage.post(person, "/approve", {"token": token, "decision": "approve", "revision": "1"})
        assert (looked.status_code, pressed.status_code) == (403, 403)
        assert "This link was sent to somebody else." in looked.get_data(as_text=True)

    assert stage.approval(case).state == "waiting"
    assert f"person {cast.olof.id} opened a link of person {cast.mia.id}" in caplog.text
    assert token not in caplog.text


def test_what_is_sensitive_asks_for_sign_in(stage: Stage) -> None:
    stage.sensitive_card()
    case = stage.order(stage.cast.noah, key="secret-card", why="canary words")
    token = stage.link(stage.approval(case))

    looked = stage.nobody().get(f"/approve/{token}")
    pressed = stage.nobody().send("/approve", {"token": token, "decision": "approve", "revision": "1"})

    assert looked.status_code == 302
    assert looked.headers["Location"] == f"/sign-in?next=/requests/{case.number}/decide"
    assert token not in looked.headers["Location"]
    assert pressed.status_code == 403
    assert "canary" in stage.page(stage.cast.mia, f"/approve/{token}")
    assert answer(stage.browser(stage.cast.mia), token, "approve") == 303


def test_somebody_with_administrative_rights_must_sign_in(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case))
    stage.cast.session.add(Grant(person_id=stage.cast.mia.id, right="admin", scope_kind="all", scope_ref=""))
    stage.cast.session.commit()

    assert stage.nobody().get(f"/approve/{token}").status_code == 302


def test_n11_who_has_been_replaced_is_told_so(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    approval = stage.approval(case)
    token = stage.link(approval)
    approval.person_id = cast.lars.id
    cast.session.commit()

    page = stage.nobody().get(f"/approve/{token}").get_data(as_text=True)

    assert "Somebody else is asked now." in page
    assert 'name="decision"' not in page
    assert (
        stage.nobody().send("/approve", {"token": token, "decision": "approve", "revision": "1"}).status_code
        == 409
    )


def test_a_no_needs_its_reason_and_keeps_what_was_chosen(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case))
    nobody = stage.nobody()
    data = {"token": token, "decision": "reject", "revision": "1", "comment": "  "}

    refused = nobody.send("/approve", data, page=f"/approve/{token}")

    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "<title>Error:" in page
    assert 'href="#comment"' in page
    assert "Write why you reject" in page
    assert answer(nobody, token, "reject", comment="We have enough") == 303
    stage.cast.session.expire_all()
    assert (case.state, stage.approval(case).comment) == ("rejected", "We have enough")


def test_asking_first_sends_the_question_and_lets_the_case_rest(stage: Stage) -> None:
    case = stage.order(stage.cast.noah)
    token = stage.link(stage.approval(case))
    nobody = stage.nobody()

    assert answer(nobody, token, "ask") == 422
    assert answer(nobody, token, "ask", comment="Which door?") == 303

    session = stage.cast.session
    session.expire_all()
    assert case.sent_back_at is not None
    assert session.scalars(select(Comment.text).where(Comment.request_id == case.id)).all() == ["Which door?"]
    assert "A question has been asked first" in nobody.get(f"/approve/{token}").get_data(as_text=True)


def test_n04_an_answer_is_for_the_revision_that_was_shown(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah, why="first words")
    messages.send_back(cast.session, case, actor=cast.mia, question="Why?")
    messages.resend(cast.session, case, {"why": "other words"}, actor=cast.noah)
    cast.session.commit()
    token = stage.link(stage.approval(case))
    nobody = stage.nobody()
    data = {"token": token, "decision": "approve", "revision": "1"}

    stale = nobody.send("/approve", data, page=f"/approve/{token}")

    assert stale.status_code == 409
    assert "The order has changed since you opened it." in stale.get_data(as_text=True)
    assert "other words" in stale.get_data(as_text=True)
    signed_in = stage.post(
        cast.mia, f"/requests/{case.number}/decide", {"decision": "approve", "revision": "1"}
    )
    assert signed_in.status_code == 409
    assert stage.approval(case).state == "waiting"
    assert answer(nobody, token, "approve", revision=2) == 303


def test_the_link_of_an_earlier_revision_says_that_the_order_has_changed(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    token = stage.link(stage.approval(case))
    messages.send_back(cast.session, case, actor=cast.mia, question="Why?")
    messages.resend(cast.session, case, {}, actor=cast.noah)
    cast.session.commit()

    assert "The order has changed since this was sent." in stage.nobody().get(f"/approve/{token}").get_data(
        as_text=True
    )


def test_deciding_signed_in_leads_on_to_what_is_left(stage: Stage) -> None:
    cast = stage.cast
    first, second = stage.order(cast.noah), stage.order(cast.noah)
    yes = {"decision": "approve", "revision": "1"}

    assert stage.post(cast.mia, f"/requests/{first.number}/decide", yes).headers["Location"] == "/todo"
    last = stage.post(cast.mia, f"/requests/{second.number}/decide", yes)

    assert last.headers["Location"] == f"/requests/{second.number}/decide"
    assert "Mia Berg approved this on" in stage.page(cast.mia, f"/requests/{second.number}/decide")


def test_a_stand_in_answers_for_who_is_away(stage: Stage) -> None:
    cast = stage.cast
    from portal.models.person import Delegation

    today = clock.today(cast.session)
    cast.session.add(Delegation(person_id=cast.mia.id, delegate_id=cast.lars.id, from_on=today, to_on=today))
    case = stage.order(cast.noah)
    assert [each.id for each in org.stand_ins_of(cast.session, cast.mia)] == [cast.lars.id]

    page = stage.page(cast.lars, f"/requests/{case.number}/decide")
    assert "You stand in for Mia Berg." in page
    stage.post(cast.lars, f"/requests/{case.number}/decide", {"decision": "approve", "revision": "1"})

    assert "Lars Alm approved for Mia Berg" in stage.page(cast.noah, f"/requests/{case.number}")


def test_several_are_approved_together_on_one_page(stage: Stage) -> None:
    cast = stage.cast
    cases = [stage.order(cast.noah) for _ in range(3)]
    refs = [f"{stage.approval(each).id}.1" for each in cases]

    assert stage.post(cast.mia, "/approvals/look").status_code == 422
    shown = stage.post(cast.mia, "/approvals/look", {"approval": refs[:2]}).get_data(as_text=True)
    assert "Approve 2 orders?" in shown
    assert stage.approval(cases[0]).state == "waiting"
    cast.session.commit()
    assert stage.post(cast.mia, "/approvals", {"approval": refs[:2]}).status_code == 303

    assert [stage.approval(each).state for each in cases] == ["approved", "approved", "waiting"]


def test_several_with_one_that_has_changed_are_all_left(stage: Stage) -> None:
    cast = stage.cast
    cases = [stage.order(cast.noah) for _ in range(2)]
    refs = [f"{stage.approval(cases[0]).id}.1", f"{stage.approval(cases[1]).id}.7"]

    assert stage.post(cast.mia, "/approvals", {"approval": refs}).status_code == 409

    assert [stage.approval(each).state for each in cases] == ["waiting", "waiting"]


def test_n01_fifty_presses_are_one_decision(stage: Stage) -> None:
    cast = stage.cast
    case = stage.order(cast.noah)
    number, request_id = case.number, case.id
    token = stage.link(stage.approval(case))
    browsers = []
    for _ in range(50):
        browser = stage.nobody()
        found = TOKEN.search(browser.get(f"/approve/{token}").get_data(as_text=True))
        assert found
        browsers.append((browser, found[1]))
    stage.app.config["PROPAGATE_FAULTS"] = False
    together, answers = threading.Barrier(50), []

    def press(browser: Browser, form: str) -> None:
        together.wait()
        data = {"csrf_token": form, "token": token, "decision": "approve", "revision": "1"}
        answers.append(browser.post("/approve", data=data).status_code)

    threads = [threading.Thread(target=press, args=each) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(answers) == {303: 1, 409: 49}
    cast.session.expire_all()
    decided = cast.session.scalars(select(Approval.state).where(Approval.request_id == request_id)).all()
    assert decided == ["approved"]
    found_case = cast.session.scalars(select(ServiceRequest).where(ServiceRequest.number == number)).one()
    assert found_case.state == "in_delivery"
