"""The demo's own pages: there only while it runs, and what they say is true."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock, create_app, demo_mode
from portal.demo import checklist, directory, entries, mark, pages, sources
from portal.demo.people import ISSUER, demo
from portal.domain import approvals, ordering
from portal.models.holding import Account
from portal.models.person import Identity, Person
from portal.models.work import OutboundMail
from portal.work.mail import send_due
from tests.cast import Cast, publish_shipped
from tests.kit import Browser

PAGES = ("/demo", "/demo/mail", "/demo/mail/1", "/demo/mail/1/frame", "/demo/clock", "/demo/directory")


@pytest.fixture
def story(cast: Cast) -> Cast:
    """The cast as the demo's people, with letters in a folder."""
    cast.settings.take({"mail.folder": (str(cast.settings.data_dir / "mail"), "test")})
    for key, person in (("ingrid", cast.sam), ("johan", cast.mia)):
        cast.session.add(Identity(person_id=person.id, issuer=ISSUER, subject=key))
    mark.note_made(cast.session)
    cast.session.commit()
    return cast


def app_of(cast: Cast, *, on: bool = True, code: str = "") -> Flask:
    """Make the app, as a demo or not."""
    app = create_app(cast.settings, cast.database, also=[pages.bp])
    app.config["PROPAGATE_FAULTS"] = True
    app.test_client_class = Browser
    if on:
        demo_mode.switch_on(app, demo(code=code))
    return app


@pytest.fixture
def browser(story: Cast) -> Browser:
    """A browser at the running demo."""
    client = app_of(story).test_client()
    assert isinstance(client, Browser)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def order(cast: Cast, **answers: object) -> None:
    """Order an account for somebody who comes in three days and stays a week."""
    publish_shipped(cast.session, "employee-account")
    first, last = cast.today + timedelta(days=3), cast.today + timedelta(days=10)
    given = {
        "worked_here": False,
        "given_name": "Åsa",
        "surname": "Öberg",
        "form": "seasonal",
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "job_title": "Nationalparksvärd",
        "at_unit": cast.unit.id,
        "workplace": "field",
        **answers,
    }
    ordering.submit(cast.session, cast.version("employee-account"), given, actor=cast.sam, key="k1")
    cast.session.commit()
    send_due(cast.database, cast.settings)
    cast.session.expire_all()


def approve(cast: Cast) -> None:
    """Let the manager say yes from the letter."""
    (approval,) = approvals.waiting_for(cast.session, cast.mia)
    approvals.decide(
        cast.session, approval, "approve", actor=cast.mia, revision=approval.revision, channel="link"
    )
    cast.work()


@pytest.mark.parametrize("page", PAGES)
def test_without_the_demo_its_pages_are_not_there(story: Cast, page: str) -> None:
    order(story)
    assert app_of(story, on=False).test_client().get(page).status_code == 404
    assert app_of(story, code="123456").test_client().get(page).status_code == 404
    assert app_of(story).test_client().get(page).status_code == 200


@pytest.mark.parametrize("page", ["/demo/clock", "/demo/directory"])
def test_without_the_demo_nothing_can_be_turned(story: Cast, page: str) -> None:
    client = app_of(story, on=False).test_client()
    assert isinstance(client, Browser)

    assert client.send(page, {"days": "1"}).status_code == 404
    story.session.expire_all()
    assert clock.offset_days(story.session) == 0
    assert directory.away_until(story.settings.data_dir) == 0


def test_the_mailbox_lists_letters_newest_first_and_those_of_one_person(
    story: Cast, browser: Browser
) -> None:
    order(story)

    page = browser.get("/demo/mail").get_data(as_text=True)
    only = browser.get(f"/demo/mail?person={story.mia.id}").get_data(as_text=True)

    assert page.index("mia@example.test") < page.index("sam@example.test")
    assert "mia@example.test" in only
    assert "sam@example.test" not in only


def test_a_letter_of_the_time_before_is_listed_after_todays(story: Cast, browser: Browser) -> None:
    with clock.at(clock.now() - timedelta(days=2)):
        order(story)
    (approval,) = approvals.waiting_for(story.session, story.mia)
    approvals.remind(story.session, approval, actor=None)
    story.session.commit()
    send_due(story.database, story.settings)

    page = browser.get("/demo/mail").get_data(as_text=True)
    second = browser.get("/demo/mail?page=2").get_data(as_text=True)

    assert page.index("/demo/mail/3") < page.index("/demo/mail/2") < page.index("/demo/mail/1")
    assert "/demo/mail/1" not in second


def test_a_letter_stands_in_a_frame_that_can_do_nothing(story: Cast, browser: Browser) -> None:
    order(story)

    page, frame = browser.get("/demo/mail/2"), browser.get("/demo/mail/2/frame")

    text = page.get_data(as_text=True)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    assert 'src="/demo/mail/2/frame"' in text
    assert page.headers["Content-Security-Policy"] == pages.FRAMING
    assert "frame-src 'self'" in pages.FRAMING
    assert frame.headers["Content-Security-Policy"] == pages.LETTER
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    letter = frame.get_data(as_text=True)
    assert letter.count("<a href=") == letter.count('target="_blank" rel="noopener"') > 1
    assert "http://localhost/approve/" in letter


def test_a_letter_that_was_never_written_is_not_found(story: Cast, browser: Browser) -> None:
    order(story)
    for file in (story.settings.data_dir / "mail").iterdir():
        file.unlink()

    assert browser.get("/demo/mail/1").status_code == 404
    assert browser.get("/demo/mail/99").status_code == 404
    assert "Letters appear here" in browser.get("/demo/mail").get_data(as_text=True)


def test_the_clock_says_what_is_coming_and_then_what_came(story: Cast, browser: Browser) -> None:
    order(story)
    approve(story)
    before = browser.get("/demo/clock").get_data(as_text=True)

    answer = browser.send("/demo/clock", {"days": "3"}, page="/demo/clock")
    after = browser.get(answer.headers["Location"]).get_data(as_text=True)

    assert "the wait is over (Wait for the first day)" in before
    assert "Open the account" in after
    assert "letters were sent" in after or "letter was sent" in after
    story.session.expire_all()
    story.session.rollback()
    assert clock.offset_days(story.session) == 3


def test_the_clock_foretells_the_day_that_something_closes(story: Cast, browser: Browser) -> None:
    order(story)
    approve(story)
    browser.send("/demo/clock", {"days": "3"}, page="/demo/clock")

    page = browser.get("/demo/clock").get_data(as_text=True)
    answer = browser.send("/demo/clock", {"days": "8"}, page="/demo/clock")
    after = browser.get(answer.headers["Location"]).get_data(as_text=True)

    assert "Åsa Öberg: Account asaobe is closed" in page
    assert "Ending: Account for a new employee for Åsa Öberg" in after


@pytest.mark.parametrize("days", ["0", "-1", "61", "x", "", "9999999999"])
def test_the_clock_is_not_turned_back_or_far(story: Cast, browser: Browser, days: str) -> None:
    answer = browser.send("/demo/clock", {"days": days}, page="/demo/clock")

    assert answer.status_code == 422
    assert clock.offset_days(story.session) == 0


def test_a_day_of_the_calendar_can_be_chosen(story: Cast, browser: Browser) -> None:
    until = (story.today + timedelta(days=2)).isoformat()
    story.session.rollback()

    assert browser.send("/demo/clock", {"until": until}, page="/demo/clock").status_code == 303
    assert clock.offset_days(story.session) == 2


def test_links_live_on_the_machines_clock(story: Cast, browser: Browser) -> None:
    order(story)
    story.session.rollback()
    browser.send("/demo/clock", {"days": "40"}, page="/demo/clock")

    page = browser.get("/demo/clock").get_data(as_text=True)
    assert "machine" in page
    mail = story.session.scalars(select(OutboundMail).where(OutboundMail.template == "approve")).first()
    assert mail is not None
    assert mail.sent_at is not None
    assert abs(mail.sent_at - clock.now()) < timedelta(minutes=5)


def test_the_directory_can_be_taken_away_for_a_minute_and_brought_back(story: Cast, browser: Browser) -> None:
    data = story.settings.data_dir

    browser.send("/demo/directory", page="/demo/clock")
    away = directory.away_until(data)
    page = browser.get("/demo/directory").get_data(as_text=True)
    browser.send("/demo/directory", {"back": "1"}, page="/demo/clock")

    assert 50 < away - clock.now().timestamp() <= 60
    assert "Bring it back now" in page
    assert directory.away_until(data) == 0


def test_the_directory_page_shows_the_line_and_what_was_read(story: Cast, browser: Browser) -> None:
    (story.settings.data_dir / "directory.ready").write_text('{"port": 6636, "base": "dc=example", "pid": 1}')
    order(story)
    approve(story)
    account = story.session.scalars(select(Account).where(Account.kind == "account")).one()

    page = browser.get("/demo/directory").get_data(as_text=True)

    assert f"LDAPTLS_CACERT={story.settings.data_dir / 'tls' / 'ca.pem'} ldapsearch" in page
    assert "ldaps://localhost:6636" in page
    assert f"(uid={account.key})" in page
    assert "pwdAccountLockedTime" in page
    assert account.stable_id in page
    assert "alla-anstallda" in page
    assert (story.settings.data_dir / "directory.password").name in page


def test_the_account_that_was_made_last_is_shown_first(story: Cast, browser: Browser) -> None:
    order(story)
    approve(story)
    made = story.session.scalars(select(Account).where(Account.kind == "account")).one()
    older = Account(resource=made.resource, kind="account", key="noadal", values={}, state="live")
    older.person_id, older.created_at = story.noah.id, made.created_at - timedelta(days=300)
    story.session.add(older)
    story.session.commit()

    assert [person.surname for person in entries.people(story.session)][:2] == ["Öberg", story.noah.surname]
    assert made.stable_id in browser.get("/demo/directory").get_data(as_text=True)


def test_a_protected_person_is_not_shown_from_the_directory(story: Cast, browser: Browser) -> None:
    order(story)
    approve(story)
    person = story.session.scalars(select(Person).where(Person.surname == "Öberg")).one()
    shown = browser.get(f"/demo/directory?person={person.id}").get_data(as_text=True)
    person.is_protected = True
    story.session.commit()

    hidden = browser.get(f"/demo/directory?person={person.id}").get_data(as_text=True)

    assert "asaobe" in shown
    assert "asaobe" not in hidden


def test_the_list_ticks_itself_as_the_story_goes(story: Cast) -> None:
    def done() -> list[str]:
        story.session.rollback()
        return [each.at for each in checklist.ticks(story.session) if each.done]

    assert done() == []
    order(story)
    assert done() == ["0:00"]
    approve(story)
    assert done() == ["0:00", "1:30", "2:30"]
    story.next_day(3)
    assert done() == ["0:00", "1:30", "2:30", "3:30"]


def test_what_history_holds_does_not_tick_the_list(story: Cast) -> None:
    made = mark.made_at(story.session)
    with clock.at(made - timedelta(days=2)):
        order(story)
        approve(story)

    assert [each.at for each in checklist.ticks(story.session) if each.done] == []


def test_every_line_of_the_list_has_a_question_behind_it() -> None:
    assert {each["done"] for each in sources.story()["checklist"]} == set(checklist.DONE)


def test_the_first_page_shows_the_story_and_whom_to_be(story: Cast, browser: Browser) -> None:
    page = browser.get("/demo").get_data(as_text=True)

    assert "Sam Holm" in page
    assert "Mia Berg" in page
    assert page.count('<li class="card card-body') == len(checklist.DONE)


@pytest.mark.parametrize("path", ["/demo/mail?person=", "/demo/clock?since=", "/demo/directory?person="])
def test_i11_a_number_that_no_database_holds_is_no_number(browser: Browser, path: str) -> None:
    assert browser.get(f"{path}{2**63}").status_code == 200
