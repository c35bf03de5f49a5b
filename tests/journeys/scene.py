"""A portal in the middle of its day: something of every kind, in every state, for every page to show."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from connectors.errors import ConnectorError, Denied, Misconfigured
from portal import clock, create_app, demo_mode, keys
from portal.demo import mark, pages
from portal.demo.people import ISSUER, demo
from portal.domain import approvals, items, links, mails, messages, ordering, requests, tasks, withdrawing
from portal.domain.people import employments_of
from portal.models.holding import Account, FirstPassword
from portal.models.person import Identity, Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work import mail
from tests.cast import ITEMS, Cast, hire, publish_shipped, publish_text
from tests.kit import Browser
from tests.views.stage import Stage

LONG = "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2
"""What somebody may well write, and no page may become wider by."""

ACCESS = """
format: 1
id: {id}
title: {{sv: Åtkomst, nb: Tilgang, en: Access}}
summary: {{sv: Åtkomst till katalogen, nb: Tilgang til katalogen, en: Access to the directory}}
category: accounts
icon: key
owner: team/it-accounts
order_for: self
steps:
  - id: account
    label: {{sv: Gör kontot, nb: Lag kontoen, en: Make the account}}
    ensure: staff-directory/account
    with: {{username: "{id}", given_name: "{{beneficiary.given_name}}", surname: "{{beneficiary.surname}}"}}
  - id: check
    task: {{team: team/it-accounts, title: {{sv: Titta efter, nb: Se etter, en: Look after it}}}}
holding: {{follows: employment}}
on_end:
  - {{id: gone, absent: staff-directory/account, of: account}}
"""


class Scene(Stage):
    """The cast at work, with the demo's own pages beside the portal's."""

    def __init__(self, cast: Cast) -> None:
        """Let a good deal happen."""
        super().__init__(cast)
        self._run_as_demo()
        session = cast.session
        publish_shipped(session, *(file.stem for file in ITEMS.glob("*/*.yaml")))
        session.add(self._account(cast.noah, "noadal"))
        session.commit()
        self.waiting = self.order(cast.noah, why=LONG)
        self.on_behalf = self.order(cast.sam, beneficiary=cast.noah, why="For the field")
        self.coming = self._account_order("Åsa", "Öberg", workplace="field")
        self.sent_back = self._asked_about()
        self.draft = self._draft()
        self.had = self._had()
        self.mobile = self._mobile()
        self.undo = self._undo()
        self._closed()
        self._under_way()
        self.failing = self._failing("broken", Denied("The directory refuses.", detail="no rights"))
        self.failed = self._step(self.failing, "account")
        self._failing("paused", Misconfigured("The directory does not accept the password."))
        self.password = self._first_password()
        self.ending = self._last_days()
        self._edit()
        cast.session.commit()
        mail.send_due(cast.database, cast.settings)

    def _run_as_demo(self) -> None:
        cast = self.cast
        cast.settings.take({"mail.folder": (str(cast.settings.data_dir / "mail"), "test")})
        ready = cast.settings.data_dir / "directory.ready"
        ready.write_text('{"port": 6636, "base": "dc=example", "pid": 1}')
        for key, person in (("ingrid", cast.sam), ("johan", cast.mia)):
            cast.session.add(Identity(person_id=person.id, issuer=ISSUER, subject=key))
        mark.note_made(cast.session)
        self.app = create_app(cast.settings, cast.database, also=[pages.bp])
        self.app.config["PROPAGATE_FAULTS"] = True
        self.app.test_client_class = Browser
        demo_mode.switch_on(self.app, demo())

    @staticmethod
    def _account(person: Person, key: str) -> Account:
        return Account(
            person_id=person.id, resource="staff-directory", kind="account", key=key, state="live",
            created_at=clock.now(),
        )  # fmt: skip

    def _account_order(self, given_name: str, surname: str, **answers: Any) -> ServiceRequest:
        first = self.cast.today + timedelta(days=10)
        given = {
            "worked_here": False, "given_name": given_name, "surname": surname, "form": "seasonal",
            "first_day": first.isoformat(), "last_day": (first + timedelta(days=90)).isoformat(),
            "job_title": "Nationalparksvärd", "at_unit": self.cast.unit.id, "workplace": "field", **answers,
        }  # fmt: skip
        made = ordering.submit(
            self.cast.session, self.cast.version("employee-account"), given, actor=self.cast.sam, key=surname
        )
        self.cast.session.commit()
        return made

    def _under_way(self) -> None:
        case = self._account_order("Bo", "Lind", workplace="")
        self.say_yes(case)
        self.cast.work()
        self.under_way = case

    def _asked_about(self) -> ServiceRequest:
        case = self.order(self.cast.sam, beneficiary=self.cast.noah, why="A card")
        messages.send_back(self.cast.session, case, actor=self.cast.mia, question="What for?")
        self.cast.session.commit()
        return case

    def _draft(self) -> ServiceRequest:
        cast = self.cast
        return ordering.save_draft(cast.session, cast.version("card"), {"why": "Not yet"}, actor=cast.noah)

    def _had(self) -> ServiceRequest:
        case = self.order(self.cast.noah, until=self.later.isoformat())
        self.say_yes(case)
        for task in requests.tasks_of(self.cast.session, case):
            if task.kind == "task":
                tasks.complete(self.cast.session, task, actor=self.cast.eva, results={})
        self.cast.session.commit()
        return case

    def _mobile(self) -> Task:
        answers: dict[str, Any] = {
            "number_wish": "new",
            "sim": "esim",
            "data": "plus",
            "reach": "eu",
            "extension": True,
        }
        case = self.order(self.cast.noah, key="mobile-subscription", **answers)
        self.say_yes(case)
        self.cast.work()
        task = self._step(case, "operator")
        tasks.take(self.cast.session, task, actor=self.cast.eva)
        self.cast.session.commit()
        return task

    def _closed(self) -> None:
        session, mia = self.cast.session, self.cast.mia
        self.rejected = self.order(self.cast.noah, why="One more")
        asked = self.approval(self.rejected)
        why = "You have one."
        approvals.decide(session, asked, "reject", actor=mia, revision=asked.revision, comment=why)
        self.withdrawn = self.order(self.cast.noah, why="Never mind")
        case = requests.lock(session, self.withdrawn.id)
        withdrawing.withdraw(session, case, actor=self.cast.noah, note="I found it")
        session.commit()

    def _undo(self) -> ServiceRequest:
        cast = self.cast
        publish_text(cast.session, ACCESS.format(id="regretted"))
        case = self.order(cast.noah, key="regretted")
        cast.work()
        withdrawing.cancel(cast.session, requests.lock(cast.session, case.id), actor=cast.eva, note="No")
        cast.session.commit()
        return cast.session.scalars(select(ServiceRequest).where(ServiceRequest.origin == "undo")).one()

    def _failing(self, key: str, error: ConnectorError) -> ServiceRequest:
        cast = self.cast
        publish_text(cast.session, ACCESS.format(id=key))
        cast.store.fail_next(error, times=1)
        case = self.order(cast.noah, key=key)
        cast.work()
        return case

    def _step(self, case: ServiceRequest, step: str) -> Task:
        return next(task for task in requests.tasks_of(self.cast.session, case) if task.step == step)

    def _last_days(self) -> Any:
        cast, day = self.cast, self.cast.today + timedelta(days=14)
        people = [
            hire(cast.session, name, cast.unit, "Lund", form="seasonal", ends_on=day)
            for name in ("Ada", "Cai")
        ]
        found = [employments_of(cast.session, each)[0].id for each in people]
        letter = mails.queue(
            cast.session, "reminder-unit", to=cast.mia, employments=found, unit=cast.unit.id,
            day=day.isoformat(), can_extend=True,
        )  # fmt: skip
        assert letter is not None
        cast.session.commit()
        return letter

    def _edit(self) -> None:
        text = items.current(self.cast.session, "guest-wifi").text
        items.save_draft(self.cast.session, "guest-wifi", text + "\nsurprise: 1\n", actor=self.cast.eva)
        text = items.current(self.cast.session, "remote-work").text.replace("minutes: 10", "minutes: 15")
        items.save_draft(self.cast.session, "remote-work", text, actor=self.cast.eva)

    def extension_link(self) -> str:
        """The token of Mia's letter about last days."""
        return self._mint("extend", "mail", self.ending.id)

    def password_link(self) -> str:
        """The token of a letter with the first password that waits for Mia."""
        return self._mint("first-password", "first_password", self.password.id)

    def _first_password(self) -> FirstPassword:
        session = self.cast.session
        account = self._account(self.cast.noah, "noadal2")
        session.add(account)
        session.flush()
        first = FirstPassword(
            task_id=self.mobile.id, account_id=account.id, sealed=keys.seal("first-password", b"a secret"),
            expires_at=clock.now() + timedelta(hours=3),
        )  # fmt: skip
        session.add(first)
        session.commit()
        return first

    def _mint(self, purpose: str, kind: str, number: int) -> str:
        session = self.cast.session
        token = links.mint(session, purpose, subject_kind=kind, subject_id=number, person=self.cast.mia)
        session.commit()
        return token
