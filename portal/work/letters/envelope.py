"""A letter as a mail: headers that nobody's name can break, and the two forms of the words."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from portal import clock
from portal.settings import Settings
from portal.work.letters.paper import Rendered, one_line

LONGEST_SUBJECT: Final = 180
LONGEST_NAME: Final = 80
BREAKS: Final = ' ,;:<>()[]\\"@'
"""What parts one address from the next; nobody's real address has them."""


class BadAddress(Exception):
    """This is no address that a letter can go to."""


def address(written: str, name: str = "") -> Address:
    """Read one address; a list, a line break or a missing part is refused, never repaired."""
    local, sign, domain = written.rpartition("@")
    whole = bool(sign and local and domain)
    if not whole or any(not each.isprintable() or each in BREAKS for each in local + domain):
        raise BadAddress(f"{one_line(written)[:80]} is no address")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        return Address(one_line(name)[:LONGEST_NAME], local, ascii_domain)
    except (MessageError, ValueError) as problem:
        raise BadAddress(f"{one_line(written)[:80]} is no address") from problem


def make(
    rendered: Rendered,
    *,
    to: Address,
    message_id: str,
    number: str,
    language: str,
    settings: Settings,
) -> EmailMessage:
    """Put a letter in its envelope. Letters about one case are one thread."""
    letter = EmailMessage(policy=SMTP)
    sender = settings.text("mail.sender")
    letter["From"] = address(sender, settings.text("portal.name"))
    letter["To"] = to
    letter["Subject"] = subject(rendered.subject, number)
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = message_id
    if number:
        letter["In-Reply-To"] = letter["References"] = thread(number, settings)
    if settings.text("mail.reply_to"):
        letter["Reply-To"] = address(settings.text("mail.reply_to"))
    letter["Auto-Submitted"] = "auto-generated"  # so that out-of-office replies do not answer
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(rendered.text, cte="quoted-printable")
    letter.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    letter["Content-Language"] = language  # last, for what is added moves such headers into the parts
    return letter


def subject(words: str, number: str) -> str:
    """Put the case's number last, whatever the length of the rest."""
    line = one_line(words)
    if len(line) > LONGEST_SUBJECT:
        line = line[: LONGEST_SUBJECT - 1].rstrip() + "…"
    return f"{line} ({number})" if number else line


def thread(number: str, settings: Settings) -> str:
    """Name what all letters about a case answer to; two installations never share one."""
    host = (urlsplit(settings.base_url).hostname or "portal").encode("idna").decode("ascii")
    return f"<case.{number}.{host}@ordna>"
