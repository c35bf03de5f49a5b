"""How each state looks: its colour, its icon and its word. Never a colour alone."""

from typing import Final, NamedTuple

from flask import Flask
from flask_babel import gettext

from portal.i18n import N_


class Status(NamedTuple):
    """A state as it is shown; tone is grey, info, ok, warn or bad."""

    tone: str
    icon: str
    word: str


STATUSES: Final[dict[str, dict[str, Status]]] = {
    "request": {
        "draft": Status("grey", "pencil", N_("Draft")),
        "in_approval": Status("warn", "hourglass-split", N_("Waiting for approval")),
        "needs_answer": Status("warn", "chat-left-text", N_("Needs an answer")),
        "in_delivery": Status("info", "truck", N_("In delivery")),
        "delivered": Status("ok", "check-circle", N_("Done")),
        "rejected": Status("bad", "x-circle", N_("Rejected")),
        "cancelled": Status("grey", "arrow-counterclockwise", N_("Withdrawn")),
        "needs_attention": Status("warn", "wrench-adjustable", N_("Needs attention")),
        "late": Status("bad", "alarm", N_("Late")),
    },
    "task": {
        "waiting": Status("grey", "hourglass", N_("Not started")),
        "ready": Status("warn", "inbox", N_("To do")),
        "running": Status("info", "arrow-repeat", N_("Under way")),
        "done": Status("ok", "check-circle", N_("Done")),
        "failed": Status("warn", "wrench-adjustable", N_("Needs attention")),
        "skipped": Status("grey", "skip-forward", N_("Skipped")),
        "cancelled": Status("grey", "slash-circle", N_("Cancelled")),
        "late": Status("bad", "alarm", N_("Late")),
    },
    "approval": {
        "waiting": Status("warn", "hourglass-split", N_("Waiting for an answer")),
        "approved": Status("ok", "check-circle", N_("Approved")),
        "rejected": Status("bad", "x-circle", N_("Rejected")),
        "lapsed": Status("grey", "slash-circle", N_("No longer needed")),
    },
    "holding": {
        "planned": Status("info", "clock", N_("On its way")),
        "active": Status("ok", "check-circle", N_("Active")),
        "suspended": Status("warn", "pause-circle", N_("Paused")),
        "ending": Status("grey", "calendar-x", N_("Ending")),
        "ended": Status("grey", "archive", N_("Ended")),
    },
    "account": {
        "planned": Status("info", "clock", N_("On its way")),
        "live": Status("ok", "check-circle", N_("In use")),
        "gone": Status("grey", "archive", N_("Removed")),
    },
    "item": {
        "draft": Status("grey", "pencil", N_("Draft")),
        "published": Status("ok", "check-circle", N_("Published")),
        "retired": Status("grey", "archive", N_("Retired")),
    },
    "resource": {
        "running": Status("ok", "check-circle", N_("Working")),
        "paused": Status("bad", "pause-circle", N_("Paused")),
        "unavailable": Status("warn", "exclamation-triangle", N_("No contact")),
    },
    "mail": {
        "queued": Status("info", "clock", N_("Waiting to be sent")),
        "sent": Status("ok", "check-circle", N_("Sent")),
        "failed": Status("bad", "exclamation-octagon", N_("Not sent")),
        "dropped": Status("grey", "slash-circle", N_("No longer needed")),
    },
}
"""States by noun, with the flags of a request (answer, attention, late) beside its states."""


def status_of(state: str, noun: str = "request") -> Status:
    """Return how a state looks, its word in the reader's language."""
    status = STATUSES[noun][str(state)]
    return status._replace(word=gettext(status.word))


def init_app(app: Flask) -> None:
    """Give templates `status_of()`."""
    app.add_template_global(status_of, "status_of")
