"""The demo's letters: files in place of a mail server, found by what the portal noted when it sent them."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.demo.people import story_ids
from portal.errors import NotFound
from portal.models.person import Person
from portal.models.work import OutboundMail
from portal.settings import Settings
from portal.work.transports import file_name

PAGE = 30
MOST = 5000


@dataclass(frozen=True)
class Entry:
    """One letter of the list."""

    mail: OutboundMail
    to: str
    subject: str


@dataclass(frozen=True)
class Mailbox:
    """A page of letters: those to the people of the story, and those to everybody else."""

    story: list[Entry]
    others: list[Entry]
    people: list[Person]
    has_older: bool = False
    waiting: int = 0


def open_mailbox(session: Session, settings: Settings, *, person_id: int = 0, page: int = 1) -> Mailbox:
    """Read a page of letters, the newest first."""
    kept = _kept(settings)
    sent = select(OutboundMail).where(OutboundMail.state == "sent", OutboundMail.message_id.in_(kept))
    query = sent.where(OutboundMail.person_id == person_id) if person_id else sent
    query = query.order_by(OutboundMail.worked_at.desc(), OutboundMail.id.desc())
    found = session.scalars(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    story = set(story_ids(session).values())
    entries = [_entry(each, kept[each.message_id]) for each in found[:PAGE]]
    queued = select(func.count(OutboundMail.id)).where(OutboundMail.state == "queued")
    people = or_(Person.id.in_(sent.with_only_columns(OutboundMail.person_id)), Person.id.in_(story))
    return Mailbox(
        [each for each in entries if each.mail.person_id in story],
        [each for each in entries if each.mail.person_id not in story],
        list(session.scalars(select(Person).where(people).order_by(Person.given_name, Person.surname))),
        has_older=len(found) > PAGE,
        waiting=session.scalar(queued) or 0,
    )


def _kept(settings: Settings) -> dict[str, Path]:
    """Return the files of the newest letters, by the Message-ID that they are named for."""
    folder = settings.file("mail.folder")
    if folder is None or not folder.is_dir():
        return {}
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
    return {f"<{file.stem}@ordna>": file for file in files[:MOST]}


def _entry(mail: OutboundMail, file: Path) -> Entry:
    letter = _read(file)
    return Entry(mail, str(letter["To"]), str(letter["Subject"]))


def find_letter(session: Session, settings: Settings, mail_id: int) -> tuple[OutboundMail, EmailMessage]:
    """Find one letter; NotFound where there is none to read."""
    mail = session.get(OutboundMail, mail_id)
    folder = settings.file("mail.folder")
    file = folder / file_name(mail.message_id) if mail is not None and folder is not None else None
    if mail is None or file is None or not file.is_file():
        raise NotFound
    return mail, _read(file)


def _read(file: Path) -> EmailMessage:
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def body_of(letter: EmailMessage, form: str) -> str:
    """Read one form of a letter: `html` or `plain`."""
    part = letter.get_body((form,))
    return str(part.get_content()) if part is not None else ""
