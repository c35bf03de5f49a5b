"""The main job through the web, in a real directory, read back by an independent connection.

Sam orders an account for somebody who is not here yet; Mia decides from the link in her letter; the account
is made closed, opened on the first day; Mia shows the first password once; the worker signs in to the
directory with it; the day after the last day it is closed.
"""

import email
import email.policy
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ldap3
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from connectors import ensure
from connectors.registry import open_resource
from portal import clock, create_app
from portal.db import Database
from portal.models.request import ServiceRequest
from portal.settings import Settings
from portal.work import mail
from portal.work.sweeps import run_all
from portal.work.world import open_portal
from tests.cast import GROUPS, Cast, make_cast, publish_shipped, told
from tests.kit import Browser, local_account

LINK = re.compile(r"http://localhost(/(?:approve|first-password|extend)/[\w-]+)")


@dataclass
class House:
    """A portal on a real directory."""

    cast: Cast
    database: Database
    settings: Settings
    client: Browser
    config: dict[str, Any]

    def work(self, days: int = 0) -> None:
        """Turn the clock, let everything due happen and send the letters."""
        for day in range(days + 1):
            with self.database.session() as session:
                clock.move_working(session, 1 if day else 0)
                session.commit()
            run_all(self.database, self.settings)
            mail.send_due(self.database, self.settings)

    def stands(self, number: str) -> str:
        """How the tasks of a case stand."""
        with self.database.read_session() as session:
            case = session.scalars(select(ServiceRequest).where(ServiceRequest.number == number)).one()
            return "; ".join(told(session, case))

    def letters(self, to: str) -> list[str]:
        """The texts of somebody's letters, oldest first."""
        found = []
        for file in sorted(
            (self.settings.data_dir / "mail").glob("*.eml"), key=lambda f: f.stat().st_mtime_ns
        ):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = message.get_body(("plain",))
            if to in str(message["To"]) and body is not None:
                found.append(f"{message['Subject']}\n{body.get_content()}")
        return found

    def entry(self, uid: str) -> dict[str, Any] | None:
        """The entry as a connection of its own reads it."""
        with self.connect(self.config["bind_dn"], self.config["bind_password"]) as connection:
            connection.search(
                self.config["people_base"],
                f"(uid={uid})",
                attributes=[ldap3.ALL_ATTRIBUTES, "pwdAccountLockedTime"],
            )
            found = [e for e in connection.response or [] if e["type"] == "searchResEntry"]
        return {"dn": found[0]["dn"], **found[0]["attributes"]} if found else None

    def can_bind(self, dn: str, password: str) -> bool:
        """Whether the directory lets somebody in."""
        with self.connect(dn, password) as connection:
            return bool(connection.bound)

    @contextmanager
    def connect(self, dn: str, password: str) -> Iterator[ldap3.Connection]:
        """Connect without the portal's connector; ldap3 leaves the socket open, so it is closed here."""
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.config["ca_file"])
        host, port = self.config["host"], self.config["port"]
        server = ldap3.Server(host, port=port, use_ssl=True, tls=tls, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, dn, password, auto_bind=ldap3.AUTO_BIND_NONE)
        connection.open()
        socket = connection.socket
        try:
            connection.bind()
            yield connection
        finally:
            connection.unbind()
            socket.close()


@pytest.fixture(params=["embedded", "slapd"])
def house(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[House]:
    """The organisation on the demo's directory, and on a real OpenLDAP."""
    config = request.getfixturevalue(request.param).config()
    (tmp_path / "ldap-password").write_text(config["bind_password"])
    lines = [f"{k} = {v!r}" for k, v in config.items() if k not in ("bind_password", "walls")]
    (tmp_path / "resources.toml").write_text(
        "[resources.staff-directory]\nmode = 'auto'\nbind_password = 'file:ldap-password'\n"
        "walls = { groups = ['*'] }\n" + "\n".join(lines) + "\n"
    )
    settings.take(
        {
            "files.resources": (str(tmp_path / "resources.toml"), "test"),
            "files.secrets": (str(tmp_path), "test"),
            "mail.folder": (str(tmp_path / "mail"), "test"),
        }
    )
    with open_resource("staff-directory", config) as connector:
        for group in GROUPS:
            plan = ensure.plan(connector, "group", {"name": group}, marker=f"ordna:{group}")
            if plan.action == "create":
                ensure.apply(connector, plan, f"ordna:{group}")
    database = open_portal(settings)
    with database.session() as session:
        cast = make_cast(session, database, settings)
        publish_shipped(session, "employee-account")
        for name in ("mia", "sam", "noah"):
            local_account(session, getattr(cast, name), name, "a long enough password")
        session.commit()
        app = create_app(settings, database)
        app.test_client_class = Browser
        client = app.test_client()
        assert isinstance(client, Browser)
        yield House(cast, database, settings, client, config)
        session.rollback()
    database.dispose()


def answers(house: House, surname: str, first: date, last: date) -> dict[str, Any]:
    """What Sam fills in."""
    return {
        "a.worked_here": "no",
        "a.given_name": "Åsa",
        "a.surname": surname,
        "a.form": "seasonal",
        "a.first_day": first.isoformat(),
        "a.last_day": last.isoformat(),
        "a.job_title": "Nationalparksvärd",
        "a.at_unit": str(house.cast.unit.id),
        "a.workplace": "field",
    }


def hidden(page: str) -> dict[str, str]:
    """What a form carries without showing it."""
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    found = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name[1]: value[1] for name, value in found if name and value}


def faults(response: TestResponse) -> str:
    """What a page says, for reading a failed test."""
    main = response.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())[:600]


def test_the_main_job_through_the_web_in_a_real_directory(
    house: House, request: pytest.FixtureRequest
) -> None:
    surname = f"Öberg{request.node.callspec.id}"
    uid = "asaobe"
    client, today = house.client, house.cast.today
    house.cast.session.commit()  # the test's own session holds the lock no longer
    first, last = today + timedelta(days=2), today + timedelta(days=4)
    client.sign_in("sam", "a long enough password")
    page = client.get("/order/employee-account").get_data(as_text=True)
    fields = {**hidden(page), **answers(house, surname, first, last)}
    sent = client.send("/order/employee-account", fields, page="/order/employee-account")
    assert sent.status_code == 303, faults(sent)
    number = sent.headers["Location"].rsplit("/", 1)[1]
    client.send("/sign-out")

    house.work()
    letters = house.letters("mia@example.test")
    assert len(letters) == 1, letters
    (letter,) = letters
    assert number in letter.splitlines()[0]
    path = LINK.search(letter)
    assert path
    for _ in range(100):
        assert client.get(path[1]).status_code == 200
    assert house.entry(uid) is None
    token = path[1].rsplit("/", 1)[1]
    yes = {**hidden(client.get(path[1]).get_data(as_text=True)), "token": token, "decision": "approve"}
    decided = client.send("/approve", yes, page=path[1])
    assert decided.status_code == 303, faults(decided)
    assert "Mia Berg" in client.get(path[1]).get_data(as_text=True)

    house.work()
    made = house.entry(uid)
    assert made is not None
    assert made["sn"] == [surname] or made["sn"] == surname
    assert made["pwdAccountLockedTime"]

    house.work(days=2)
    assert not house.entry(uid)["pwdAccountLockedTime"], house.stands(number)  # type: ignore[index]
    told_mia = house.letters("mia@example.test")
    links = [found[1] for found in map(LINK.search, told_mia) if found and "/first-password/" in found[1]]
    assert len(links) == 1, told_mia
    opened = {"token": links[0].rsplit("/", 1)[1]}
    answer = client.send("/first-password", opened, page=links[0])
    shown = answer.get_data(as_text=True)
    password = re.search(r"(?s)id=\"password\"[^>]*>\s*([\w-]+)", shown)
    assert password, faults(answer)
    assert house.can_bind(made["dn"], password[1])
    assert password[1] not in client.get(links[0]).get_data(as_text=True)

    house.work(days=3)
    assert house.entry(uid)["pwdAccountLockedTime"]  # type: ignore[index]
    assert not house.can_bind(made["dn"], password[1])
    client.sign_in("sam", "a long enough password")
    assert client.get(f"/requests/{number}").status_code == 200
