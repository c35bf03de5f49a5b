"""A portal with the cast on it, seen through browsers that are signed in as one of them."""

from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.domain import approvals, links, ordering
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from tests.cast import Cast, publish_shipped, publish_text
from tests.kit import Browser, local_account

CARD = """
format: 1
id: {id}
title: {{sv: Kort, nb: Kort, en: Card}}
summary: {{sv: Ett kort, nb: Et kort, en: A card}}
category: accounts
icon: key
owner: team/it-accounts
order_for: both
sensitive: {sensitive}
price: {{monthly: 129}}
promise: {{working_days: 3}}
questions:
  - {{name: why, type: long_text, label: {{sv: Varför, nb: Hvorfor, en: Why}}}}
  - name: until
    type: date
    label: {{sv: Till och med, nb: Til og med, en: Until}}
    max: today + months(12)
steps:
  - id: ok
    approve: {{by: {by}, fallback: team/approval-desk, remind: [2, 4], escalate: 5}}
  - id: desk
    label: {{sv: Skriv ut kortet, nb: Skriv ut kortet, en: Print the card}}
    task: {{team: team/caretakers, title: {{sv: Gör, nb: Gjør, en: Do}}}}
holding: {{follows: nothing, until: until, end_word: return}}
on_end:
  - id: back
    task: {{team: team/caretakers, title: {{sv: Ta emot, nb: Ta imot, en: Take it back}}}}
"""

_keys = iter(range(1_000_000))


class Stage:
    """The cast, the app on its database, and a browser for each who is signed in."""

    def __init__(self, cast: Cast) -> None:
        """Publish a card that the manager approves, and let everybody sign in."""
        self.cast = cast
        self.app: Flask = create_app(cast.settings, cast.database)
        self.app.config["PROPAGATE_FAULTS"] = True
        self.app.test_client_class = Browser
        for each in (cast.mia, cast.noah, cast.lars, cast.eva, cast.olof, cast.sam):
            each.language = "en"
            local_account(cast.session, each, each.given_name.lower(), "a long password")
        publish_text(cast.session, CARD.format(id="card", by="manager", sensitive="false"))
        cast.session.commit()
        self._browsers: dict[int, Browser] = {}

    def nobody(self) -> Browser:
        """A browser in which nobody is signed in; it reads English."""
        self.cast.session.commit()
        browser = self.app.test_client()
        assert isinstance(browser, Browser)
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return browser

    def browser(self, person: Person) -> Browser:
        """A browser in which somebody is signed in."""
        if person.id not in self._browsers:
            browser = self.nobody()
            assert browser.sign_in(person.given_name.lower(), "a long password").status_code == 303
            self._browsers[person.id] = browser
        self.cast.session.commit()
        return self._browsers[person.id]

    def page(self, person: Person, path: str, *, status: int = 200) -> str:
        """Open a page as somebody."""
        answer = self.browser(person).get(path)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    def post(self, person: Person, path: str, data: dict[str, Any] | None = None) -> Any:
        """Send a form as somebody; what it changed is seen afresh afterwards."""
        answer = self.browser(person).send(path, data, page="/requests")
        self.cast.session.expire_all()
        return answer

    def sensitive_card(self) -> None:
        """Publish a card whose approval asks for sign-in."""
        publish_text(self.cast.session, CARD.format(id="secret-card", by="manager", sensitive="true"))
        self.cast.session.commit()

    def shipped(self, *keys: str) -> None:
        """Publish items that come with the portal."""
        publish_shipped(self.cast.session, *keys)
        self.cast.session.commit()

    def order(
        self, actor: Person, *, beneficiary: Person | None = None, key: str = "card", **answers: Any
    ) -> ServiceRequest:
        """Order something."""
        request = ordering.submit(
            self.cast.session,
            self.cast.version(key),
            answers,
            actor=actor,
            beneficiary=beneficiary or actor,
            key=f"stage-{next(_keys)}",
        )
        self.cast.session.commit()
        return request

    def approval(self, request: ServiceRequest) -> Approval:
        """The latest question about a case, as it is now; the lock is given back at once."""
        query = select(Approval).where(Approval.request_id == request.id).order_by(Approval.id.desc())
        session = self.cast.session
        found = session.scalars(query.execution_options(populate_existing=True)).first()
        assert found is not None
        session.refresh(found, ["person", "request"])
        session.commit()
        return found

    def link(
        self, approval: Approval, person: Person | None = None, *, lasts: timedelta | None = None
    ) -> str:
        """The token of the letter that asks."""
        token = links.mint(
            self.cast.session,
            "approve",
            subject_kind="approval",
            subject_id=approval.id,
            person=person or approval.person,
            revision=approval.revision,
            lasts=lasts,
        )
        self.cast.session.commit()
        return token

    def say_yes(self, request: ServiceRequest) -> None:
        """Let whoever is asked approve."""
        approval = self.approval(request)
        assert approval.person is not None
        approvals.decide(
            self.cast.session, approval, "approve", actor=approval.person, revision=approval.revision
        )
        self.cast.session.commit()

    @property
    def later(self) -> date:
        """A day some weeks ahead."""
        return self.cast.today + timedelta(days=40)
