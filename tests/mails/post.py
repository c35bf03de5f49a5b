"""A post office for tests: a way out that keeps what goes, and readers of letters."""

from email.message import EmailMessage
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.work import OutboundMail
from portal.settings import Settings
from portal.work.mail import send_due
from tests.mails.scene import Scene
from tests.peers.smtp_sink import Sink


class Pocket:
    """A way out that keeps what goes, and fails on demand."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.problem: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.letters.append(letter)
        self.recipients.append(recipient)


def go(scene: Scene, pocket: Pocket) -> int:
    """Commit and send what is due."""
    scene.session.commit()
    sent = send_due(scene.cast.database, scene.cast.settings, pocket)
    scene.session.expire_all()
    return sent


def text_of(letter: EmailMessage, form: str = "plain") -> str:
    """Read one form of a letter."""
    part = letter.get_body((form,))
    assert part is not None
    return str(part.get_content())


def rows(session: Session) -> list[tuple[str, str]]:
    """Every letter's template and state, in order."""
    return [
        (each.template, each.state)
        for each in session.scalars(select(OutboundMail).order_by(OutboundMail.id))
    ]


def with_sink(scene: Scene, sink: Sink) -> Settings:
    """Point the settings at the test's mail server."""
    settings = scene.cast.settings
    settings.take({
        "mail.host": (sink.host, "test"),
        "mail.port": (sink.port, "test"),
        "mail.username": (sink.user, "test"),
        "mail.password": (sink.password, "test"),
        "mail.ca_file": (str(sink.ca_file), "test"),
        "mail.sender": ("portal@example.test", "test"),
    })  # fmt: skip
    return settings
