"""A small story in which every letter has a reason, on a day that does not change."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import keys
from portal.domain import approvals, mails, messages, ordering
from portal.models.approval import Approval
from portal.models.employment import Employment
from portal.models.holding import Account, FirstPassword
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import OutboundMail
from tests.cast import Cast, hire, publish_text

MOMENT = datetime(2026, 11, 20, 9, 44, tzinfo=UTC)
"""A Friday."""

ITEM = (Path(__file__).parent / "laptop.yaml").read_text(encoding="utf-8")


class Scene:
    """Orders of a laptop, and what comes of them."""

    def __init__(self, cast: Cast, *, item: str = ITEM) -> None:
        """Publish the item and hire whom it is for."""
        self.cast = cast
        publish_text(cast.session, item)
        self.sara = hire(cast.session, "Sara", cast.unit, "Öberg", "seasonal", date(2026, 12, 4))
        self.pelle = hire(cast.session, "Pelle", cast.unit, "Ö'Ek-Ås", "seasonal", date(2026, 12, 4))
        for each in (cast.mia, cast.sam, cast.noah, cast.lars):
            each.language = ""
        self._orders = 0

    @property
    def session(self) -> Session:
        """The scene's session."""
        return self.cast.session

    def order(self, *, actor: Person | None = None, **answers: Any) -> ServiceRequest:
        """Order a laptop for Sara, as the coordinator."""
        self._orders += 1
        given = {
            "who": self.sara.id,
            "model": "powerful",
            "why": "Sara börjar måndag 30 november.",
            **answers,
        }
        version = self.cast.version("laptop")
        return ordering.submit(
            self.session, version, given, actor=actor or self.cast.sam, key=f"order-{self._orders}"
        )

    def approval(self, request: ServiceRequest) -> Approval:
        """The approval that a case waits for."""
        found = select(Approval).where(Approval.request_id == request.id, Approval.state == "waiting")
        return self.session.scalars(found).one()

    def mail(
        self, template: str, to: Person | str, request: ServiceRequest | None = None, **data: Any
    ) -> OutboundMail:
        """Queue a letter."""
        mail = mails.queue(self.session, template, to=to, request=request, **data)
        assert mail is not None
        self.session.flush()
        return mail

    def password(self, request: ServiceRequest) -> FirstPassword:
        """A first password that waits, as a worker leaves it."""
        account = Account(
            person_id=self.sara.id,
            resource="staff-directory",
            kind="account",
            key="saraob",
            created_at=MOMENT,
        )
        task = Task(request=request, step="password", kind="ensure", state="done", created_at=MOMENT)
        self.session.add_all([account, task])
        self.session.flush()
        made = FirstPassword(
            task_id=task.id,
            account_id=account.id,
            sealed=keys.seal("first-password", b"not shown here"),
            expires_at=MOMENT,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def employment(self, person: Person) -> Employment:
        """Somebody's post."""
        return self.session.scalars(select(Employment).where(Employment.person_id == person.id)).one()

    def letters(self) -> dict[str, OutboundMail]:
        """One letter of every name."""
        cast, session = self.cast, self.session
        request, refused, asked = self.order(), self.order(), self.order()
        approvals.decide(
            session,
            self.approval(refused),
            "reject",
            actor=cast.mia,
            revision=1,
            comment="Vi har två på lager.\nTa en av dem.",
        )
        said = messages.write(
            session, request, actor=cast.mia, text="Räcker inte standardmodellen?\n\nDen finns hemma."
        )
        messages.send_back(session, asked, actor=cast.mia, question="Vilken dag behövs den?")
        approval = self.approval(request)
        no = session.scalars(select(Approval).where(Approval.request_id == refused.id)).one()
        question = session.scalars(
            select(OutboundMail).where(
                OutboundMail.template == "comment", OutboundMail.request_id == asked.id
            )
        ).one()
        delivered = self.order()
        delivered.holding_id = self.held(delivered)
        self.password(delivered)
        near: dict[str, Any] = {
            "employments": [self.employment(self.sara).id],
            "unit": cast.unit.id,
            "day": "2026-12-04",
            "can_extend": True,
        }
        both = {**near, "employments": [self.employment(each).id for each in (self.sara, self.pelle)]}
        own = {"subject": {"sv": "Välkommen, Sara", "nb": "Velkommen, Sara", "en": "Welcome, Sara"},
               "body": {"sv": "Ditt konto är öppet.\n\nFungerar något inte? Ring oss.",
                        "nb": "Kontoen din er åpen.\n\nEr det noe som ikke virker? Ring oss.",
                        "en": "Your account is open.\n\nSomething not working? Call us."}}  # fmt: skip
        return {
            "received": self.mail("received", cast.sam, request),
            "approve": self.mail("approve", cast.mia, request, approval=approval.id),
            "approve-reminder": self.mail("approve-reminder", cast.mia, request, approval=approval.id),
            "delivered": self.mail("delivered", cast.sam, delivered),
            "rejected": self.mail("rejected", cast.sam, refused, approval=no.id),
            "comment": self.mail("comment", cast.sam, request, comment=said.id),
            "sent-back": question,
            "message": self.mail("message", self.sara, request, **own),
            "letter": self.mail("letter", "order@operator.example", request, **own),
            "first-password": self.mail("first-password", cast.mia, delivered),
            "reminder-end": self.mail("reminder-end", cast.mia, **near),
            "reminder-unit": self.mail("reminder-unit", cast.mia, **both),
            "end-notice": self.mail("end-notice", self.sara, delivered),
            "ended": self.mail("ended", self.sara, delivered),
            "hr-overrules": self.mail(
                "hr-overrules", cast.mia, employment=self.employment(self.sara).id, before="2027-01-31"
            ),
        }

    def held(self, request: ServiceRequest) -> int:
        """Note what a delivered order leaves behind."""
        assert request.holding_id is not None
        session = self.session
        task = Task(
            request=request,
            step="hand_over",
            kind="task",
            state="done",
            result={"serial": "PF-4711", "on": "2026-11-26"},
            created_at=MOMENT,
        )
        session.add(task)
        session.flush()
        return request.holding_id
