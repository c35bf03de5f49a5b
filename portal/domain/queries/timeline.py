"""What has happened to a case, as sentences: history and messages, the noise of machines left out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portal.domain.queries.case import Case, Label, named
from portal.domain.queries.said import Said, said
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.person import Person
from portal.models.task import Task

ROLES = {
    "manager": N_("Manager"),
    "cost_centre_owner": N_("Owner of the cost centre"),
    "information_owner": N_("Owner of the information"),
    "escalated": N_("Next in line"),
    "fallback": N_("Approval desk"),
    "team": N_("For the team"),
}
BY_ITSELF = N_("Automatic")


@dataclass(frozen=True)
class Line:
    """One thing that has happened; `quote` is what somebody wrote, `plain` lines are of less weight."""

    title: Said
    at: datetime
    by: Label | None = None
    icon: str = "circle"
    tone: str = "grey"
    quote: str = ""
    plain: bool = False


def timeline(case: Case, viewer: Person | None, *, internal: bool = False) -> list[Line]:
    """List what has happened, the newest first; `internal` also shows notes that only agents may read."""
    lines = [line for event in case.events if (line := _line(case, event, viewer)) is not None]
    for comment in case.comments:
        if comment.is_internal and not internal:
            continue
        who = case.people.get(comment.person_id or 0)
        if comment.is_question:
            title, icon, tone = _by(who, viewer, *ASKED), "chat-left-text", "warn"
        elif comment.is_internal:
            title, icon, tone = _by(who, viewer, *NOTED), "lock", "grey"
        else:
            title, icon, tone = _by(who, viewer, *WROTE), "chat-left", "info"
        lines.append(Line(title, comment.worked_at, None, icon, tone, comment.text))
    order = sorted(enumerate(lines), key=lambda each: (each[1].at, each[0]), reverse=True)
    return [line for _, line in order]


ASKED = (N_("You asked a question"), N_("%(name)s asked a question"))
NOTED = (N_("You left a note for colleagues"), N_("%(name)s left a note for colleagues"))
WROTE = (N_("You wrote"), N_("%(name)s wrote"))
SENT = (N_("You placed the order"), N_("%(name)s placed the order"))
WITHDREW = (N_("You withdrew the order"), N_("%(name)s withdrew the order"))
RESENT = (N_("You answered and sent the order again"), N_("%(name)s answered and sent the order again"))
APPROVED = (N_("You approved"), N_("%(name)s approved"))
REJECTED = (N_("You rejected"), N_("%(name)s rejected"))
APPROVED_FOR = (N_("You approved for %(other)s"), N_("%(name)s approved for %(other)s"))
REJECTED_FOR = (N_("You rejected for %(other)s"), N_("%(name)s rejected for %(other)s"))
TOOK = (N_("You took on: %(step)s"), N_("%(name)s took on: %(step)s"))
SKIPPED = (N_("You skipped: %(step)s"), N_("%(name)s skipped: %(step)s"))
ADDED = (N_("You added a task"), N_("%(name)s added a task"))
REOPENED = (N_("You opened the case again"), N_("%(name)s opened the case again"))
CARRIED_OUT = (N_("You agreed to take back what was made"), N_("%(name)s agreed to take back what was made"))
SAW = (N_("You opened the first password"), N_("%(name)s opened the first password"))
BEGUN = {
    "end": N_("What was ordered comes to its end"),
    "undo": N_("What was made is to be taken back"),
    "suspend": N_("What was ordered is paused during a leave"),
    "resume": N_("What was ordered is resumed"),
    "extend": N_("What was ordered gets another last day"),
    "change": N_("What was ordered is changed"),
}
CLOSED_FOR = {
    "replaced": N_("A later change took the place of this case"),
    "unanswered": N_("Withdrawn, because no answer came"),
}
STEPS_SHOWN = frozenset({"ensure", "absent", "task", "reserve", "set", "wait", "order", "notify"})


def _by(who: Person | None, viewer: Person | None, you: str, they: str, **values: object) -> Said:
    if who is not None and viewer is not None and who.id == viewer.id:
        return said(you, **values)
    return said(they, name=named(who, viewer) if who else said(N_("Somebody")), **values)


def _line(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
    tell = TOLD.get((event.subject_kind, event.action))
    return tell(case, event, viewer) if tell else None


def _actor(case: Case, event: AuditEvent) -> Person | None:
    return case.people.get(event.actor_id or 0)


def _submit(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    who = _actor(case, event)
    purpose = case.request.purpose
    if purpose in BEGUN:
        return Line(
            said(BEGUN[purpose]),
            event.worked_at,
            named(who, viewer) if who else said(BY_ITSELF),
            "calendar3",
            "info",
        )
    return Line(_by(who, viewer, *SENT), event.worked_at, None, "send")


def _complete(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    return Line(said(N_("Everything is done")), event.worked_at, None, "check-circle", "ok")


def _cancel(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    who, note = _actor(case, event), str(event.body.get("note", ""))
    if who is None:
        text = CLOSED_FOR.get(note, N_("Ended before it was delivered"))
        return Line(said(text), event.worked_at, said(BY_ITSELF), "x-lg")
    return Line(_by(who, viewer, *WITHDREW), event.worked_at, None, "x-lg", quote=note)


def _resend(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    return Line(_by(_actor(case, event), viewer, *RESENT), event.worked_at, None, "send")


def _reopen(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    note = str(event.body.get("note", ""))
    return Line(
        _by(_actor(case, event), viewer, *REOPENED),
        event.worked_at,
        None,
        "arrow-counterclockwise",
        quote=note,
    )


def _carry_out(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    return Line(_by(_actor(case, event), viewer, *CARRIED_OUT), event.worked_at, None, "check-lg")


def _task_of(case: Case, event: AuditEvent) -> Task | None:
    return next((task for task in case.tasks if str(task.id) == event.subject_id), None)


def _step_done(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
    task = _task_of(case, event)
    if task is None or task.kind not in STEPS_SHOWN:
        return None
    who = _actor(case, event)
    by: Label = named(who, viewer) if who else said(BY_ITSELF)
    step, note = case.label_of(task), str(event.body.get("note", ""))
    name = task.result.get("value") if task.kind == "reserve" else None
    title = (
        said(N_("Done: %(step)s (%(name)s)"), step=step, name=name)
        if name
        else said(N_("Done: %(step)s"), step=step)
    )
    quiet = task.kind in ("wait", "notify", "set")
    icon = {"notify": "envelope", "wait": "calendar-check"}.get(task.kind, "check-lg" if who else "gear")
    return Line(title, event.worked_at, by, icon, "grey" if quiet else "ok" if who else "info", note, quiet)


def _step_failed(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
    task = _task_of(case, event)
    if task is None:
        return None
    title = said(N_("This step needs a person: %(step)s"), step=case.label_of(task))
    return Line(title, event.worked_at, said(BY_ITSELF), "wrench-adjustable", "warn")


def _step_by(words: tuple[str, str], icon: str) -> "Teller":
    def tell(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
        task = _task_of(case, event)
        if task is None:
            return None
        title = _by(_actor(case, event), viewer, *words, step=case.label_of(task))
        return Line(title, event.worked_at, None, icon, quote=str(event.body.get("note", "")), plain=True)

    return tell


def _approval_of(case: Case, event: AuditEvent) -> Approval | None:
    return next((each for each in case.approvals if str(each.id) == event.subject_id), None)


def _decided(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
    approval = _approval_of(case, event)
    channel = event.body.get("channel")
    if approval is None or channel == "earlier":
        return None
    who = _actor(case, event)
    if channel == "order":
        title = said(
            N_("The order is also the approval: %(name)s leads the unit"),
            name=named(who, viewer) if who else "",
        )
        return Line(title, event.worked_at, said(BY_ITSELF), "check-lg", "ok", plain=True)
    yes = event.action == "approve"
    other = case.people.get(approval.on_behalf_of_id or 0)
    if other is not None:
        title = _by(who, viewer, *(APPROVED_FOR if yes else REJECTED_FOR), other=named(other, viewer))
    else:
        title = _by(who, viewer, *(APPROVED if yes else REJECTED))
    role = said(ROLES[approval.reason]) if approval.reason in ROLES else None
    by: Label | None = case.team_name(approval.team) if approval.team else role
    icon, tone = ("check-lg", "ok") if yes else ("x-lg", "bad")
    return Line(title, event.worked_at, by, icon, tone, str(event.body.get("note", "")))


def _reminded(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
    approval = _approval_of(case, event)
    if approval is None:
        return None
    person, who = case.people.get(approval.person_id or 0), _actor(case, event)
    name: Label = named(person, viewer) if person else case.team_name(approval.team)
    by: Label = named(who, viewer) if who else said(BY_ITSELF)
    return Line(
        said(N_("A reminder was sent to %(name)s"), name=name), event.worked_at, by, "bell", plain=True
    )


def _escalated(case: Case, event: AuditEvent, viewer: Person | None) -> Line | None:
    extra = next((each for each in case.approvals if each.id == event.body.get("to")), None)
    if extra is None:
        return None
    person = case.people.get(extra.person_id or 0)
    name: Label = named(person, viewer) if person else case.team_name(extra.team)
    title = said(N_("The question went on to %(name)s as well, since no answer had come"), name=name)
    return Line(title, event.worked_at, said(BY_ITSELF), "arrow-up", plain=True)


def _added(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    note = str(event.body.get("note", ""))
    return Line(_by(_actor(case, event), viewer, *ADDED), event.worked_at, None, "plus-lg", quote=note)


def _shown(case: Case, event: AuditEvent, viewer: Person | None) -> Line:
    return Line(_by(_actor(case, event), viewer, *SAW), event.worked_at, None, "key", plain=True)


Teller = Callable[[Case, AuditEvent, Person | None], Line | None]

TOLD: dict[tuple[str, str], Teller] = {
    ("service_request", "submit"): _submit,
    ("service_request", "complete"): _complete,
    ("service_request", "cancel"): _cancel,
    ("service_request", "resend"): _resend,
    ("service_request", "reopen"): _reopen,
    ("service_request", "carry_out"): _carry_out,
    ("task", "complete"): _step_done,
    ("task", "fail"): _step_failed,
    ("task", "skip"): _step_by(SKIPPED, "skip-forward"),
    ("task", "take"): _step_by(TOOK, "person-check"),
    ("task", "add"): _added,
    ("approval", "approve"): _decided,
    ("approval", "reject"): _decided,
    ("approval", "remind"): _reminded,
    ("approval", "escalate"): _escalated,
    ("first_password", "show"): _shown,
}
"""What is told, and by which function; everything else in the history is for the audit log."""
