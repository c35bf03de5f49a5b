"""Signing in and out."""

import re
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock, create_app, demo_mode
from portal.auth import end_all, safe_next
from portal.db import Database
from portal.models.person import Person
from portal.models.sign_in import FailedSignIn, SignIn
from portal.settings import Settings
from tests.kit import Browser, local_account, person

PASSWORD = "correct horse battery"
WHO = re.compile(r'<p class="me-who">([^<]+)</p>')


@pytest.fixture
def mia(database: Database) -> int:
    with database.session() as session:
        mia = person(session, "Mia", "Lind")
        local_account(session, mia, "mia", PASSWORD)
        session.commit()
        return mia.id


def who(client: Browser) -> str:
    found = WHO.search(client.get("/sign-in").text)
    return found[1] if found else ""


def test_the_right_password_signs_in(client: Browser, mia: int) -> None:
    answer = client.sign_in("Mia ", PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert who(client) == "Mia Lind"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("mia", "guess-77"),
        ("nobody", PASSWORD),
        ("mia", "x" * 1025),
        ("*", PASSWORD),
        ("mia\u0131", PASSWORD),
    ],
)
def test_a02_whatever_is_wrong_the_answer_is_the_same(
    client: Browser, mia: int, username: str, password: str
) -> None:
    answer = client.sign_in(username, password)

    assert answer.status_code == 422
    assert "<title>Fel:" in answer.text or "<title>Error:" in answer.text
    assert who(client) == ""
    assert password not in answer.text


@pytest.mark.parametrize(("username", "password"), [("", PASSWORD), ("mia", "")])
def test_a12_empty_is_refused(client: Browser, mia: int, username: str, password: str) -> None:
    assert client.sign_in(username, password).status_code == 422
    assert who(client) == ""


def test_a01_the_session_is_new_after_the_sign_in_and_old_cookies_are_worthless(
    client: Browser, mia: int
) -> None:
    client.get("/sign-in")
    before = client.get_cookie("ordna-8000")
    client.sign_in("mia", PASSWORD)
    inside = client.get_cookie("ordna-8000")
    assert before is not None
    assert inside is not None

    client.send("/sign-out")
    client.set_cookie("ordna-8000", inside.value)

    assert before.value != inside.value
    assert who(client) == ""


def test_a01_cookies_are_locked_up(settings: Settings, database: Database, mia: int) -> None:
    settings.take({"portal.base_url": ("https://portal.example.org", "test")})
    app = create_app(settings, database)

    answer = app.test_client().get("/sign-in", base_url="https://portal.example.org")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-ordna=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("steps", "stays"), [([1], True), ([5], False), ([3, 3, 3], True), ([3, 3, 3, 3, 3], False)]
)
def test_a01_a_stay_ends_when_idle_and_at_the_latest_after_twelve_hours(
    client: Browser, mia: int, steps: list[int], stays: bool
) -> None:
    with clock.at(clock.now()) as frozen:
        client.sign_in("mia", PASSWORD)
        for hours in steps:
            frozen.move(hours=hours)
            name = who(client)

    assert (name == "Mia Lind") is stays


@pytest.mark.parametrize("how", ["disabled", "hidden", "all sessions ended"])
def test_a03_a_disabled_person_is_out_at_the_next_request(
    client: Browser, database: Database, mia: int, how: str
) -> None:
    client.sign_in("mia", PASSWORD)
    with database.session() as session:
        found = session.get_one(Person, mia)
        if how == "disabled":
            found.is_disabled = True
        elif how == "hidden":
            found.is_hidden = True
        else:
            end_all(session, found)
        session.commit()

    assert who(client) == ""


def test_a03_a_disabled_person_cannot_sign_in(client: Browser, database: Database, mia: int) -> None:
    with database.session() as session:
        session.get_one(Person, mia).is_disabled = True
        session.commit()

    assert client.sign_in("mia", PASSWORD).status_code == 422


def test_a11_guessing_is_slowed_for_the_guesser_and_nobody_else(
    app: Flask, client: Browser, mia: int
) -> None:
    with clock.at(clock.now()) as frozen:
        answers = [client.sign_in("mia", "guess").status_code for _ in range(6)]
        right_but_late = client.sign_in("mia", PASSWORD).status_code
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        assert isinstance(elsewhere, Browser)
        from_home = elsewhere.sign_in("mia", PASSWORD).status_code
        frozen.move(minutes=11)
        after_the_pause = client.sign_in("mia", PASSWORD).status_code

    assert answers == [422] * 5 + [429]
    assert (right_but_late, from_home, after_the_pause) == (429, 303, 303)


def test_what_was_typed_as_user_name_is_not_kept(client: Browser, database: Database, mia: int) -> None:
    client.sign_in("my-password-by-mistake", "x")

    with database.read_session() as session:
        [failed] = session.scalars(sa.select(FailedSignIn)).all()
    assert "my-password" not in failed.account
    assert len(failed.account) == 64


def test_the_cookies_secret_is_not_in_the_database(client: Browser, database: Database, mia: int) -> None:
    client.sign_in("mia", PASSWORD)

    with client.session_transaction() as cookie, database.read_session() as session:
        [stay] = session.scalars(sa.select(SignIn)).all()
        assert cookie["token"] != stay.hash


def test_without_local_accounts_there_is_no_password_form(
    settings: Settings, database: Database, mia: int
) -> None:
    settings.take({"signin.local": (False, "test")})
    client = Browser(create_app(settings, database))

    assert 'autocomplete="current-password"' not in client.get("/sign-in").text
    assert (
        client.send("/sign-in", {"username": "mia", "password": PASSWORD}, page="/sign-in").status_code == 404
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/requests/B26-01482?tab=1", "/requests/B26-01482?tab=1"),
        ("", "/"),
        (None, "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("requests", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_after_the_sign_in_one_lands_in_the_portal(target: str | None, expected: str) -> None:
    assert safe_next(target) == expected


def test_the_language_is_the_settings_then_the_cookies_then_the_browsers(
    client: Browser, database: Database, mia: int
) -> None:
    def language(accepts: str = "") -> str:
        text = client.get("/sign-in", headers={"Accept-Language": accepts}).text
        return text.split('<html lang="')[1][:2]

    seen = [language(), language("nn-NO,en;q=0.5"), language("de,en-US;q=0.5"), language("de")]
    client.send("/preferences/language", {"language": "nb"})
    seen.append(language("en"))
    client.sign_in("mia", PASSWORD)
    client.send("/preferences/language", {"language": "en"})
    client.send("/sign-out")
    client.sign_in("mia", PASSWORD)
    seen.append(language("nb"))

    assert seen == ["sv", "nb", "en", "sv", "nb", "en"]
    with database.read_session() as session:
        assert session.get_one(Person, mia).language == "en"


def test_colours_are_remembered(client: Browser, database: Database, mia: int) -> None:
    client.sign_in("mia", PASSWORD)

    answer = client.send("/preferences/theme", {"theme": "dark", "next": "/mine"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/mine")
    assert 'data-theme="dark"' in client.get("/sign-in").text


@pytest.mark.parametrize(("path", "field"), [("language", "tlh"), ("theme", "neon"), ("theme", "")])
def test_an_unknown_preference_is_refused(client: Browser, path: str, field: str) -> None:
    assert client.send(f"/preferences/{path}", {path: field}).status_code == 422


class TestDemo:
    """One click in the demo."""

    @pytest.fixture
    def demo(self, app: Flask, mia: int) -> demo_mode.Demo:
        def people(_session: Session) -> Sequence[demo_mode.OneClick]:
            return [demo_mode.OneClick(mia, "Mia Lind", "chef", "Mia has three orders to answer.")]

        demo = demo_mode.Demo(people=people, banner=lambda _session: {}, code="482913")
        demo_mode.switch_on(app, demo)
        return demo

    def test_there_is_no_demo_unless_it_runs(self, client: Browser, mia: int) -> None:
        assert client.send(f"/sign-in/as/{mia}").status_code == 404
        assert client.send("/sign-in/code", {"code": ""}).status_code == 404

    def test_without_the_code_nothing_of_it_is_shown(
        self, client: Browser, demo: demo_mode.Demo, mia: int
    ) -> None:
        assert "Mia Lind" not in client.get("/sign-in").text
        assert client.send(f"/sign-in/as/{mia}").status_code == 404

    def test_with_the_code_one_click_is_enough(self, client: Browser, demo: demo_mode.Demo, mia: int) -> None:
        client.send("/sign-in/code", {"code": " 482913 "})

        assert "Mia has three orders" in client.get("/sign-in").text
        assert client.send(f"/sign-in/as/{mia}").status_code == 303
        assert who(client) == "Mia Lind"

    def test_only_the_demos_people_are_one_click_away(
        self, client: Browser, database: Database, demo: demo_mode.Demo
    ) -> None:
        with database.session() as session:
            other = person(session, "Olof").id
            session.commit()
        client.send("/sign-in/code", {"code": "482913"})

        assert client.send(f"/sign-in/as/{other}").status_code == 404

    def test_the_code_cannot_be_guessed_in_a_row(self, client: Browser, demo: demo_mode.Demo) -> None:
        with clock.at(clock.now()):
            answers = [
                client.send("/sign-in/code", {"code": f"{guess:06d}"}).status_code for guess in range(6)
            ]

        assert answers == [422] * 5 + [429]
