"""Every setting there is: its name, its default and what it is for, in one table."""

from dataclasses import dataclass
from typing import Final

from portal.i18n import LANGUAGES, N_

Value = str | int | float | bool | list[str]


@dataclass(frozen=True)
class Key:
    """One setting: its name, what it is without being set, and what it is for."""

    name: str
    default: Value
    help: str
    secret: bool = False
    choices: tuple[str, ...] = ()


KEYS: Final = (
    Key("portal.name", "Ordna", N_("The portal's name, in the page header and in letters.")),
    Key("portal.organisation", "", N_("The organisation's name, in page titles and in letters.")),
    Key(
        "portal.base_url",
        "",
        N_("The address people use; links are made from it alone. Empty is the host and port below."),
    ),
    Key(
        "portal.data_dir", "var", N_("The folder for the database, the key file and everything that is kept.")
    ),
    Key("portal.languages", list(LANGUAGES), N_("The languages to offer, the main one first.")),
    Key(
        "portal.zone", "Europe/Stockholm", N_("The time zone, where the organisation's root unit names none.")
    ),
    Key("portal.calendar", "SE", N_("The country whose public holidays are not working days.")),
    Key("portal.currency", "SEK", N_("The currency, where the organisation's root unit names none.")),
    Key("portal.brand_colour", "#0b5563", N_("The one colour of your own; it must be readable on white.")),
    Key("portal.logo", "", N_("A picture file for the header; empty shows the portal's own mark.")),
    Key("portal.service_desk_mail", "", N_("Where people write when they need to talk to somebody.")),
    Key("portal.service_desk_phone", "", N_("The service desk's telephone number.")),
    Key("portal.accessibility_url", "", N_("The address of your accessibility statement.")),
    Key("portal.case_prefix", "B", N_("The letter that case numbers begin with.")),
    Key("database.url", "", N_("Where the data is; empty is SQLite in the data folder."), secret=True),
    Key(
        "secret.key",
        "",
        N_("The master key; several separated by commas while you change it. Empty makes a file of its own."),
        secret=True,
    ),
    Key("server.host", "127.0.0.1", N_("The network address to listen on.")),
    Key("server.port", 8000, N_("The port to listen on.")),
    Key("server.threads", 8, N_("How many pages are made at the same time.")),
    Key(
        "server.trusted_proxy",
        "",
        N_("The address of the proxy in front, whose word on the caller is believed."),
    ),
    Key("session.idle_minutes", 240, N_("How long somebody stays signed in without doing anything.")),
    Key("session.absolute_hours", 12, N_("How long somebody stays signed in at the most.")),
    Key("signin.local", True, N_("Whether people may sign in with a password kept by the portal.")),
    Key(
        "signin.attempts", 5, N_("How many wrong passwords for one account from one address before a pause.")
    ),
    Key("signin.pause_minutes", 10, N_("How long that pause is.")),
    Key(
        "signin.for_approvals",
        False,
        N_("Whether answering from a letter always asks for sign-in, not only for sensitive services."),
    ),
    Key("mail.host", "", N_("The mail server; empty means that letters wait until there is one.")),
    Key("mail.port", 587, N_("The mail server's port.")),
    Key(
        "mail.security",
        "starttls",
        N_("How the connection to the mail server is protected."),
        choices=("starttls", "tls", "none"),
    ),
    Key(
        "mail.ca_file",
        "",
        N_("Certificates to trust for the mail server, where the system's are not enough."),
    ),
    Key("mail.username", "", N_("The user name at the mail server, if it asks for one.")),
    Key("mail.password", "", N_("The password at the mail server."), secret=True),
    Key("mail.sender", "portal@localhost", N_("The address that letters come from.")),
    Key("mail.reply_to", "", N_("The address that answers go to, if another.")),
    Key("mail.folder", "", N_("A folder to put letters in instead of sending them.")),
    Key("links.days", 30, N_("How many days a link in a letter works.")),
    Key("work.threads", 4, N_("How many automatic steps run at the same time.")),
    Key("work.lease_seconds", 60, N_("How long a step belongs to a worker that is not heard of.")),
    Key(
        "work.attempts", 8, N_("How many times an automatic step is tried before somebody has to look at it.")
    ),
    Key("work.brake_count", 25, N_("A sweep that would end more than this many at once stops and asks.")),
    Key("work.brake_share", 0.1, N_("The same as a share of all that is active.")),
    Key(
        "orders.sent_back_days", 10, N_("Working days after which an order that was sent back is cancelled.")
    ),
    Key("orders.reopen_days", 10, N_("Working days during which a finished case can be opened again.")),
    Key(
        "files.catalog",
        "",
        N_("A folder with your own catalog files, beside those that come with the portal."),
    ),
    Key("files.lifecycle", "", N_("Your own lifecycle policies; empty is those that come with the portal.")),
    Key("files.resources", "", N_("The file that names the connected systems.")),
    Key("files.secrets", "/run/secrets", N_("The folder that `file:` secrets of connected systems lie in.")),
    Key("log.level", "info", N_("How much is logged."), choices=("debug", "info", "warning", "error")),
)
"""Every setting there is; at most sixty, so that one page can show them all."""
