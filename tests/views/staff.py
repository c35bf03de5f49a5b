"""What tests of staff pages share: an app on the cast's database, and people who sign in to it."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import create_app
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from tests.cast import Cast
from tests.kit import Browser, local_account

PASSWORD = "a password for tests"

PHONE = """
format: 1
id: phone
kind: order
title: {sv: Telefon, nb: Telefon, en: Phone}
summary: {sv: En telefon, nb: En telefon, en: A phone}
category: phone
icon: phone
owner: team/telephony
order_for: both
promise: {working_days: 2}
questions:
  - {name: colour, type: text, label: {sv: Färg, nb: Farge, en: Colour}, required: true}
steps:
  - id: hand_out
    task:
      team: team/telephony
      title:
        sv: "Telefon till {beneficiary.name}"
        nb: "Telefon til {beneficiary.name}"
        en: "Phone for {beneficiary.name}"
      instructions: {sv: Lämna ut den, nb: Gi den ut, en: Hand it out}
      checklist: [{sv: Laddad, nb: Ladet, en: Charged}, {sv: Inställd, nb: Innstilt, en: Set up}]
      results:
        - {name: serial, label: {sv: Serienummer, nb: Serienummer, en: Serial number}, required: true}
        - {name: given_on, label: {sv: Utlämnad, nb: Utlevert, en: Handed out}, type: date}
        - {name: weight, label: {sv: Vikt, nb: Vekt, en: Weight}, type: number}
        - {name: used, label: {sv: Begagnad, nb: Brukt, en: Used}, type: yes_no}
        - name: place
          label: {sv: Plats, nb: Sted, en: Place}
          type: choice
          choices:
            - {value: desk, label: {sv: Disk, nb: Skranke, en: Desk}}
            - {value: post, label: {sv: Post, nb: Post, en: Post}}
      letter:
        to: order@operator.example
        subject: {sv: Ny telefon, nb: Ny telefon, en: New phone}
        body: {sv: Hej, nb: Hei, en: Hello}
      due: {working_days: 2}
"""

VPN = """
format: 1
id: vpn
kind: order
title: {sv: VPN, nb: VPN, en: VPN}
summary: {sv: Distans, nb: Fjern, en: Remote}
category: accounts
icon: key
owner: team/it-accounts
order_for: self
promise: {hours: 1}
steps:
  - id: account
    label: {sv: Gör kontot, nb: Lag kontoen, en: Make the account}
    ensure: staff-directory/account
    with:
      username: "{beneficiary.surname|ascii|lower}"
      given_name: "{beneficiary.given_name}"
      surname: "{beneficiary.surname}"
holding: {follows: employment}
on_end:
  - {id: gone, absent: staff-directory/account, of: account}
"""


class StaffBrowser(Browser):
    """A browser beside a test's own session, which has to let go of the database before each request."""

    cast: Cast

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and see afresh afterwards."""
        self.cast.session.commit()
        answer = super().open(*args, **kwargs)
        self.cast.session.expire_all()
        return answer


@dataclass
class House:
    """The cast and its portal."""

    cast: Cast
    app: Flask

    def client(self, person: Person) -> StaffBrowser:
        """Give a browser in which somebody is signed in."""
        client = self.app.test_client()
        assert isinstance(client, StaffBrowser)
        client.cast = self.cast
        done = client.sign_in(f"user{person.id}", PASSWORD)
        assert done.status_code == 303, done.get_data(as_text=True)
        return client

    def tasks(self, request: ServiceRequest, **values: Any) -> list[Task]:
        """Read the tasks of a case as they are now."""
        self.cast.session.expire_all()
        query = select(Task).where(Task.request_id == request.id).filter_by(**values).order_by(Task.id)
        return list(self.cast.session.scalars(query))

    def task(self, request: ServiceRequest, **values: Any) -> Task:
        """Read the one task of a case that is like this."""
        (found,) = self.tasks(request, **values)
        return found

    def eva(self) -> StaffBrowser:
        """Give a browser in which Eva of the service desk is signed in."""
        return self.client(self.cast.eva)


def make_house(cast: Cast) -> House:
    """Let everybody sign in, and make the app."""
    for person in cast.session.scalars(select(Person)):
        local_account(cast.session, person, f"user{person.id}", PASSWORD)
        person.language = "en"
    cast.session.commit()
    app = create_app(cast.settings, cast.database)
    app.config["PROPAGATE_FAULTS"] = True
    app.test_client_class = StaffBrowser
    return House(cast, app)


def text(client: FlaskClient, path: str) -> str:
    """Give a page as text."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)
