"""The organisation of tests on a real directory, with its mail folder and a connection of our own to look."""

import email
import email.policy
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ldap3
from sqlalchemy import select

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

LINK = re.compile(r"http://[\w.:]+(/(?:approve|first-password|extend)/[\w-]+)")
PASSWORD = "a long enough password"


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


@contextmanager
def open_house(settings: Settings, config: Mapping[str, Any]) -> Iterator[House]:
    """Open the portal of the organisation on a directory."""
    folder = settings.data_dir
    (folder / "ldap-password").write_text(config["bind_password"])
    lines = [f"{k} = {v!r}" for k, v in config.items() if k not in ("bind_password", "walls")]
    (folder / "resources.toml").write_text(
        "[resources.staff-directory]\nmode = 'auto'\nbind_password = 'file:ldap-password'\n"
        "walls = { groups = ['*'] }\n" + "\n".join(lines) + "\n"
    )
    settings.take(
        {
            "files.resources": (str(folder / "resources.toml"), "test"),
            "files.secrets": (str(folder), "test"),
            "mail.folder": (str(folder / "mail"), "test"),
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
            local_account(session, getattr(cast, name), name, PASSWORD)
        session.commit()
        app = create_app(settings, database)
        app.test_client_class = Browser
        client = app.test_client()
        assert isinstance(client, Browser)
        yield House(cast, database, settings, client, dict(config))
        session.rollback()
    database.dispose()
