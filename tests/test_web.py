"""What holds for every request."""

from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, g
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from portal import create_app, permissions, views, web
from portal.db import Database
from portal.models.setting import Setting
from portal.settings import Settings
from tests.kit import Browser, local_account, person


def probe() -> Blueprint:
    """Make pages that do what pages of ours do, and must not do."""
    bp = Blueprint("probe", __name__, url_prefix="/probe")

    @bp.get("/looks")
    def looks() -> str:
        return str(web.session.get(Setting, "x") is not None)

    @bp.get("/writes-on-get")
    def writes_on_get() -> str:
        web.session.add(Setting(key="x", value=1))
        web.session.commit()
        return "written"

    @bp.post("/writes")
    def writes() -> str:
        g.session.add(Setting(key="x", value=1))
        g.session.commit()
        return "written"

    @bp.post("/forgets")
    def forgets() -> str:
        web.session.add(Setting(key="x", value=1))
        web.session.flush()
        return "not committed"

    @bp.post("/previews")
    @web.only_reads
    def previews() -> str:
        web.session.add(Setting(key="x", value=1))
        web.session.commit()
        return "written"

    @bp.get("/notes")
    def notes() -> str:
        web.note(lambda session: session.add(Setting(key="x", value=1)))
        return "not yet"

    @bp.get("/number/<int:number>")
    def number(number: int) -> str:
        return str(web.session.get(Setting, str(number)) is None)

    @bp.get("/fails")
    def fails() -> str:
        raise ZeroDivisionError("a canary: token=abcdefghijklmnop")

    @bp.get("/address")
    def address() -> str:
        return web.absolute_url("probe.looks")

    return bp


ENDPOINTS = ["looks", "writes_on_get", "writes", "forgets", "previews", "notes", "number", "fails", "address"]


@pytest.fixture
def app(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Flask:
    usual = views.blueprints()
    monkeypatch.setattr(views, "blueprints", lambda: [*usual, probe()])
    for endpoint in ENDPOINTS:
        monkeypatch.setitem(permissions.PERMISSIONS, f"probe.{endpoint}", "public")
    app = create_app(settings, database)
    app.test_client_class = Browser
    return app


@pytest.fixture
def client(app: Flask) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


def is_written(database: Database) -> bool:
    with database.read_session() as session:
        return session.get(Setting, "x") is not None


def test_a_look_cannot_write(client: Browser, database: Database) -> None:
    assert client.get("/probe/looks").text == "False"
    assert client.get("/probe/writes-on-get").status_code == 503
    assert not is_written(database)


def test_a_change_writes_what_it_commits(client: Browser, database: Database) -> None:
    assert client.send("/probe/writes").text == "written"
    assert is_written(database)


def test_what_a_view_does_not_commit_is_rolled_back(client: Browser, database: Database) -> None:
    assert client.send("/probe/forgets").text == "not committed"
    assert not is_written(database)


def test_a_preview_is_a_post_that_cannot_write(client: Browser, database: Database) -> None:
    assert client.send("/probe/previews").status_code == 503
    assert not is_written(database)


def test_a_look_may_leave_a_note_behind(client: Browser, database: Database) -> None:
    assert client.get("/probe/notes").text == "not yet"
    assert is_written(database)


def test_at_most_one_view_writes_on_get(app: Flask) -> None:
    writing = [name for name, view in app.view_functions.items() if getattr(view, "writes_on_get", False)]

    assert len(writing) <= 1


def test_l03_a_post_without_token_is_refused(client: Browser, database: Database) -> None:
    client.get("/sign-in")

    answer = client.post("/probe/writes")

    assert (answer.status_code, is_written(database)) == (403, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_l03_a_post_from_another_site_is_refused_even_with_the_token(
    client: Browser, database: Database, headers: dict[str, str], status: int
) -> None:
    token = client.token()

    answer = client.post("/probe/writes", data={"csrf_token": token}, headers=headers)

    assert (answer.status_code, is_written(database)) == (status, status == 200)


def test_a_method_cannot_be_overridden(client: Browser, database: Database) -> None:
    client.get("/probe/writes?_method=POST", headers={"X-HTTP-Method-Override": "POST"})

    assert not is_written(database)


def answers(client: Browser) -> Iterator[TestResponse]:
    yield client.get("/sign-in")
    yield client.get("/no-such-page")
    yield client.get("/probe/fails")
    yield client.post("/probe/writes")
    yield client.get("/health/live")


def test_every_answer_carries_the_strict_headers(client: Browser) -> None:
    for answer in answers(client):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in answer.headers


def test_pages_are_not_kept_and_files_are(client: Browser) -> None:
    page = client.get("/sign-in")
    style = next(part for part in page.text.split('"') if part.endswith("tokens.css"))

    assert page.headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get(style).headers["Cache-Control"]
    assert "Cookie" not in client.get(style).headers.get("Vary", "")


@pytest.mark.parametrize(
    "path",
    [
        "/probe/looks?x=%00",
        "/probe/looks?%00=1",
        "/probe/number/99999999999999999999999",
        "/probe/number/-1",
        "/%ff%fe",
        "/probe/looks%00",
        "/" + "a" * 5000,
        "//evil.example/nowhere",
        "/probe/../../etc/passwd",
    ],
)
def test_i16_nonsense_is_never_a_fault(client: Browser, path: str) -> None:
    assert 400 <= client.get(path).status_code < 500


def test_l11_a_foreign_host_in_the_address_leads_nowhere_else(client: Browser) -> None:
    answer = client.get("//evil.example/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"a=%00"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=\xff&&&=%%%"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/json", b"{not json"),
        ("text/plain;charset=klingon", b"x"),
        ("", b"x" * 100),
        ("application/x-www-form-urlencoded", b"a=" + b"b" * 3_000_000),
        ("application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(5000))),
    ],
)
def test_i16_bodies_that_are_no_form_are_never_a_fault(
    client: Browser, content_type: str, body: bytes
) -> None:
    answer = client.post("/probe/writes", data=body, headers={"Content-Type": content_type})

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "POST"])
def test_i16_other_methods_are_refused(client: Browser, method: str) -> None:
    assert client.open("/probe/looks", method=method).status_code in (403, 405)


@pytest.mark.parametrize(
    "cookie", ["", "x", "a.b.c", "." * 4000, "eyJ0b2tlbiI6MX0.aaaa.bbbb", "\x7f\x80", "é"]
)
def test_i16_a_broken_cookie_is_nobodys(client: Browser, cookie: str) -> None:
    client.set_cookie("ordna-8000", cookie)

    assert client.get("/sign-in").status_code == 200


def test_l11_links_never_come_from_the_callers_host(client: Browser) -> None:
    answer = client.get(
        "/probe/address",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )

    assert answer.text == "http://localhost/probe/looks"


def test_a13_a_fault_shows_a_number_and_nothing_else(
    client: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/probe/fails")

    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert "ZeroDivision" not in answer.text
    line = next(each for each in caplog.messages if "ZeroDivisionError" in each)
    reference = line.split('"reference": "')[1][:8]
    assert reference in answer.text
    assert "\n" not in line
    assert "abcdefghijklmnop" not in line


def test_a_database_that_is_away_gives_503_and_says_so(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_values: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("sqlalchemy.orm.Session.get", away)

    assert client.get("/probe/looks").status_code == 503


def test_the_page_says_so_even_when_nobody_can_be_looked_up(
    client: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.session() as session:
        mia = person(session, "Mia")
        local_account(session, mia, "mia", "correct horse battery")
        session.commit()
    client.sign_in("mia", "correct horse battery")

    def away(*_args: object, **_values: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("sqlalchemy.engine.Engine.connect", away)
    answer = client.get("/sign-in")

    assert answer.status_code == 503
    assert "</html>" in answer.text
