"""How a letter leaves: by a mail server, or into a folder."""

import os
import smtplib
import ssl
import tempfile
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from portal.settings import Settings

TIMEOUT: Final = 20
"""Seconds that a mail server may be silent."""


class TryLater(Exception):
    """This letter was not taken now."""


class Refused(Exception):
    """This letter will never be taken."""


class Unreachable(Exception):
    """No letter can be sent just now; whether this one was, is not known."""


class Transport(Protocol):
    """A way out, open for a number of letters."""

    def __enter__(self) -> Self:
        """Get ready."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""

    def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        """Send to exactly one address. Raises TryLater, Refused or Unreachable."""


def transport_of(settings: Settings) -> Transport | None:
    """Choose the way that the settings name; without one letters wait."""
    folder = settings.file("mail.folder")
    if folder is not None:
        return Folder(folder)
    return Smtp(settings) if settings.text("mail.host") else None


class Folder:
    """Letters as files, one each, in place of a mail server."""

    def __init__(self, folder: Path) -> None:
        """Take where they go."""
        self.folder = folder

    def __enter__(self) -> Self:
        """Make the folder, for its owner's eyes: letters hold links that work."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(self, *_problem: object) -> None:
        """Have nothing to close."""

    def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        """Write the letter whole or not at all; the same letter again takes its own place."""
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".new", delete=False) as draft:
                draft.write(letter.as_bytes())
                draft.flush()
                os.fsync(draft.fileno())
            Path(draft.name).replace(self.folder / file_name(str(letter["Message-ID"])))
        except OSError as problem:
            raise Unreachable(f"the folder for letters cannot be written: {problem.strerror}") from problem


def file_name(message_id: str) -> str:
    """Name a letter's file by its Message-ID."""
    return "".join(each for each in message_id.partition("@")[0] if each.isalnum() or each == "-") + ".eml"


class Smtp:
    """A mail server. One connection for a batch; nothing is trusted that the certificate does not prove."""

    def __init__(self, settings: Settings) -> None:
        """Take which server, and how to sign in."""
        self._host = settings.text("mail.host")
        self._port = settings.number("mail.port")
        self._security = settings.text("mail.security")
        self._username = settings.text("mail.username")
        self._password = settings.text("mail.password")
        self._ca_file = settings.file("mail.ca_file")
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Connect when the first letter comes."""
        return self

    def __exit__(self, *_problem: object) -> None:
        """Say goodbye, if anybody listens."""
        self._drop()

    def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
        """Send, and sort what may go wrong by what to do about it."""
        try:
            server = self._server or self._connect()
            server.send_message(letter, from_addr=sender, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as problem:
            code, said = next(iter(problem.recipients.values()))
            raise self._sorted(code, said) from problem
        except smtplib.SMTPDataError as problem:
            raise self._sorted(problem.smtp_code, problem.smtp_error) from problem
        except smtplib.SMTPNotSupportedError as problem:
            if "internationalized" in str(problem):
                raise Refused("the mail server takes addresses with plain letters only") from problem
            self._drop()
            raise Unreachable(f"the mail server cannot do what the settings ask: {problem}") from problem
        except smtplib.SMTPResponseException as problem:  # the sender, the sign-in, the greeting
            self._drop()
            raise Unreachable(_said(problem.smtp_code, problem.smtp_error)) from problem
        except (OSError, smtplib.SMTPException, ssl.SSLError) as problem:
            self._drop()
            raise Unreachable(f"the mail server cannot be reached: {_plain(problem)}") from problem

    def check(self) -> None:
        """Connect and sign in without sending anything. Raises Unreachable."""
        try:
            self._connect()
        except (OSError, smtplib.SMTPException, ssl.SSLError) as problem:
            raise Unreachable(f"the mail server cannot be reached: {_plain(problem)}") from problem
        finally:
            self._drop()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=str(self._ca_file) if self._ca_file else None)
        server: smtplib.SMTP
        if self._security == "tls":
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        self._server = server
        if self._security == "starttls":
            server.starttls(context=context)
        if self._username:
            server.login(self._username, self._password)
        return server

    def _sorted(self, code: int, said: bytes | str) -> TryLater | Refused:
        words = _said(code, said)
        return Refused(words) if code >= 500 else TryLater(words)

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"the mail server said {code} {' '.join(text.split())[:200]}"


def _plain(problem: Exception) -> str:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({problem.verify_message})"
    return str(problem) or type(problem).__name__
