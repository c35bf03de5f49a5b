"""What went wrong with an automatic step, in plain words: what was done, to what, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.steps.ensure import Target
from portal.domain import items
from portal.domain.queries.case import Case, Label
from portal.domain.queries.said import Said, said
from portal.i18n import N_
from portal.models.holding import Account, Claim
from portal.models.task import Task

WHAT: Final = {
    "Unavailable": N_("The system did not answer, although it was tried several times."),
    "Unknown": N_("The connection broke, so it is not known whether it was done."),
    "Conflict": N_("Something that the portal has not made is in the way."),
    "Denied": N_("It was refused: the portal may not do this there."),
    "Misconfigured": N_("The connection to the system is not set up right."),
    "Invalid": N_("The system does not accept one of the values."),
    "CannotStart": N_("The step could not begin, because something that it needs is missing."),
    "Undecided": N_("A rule of the service could not be decided: something that it asks for is empty."),
}
"""What happened, by kind of error."""

ADVICE: Final = {
    "Unavailable": N_("See whether the system is running, then try again."),
    "Unknown": N_("Try again: the portal looks first, and does nothing twice."),
    "Conflict": N_(
        "Look it up in the system. If it belongs to somebody else, agree on another name with the person "
        "who ordered. If it is the right one, do the step by hand."
    ),
    "Denied": N_("Ask the owner of the system to widen what the portal may do, or do the step by hand."),
    "Misconfigured": N_("Correct the settings of the connection. All that waits goes on by itself then."),
    "Invalid": N_("Correct the value where it comes from, then try again."),
    "CannotStart": N_("Mend what is missing and try again, or do the step by hand."),
    "Undecided": N_("Fill in what is missing and try again, or skip the step if it is not for this case."),
}
"""What to do about it, unless the connector says it better."""

OURS: Final = frozenset({"CannotStart", "Undecided"})
"""Errors that the portal words itself, so that they are translated; connectors speak English."""


@dataclass(frozen=True)
class Fault:
    """A failed step, told to the service desk; `word` is the system's own or ours, `raw` is for experts."""

    doing: Label
    object: str
    system: Label
    what: Said
    word: Said
    is_ours: bool
    is_rule: bool
    advice: Said
    own_advice: str
    field: str
    raw: str
    attempts: int
    is_final: bool


def fault_of(session: Session, task: Task, case: Case) -> Fault | None:
    """Tell what is wrong with a step, if something is."""
    error: Mapping[str, Any] | None = task.error
    if not error:
        return None
    kind = str(error.get("kind", ""))
    params = error.get("params") or {}
    message = str(error.get("message", ""))
    return Fault(
        doing=case.label_of(task),
        object=_object_of(session, task),
        system=case.system_name(task.resource) if task.resource else "",
        what=said(WHAT.get(kind, N_("The step failed."))),
        word=said(message, **params),
        is_ours=kind in OURS,
        is_rule=kind == "Undecided",
        advice=said(ADVICE.get(kind, N_("Try again. If it fails once more, do the step by hand."))),
        own_advice=str(error.get("advice", "")),
        field=str(error.get("field", "")),
        raw=str(error.get("detail", "")),
        attempts=task.attempts,
        is_final=task.state == "failed",
    )


def _object_of(session: Session, task: Task) -> str:
    """Name what the step was about: its account as our records have it, else the kind of thing."""
    account = account_of(session, task)
    if account is not None:
        return f"{account.kind} {account.key}"
    step = items.load(task.request.version).step(task.step) if task.request else None
    if step is not None and isinstance(step.spec, Target):
        return step.spec.object_kind
    return ""


def account_of(session: Session, task: Task) -> Account | None:
    """Return the account that a step has a claim on."""
    if task.request is None or task.request.holding_id is None:
        return None
    return session.scalars(
        select(Account)
        .join(Claim)
        .where(Claim.holding_id == task.request.holding_id, Claim.step == task.step, Claim.row == task.row)
        .order_by(Claim.ended_at.is_not(None), Account.id.desc())
        .limit(1)
    ).first()
