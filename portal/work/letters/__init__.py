"""What each letter says: read from its row and its case when it is sent, never before.

Minting links belongs here, so composing needs a writing session; whoever calls commits before anything
leaves the house. A letter whose reason is gone when its turn comes is not sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal import clock
from portal.models.request import Comment, ServiceRequest
from portal.models.work import OutboundMail
from portal.settings import Settings
from portal.work.letters import cases, paper, people
from portal.work.letters.desk import Desk, NoLetter, NotNeeded, brand, language_of

WRITERS: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = {
    "received": cases.received,
    "approve": cases.approve,
    "approve-reminder": cases.approve,
    "delivered": cases.delivered,
    "rejected": cases.rejected,
    "comment": cases.comment,
    "sent-back": cases.comment,
    "message": cases.own_words,
    "letter": cases.own_words,
    "first-password": cases.first_password,
    "reminder-end": people.reminder,
    "reminder-unit": people.reminder,
    "end-notice": people.end_notice,
    "ended": people.ended,
    "hr-overrules": people.hr_overrules,
}
"""Every letter there is; its words are in `templates/mail/`."""


@dataclass(frozen=True)
class Letter:
    """Everything that a letter's words are made of, apart from the database."""

    template: str
    language: str
    zone: ZoneInfo
    number: str
    values: Mapping[str, Any]

    def render(self) -> paper.Rendered:
        """Write it."""
        return paper.render(self.template, self.language, self.zone, self.values)


def compose(session: Session, mail: OutboundMail, settings: Settings) -> Letter:
    """Gather what a letter says and mint its links. Raises NotNeeded or NoLetter."""
    template = _template(session, mail)
    if template not in WRITERS:
        raise NoLetter(f"there is no letter called {template}")
    desk = Desk(session, mail, settings, language_of(mail, settings))
    request = session.get(ServiceRequest, mail.request_id) if mail.request_id else None
    number = request.number if request is not None else ""
    values = {"brand": brand(settings), "number": number, **WRITERS[template](desk)}
    return Letter(template, desk.language, clock.zone(session), number, values)


def _template(session: Session, mail: OutboundMail) -> str:
    """A question that sends an order back looks different from any other message."""
    if mail.template == "comment":
        comment = session.get(Comment, mail.data.get("comment", 0))
        return "sent-back" if comment is not None and comment.is_question else "comment"
    return mail.template


__all__ = ["WRITERS", "Letter", "NoLetter", "NotNeeded", "compose"]
