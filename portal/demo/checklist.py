"""The ten minutes of the story. Each line ticks itself: it asks the data whether that has happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.demo import sources
from portal.demo.mark import made_at
from portal.demo.people import story_ids
from portal.domain import holdings
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.employment import Employment
from portal.models.request import ServiceRequest
from portal.models.sign_in import SignIn
from portal.models.task import Task
from portal.models.work import OutboundMail

ACCOUNT = "employee-account"


@dataclass(frozen=True)
class Tick:
    """One line: when in the ten minutes, what to do, and whether it has been done."""

    at: str
    text: dict[str, str]
    done: bool


@dataclass(frozen=True)
class Since:
    """What the questions are asked of: everything that came after the demo was made."""

    session: Session
    at: datetime
    people: dict[str, int]

    def event(self, kind: str, action: str, *, who: str = "", item: str = "") -> bool:
        """Tell whether something was noted in the history."""
        query = select(AuditEvent.id).where(
            AuditEvent.at >= self.at, AuditEvent.subject_kind == kind, AuditEvent.action == action
        )
        if who:
            query = query.where(AuditEvent.actor_id == self.people.get(who, 0))
        if item:
            query = query.join(ServiceRequest, ServiceRequest.id == AuditEvent.request_id)
            query = query.where(ServiceRequest.item_key == item, ServiceRequest.purpose == "deliver")
        return bool(self.session.scalar(select(query.exists())))

    def step(self, step: str) -> bool:
        """Tell whether a step of somebody's new account was done."""
        query = (
            select(Task.id)
            .join(ServiceRequest, ServiceRequest.id == Task.request_id)
            .where(
                Task.step == step,
                Task.state == "done",
                Task.settled_at >= self.at,
                ServiceRequest.item_key == ACCOUNT,
                ServiceRequest.purpose == "deliver",
            )
        )
        return bool(self.session.scalar(select(query.exists())))

    def lifecycle(self, purpose: str) -> bool:
        """Tell whether the clock has opened such a case."""
        query = exists().where(
            ServiceRequest.purpose == purpose,
            ServiceRequest.origin == "lifecycle",
            ServiceRequest.submitted_at >= self.at,
        )
        return bool(self.session.scalar(select(query)))

    def by_link(self) -> bool:
        """Tell whether somebody said yes from a letter."""
        query = exists().where(Approval.channel == "link", Approval.decided_at >= self.at)
        return bool(self.session.scalar(select(query)))

    def bundle(self) -> bool:
        """Tell whether a letter about a whole unit was answered."""
        query = select(OutboundMail).where(
            OutboundMail.template == "reminder-unit", OutboundMail.created_at >= self.at
        )
        return any(_is_answered(self.session, mail) for mail in self.session.scalars(query))

    def signed_in(self, who: str) -> bool:
        """Tell whether somebody was tried."""
        query = exists().where(SignIn.person_id == self.people.get(who, 0), SignIn.began_at >= self.at)
        return bool(self.session.scalar(select(query)))


def _is_answered(session: Session, mail: OutboundMail) -> bool:
    """Somebody has been let end, or has got another day than the letter named."""
    found = session.scalars(select(Employment).where(Employment.id.in_(mail.data.get("employments", ()))))
    day = holdings.as_day(mail.data.get("day"))
    return bool(mail.data.get("let_end")) or any(each.last_day != day for each in found)


DONE: dict[str, Callable[[Since], bool]] = {
    "submitted_draft": lambda since: since.event("service_request", "submit", who="ingrid", item=ACCOUNT),
    "approved_by_link": lambda since: since.by_link(),
    "account_created": lambda since: since.step("account"),
    "account_enabled": lambda since: since.step("enabled"),
    "bundle_extended": lambda since: since.bundle(),
    "day_passed": lambda since: since.lifecycle("end") and since.lifecycle("resume"),
    "copy_published": lambda since: since.event("catalog_item", "publish", who="petter"),
    "task_retried": lambda since: since.event("task", "retry"),
    "report_seen": lambda since: since.signed_in("sofia"),
}


def ticks(session: Session) -> list[Tick]:
    """Read the list as it is now."""
    since = Since(session, made_at(session), story_ids(session))
    return [
        Tick(each["at"], dict(each["text"]), DONE[each["done"]](since))
        for each in sources.story()["checklist"]
    ]
