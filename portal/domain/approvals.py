"""Saying yes or no.

A decision is one conditional UPDATE on (approval, revision, waiting) under the request's lock: of two
people, or of two clicks, one wins and the other is told what was decided.
"""

from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from catalog.steps.approve import Approve
from portal import clock
from portal.domain import audit, items, mails, org, requests, workdays
from portal.domain.approvers import Asked, next_in_line, same_human
from portal.domain.situations import situation_of
from portal.domain.transitions import move
from portal.errors import NotAllowed, PortalError
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.rights import allowed


class Decided(PortalError):
    """Somebody was first."""

    message = N_("This has already been decided.")
    status = 409


class Changed(PortalError):
    """The order has changed since it was shown."""

    message = N_("The order has changed since you opened it. Look at it again before you decide.")
    status = 409


class CommentNeeded(PortalError):
    """A no needs its reason."""

    message = N_("Write why you reject, so that the person who ordered knows what to do.")
    status = 422


def ask(session: Session, task: Task, asked: Asked, *, deadline: date | None) -> Approval:
    """Ask a person or a team, by a row and by letter."""
    request = task.request
    assert request is not None
    approval = Approval(
        request_id=request.id,
        task_id=task.id,
        person_id=asked.person.id if asked.person else None,
        team=asked.team.removeprefix("team/"),
        reason=asked.reason,
        revision=request.revision,
        deadline_on=deadline,
        state="waiting",
        created_at=clock.now(),
        asked_at=clock.working_now(session),
    )
    session.add(approval)
    session.flush()
    for person in receivers(session, approval):
        mails.queue(session, "approve", to=person, request=request, approval=approval.id)
    return approval


def receivers(session: Session, approval: Approval) -> list[Person]:
    """Return who gets the letters about an approval: the person and their stand-ins, or the team.

    Those who ordered it or get it are left out, for they may not answer.
    """
    about = approval.request
    if approval.person is not None or approval.person_id is not None:
        person = session.get_one(Person, approval.person_id)
        return [person, *(each for each in org.stand_ins_of(session, person) if not _is_own(about, each))]
    return [each for each in org.members_of(session, approval.team) if not _is_own(about, each)]


def _is_own(request: ServiceRequest, person: Person) -> bool:
    return same_human(person, request.requester) or same_human(person, request.beneficiary)


def may_decide(session: Session, approval: Approval, person: Person) -> bool:
    """Say whether somebody may answer: asked, standing in, in the team, or at the desk with the right.

    Nobody decides what they get themselves, nor what they have ordered, unless they themselves are asked.
    """
    request = approval.request
    if same_human(person, request.beneficiary) or person.is_disabled:
        return False
    if person.id == approval.person_id:
        return True
    if _is_own(request, person):
        return False
    if approval.person_id is not None:
        asked = session.get_one(Person, approval.person_id)
        if any(p.id == person.id for p in org.stand_ins_of(session, asked)):
            return True
    elif any(p.id == person.id for p in org.members_of(session, approval.team)):
        return True
    return allowed(session, person, "approvals.desk")


def decide(
    session: Session,
    approval: Approval,
    decision: str,
    *,
    actor: Person,
    revision: int,
    comment: str = "",
    channel: str = "web",
) -> None:
    """Record a yes ("approve") or a no ("reject") to the revision that was shown.

    Raises NotAllowed, Decided, Changed or CommentNeeded; nothing has happened then.
    """
    request = requests.lock(session, approval.request_id)
    session.refresh(approval)
    if not may_decide(session, approval, actor):
        raise NotAllowed(N_("You cannot decide about this order."))
    if decision == "reject" and not comment.strip():
        raise CommentNeeded
    if approval.state != "waiting":
        raise Decided
    if request.revision != revision:
        raise Changed
    behalf = approval.person_id if approval.person_id not in (None, actor.id) else None
    if _record(session, approval, decision, actor, comment.strip(), channel, behalf) == 0:
        raise Decided
    session.refresh(approval)
    audit.record(
        session,
        approval,
        decision,
        actor=actor,
        request=request,
        before="waiting",
        after=approval.state,
        note=comment.strip(),
        channel=channel,
        on_behalf_of=behalf,
    )
    settle(session, approval.task, actor=actor)
    requests.advance_request(session, request)


def _record(
    session: Session,
    approval: Approval,
    decision: str,
    actor: Person,
    comment: str,
    channel: str,
    behalf: int | None,
) -> int:
    done = session.execute(
        update(Approval)
        .where(
            Approval.id == approval.id, Approval.state == "waiting", Approval.revision == approval.revision
        )
        .values(
            state="approved" if decision == "approve" else "rejected",
            decided_by_id=actor.id,
            on_behalf_of_id=behalf,
            comment=comment,
            channel=channel,
            decided_at=clock.now(),
        )
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE always gives a CursorResult


def settle(session: Session, task: Task, *, actor: Person | None) -> None:
    """Settle an approve task when enough answers are in; those who were asked in vain lapse."""
    rows = list(session.scalars(select(Approval).where(Approval.task_id == task.id)))
    answers = [row.state for row in rows]
    decision = outcome(_spec(session, task), answers)
    if decision is None:
        return
    for row in rows:
        if row.state == "waiting":
            move(session, row, "lapse", actor=None)
    task.result = {"decision": decision}
    task.settled_at = clock.now()
    move(session, task, "complete", actor=actor, step=task.step)


def _spec(session: Session, task: Task) -> Approve:
    assert task.request is not None
    step = items.load(task.request.version).step(task.step)
    assert step is not None
    assert isinstance(step.spec, Approve)
    return step.spec


def outcome(spec: Approve, answers: list[str]) -> str | None:
    """Say what the answers so far amount to: approve, reject, or None while it is open.

    `first` (default for one or a team): the first answer settles. `all` (default for several): one no
    settles. A number or a share needs so many, and is rejected when it can no longer be reached.
    """
    yes, no, open_ = answers.count("approved"), answers.count("rejected"), answers.count("waiting")
    rule = spec.decide or ("all" if len(spec.by) > 1 else "first")
    if rule == "first":
        return "approve" if yes else "reject" if no else None
    if rule == "all":
        return "reject" if no else "approve" if not open_ and yes else None
    total = yes + no + open_
    needed = rule if isinstance(rule, int) else -(-total * int(str(rule).rstrip("%")) // 100)
    if yes >= needed:
        return "approve"
    return "reject" if yes + open_ < needed else None


def remind(session: Session, approval: Approval, *, actor: Person | None) -> None:
    """Send the letter again with a fresh link; earlier links live on."""
    approval.reminders += 1
    audit.record(session, approval, "remind", actor=actor, request=approval.request)
    for person in receivers(session, approval):
        mails.queue(session, "approve-reminder", to=person, request=approval.request, approval=approval.id)


def escalate(session: Session, approval: Approval) -> Approval | None:
    """Ask the next in line too; both may decide. Nothing when the desk has it already."""
    request = requests.lock(session, approval.request_id)
    if approval.state != "waiting" or approval.person_id is None:
        return None
    item = items.load(request.version)
    about = situation_of(session, request, item)
    following = next_in_line(session, session.get_one(Person, approval.person_id), about)
    asked = select(Approval).where(Approval.task_id == approval.task_id, Approval.state == "waiting")
    for other in session.scalars(asked):
        same_person = following.person is not None and other.person_id == following.person.id
        if same_person or (following.team and other.team == following.team.removeprefix("team/")):
            return None
    extra = ask(session, approval.task, following, deadline=None)
    extra.escalated_from_id = approval.id
    audit.record(session, approval, "escalate", actor=None, request=request, to=extra.id)
    return extra


def remind_and_escalate(session: Session, approval: Approval, on: date) -> str:
    """Do what is due with a waiting approval on a day; return what was done.

    Days are working days since it was asked; each reminder and the escalation happen once.
    """
    reminders, escalates = due(session, approval, on)
    done = ""
    if approval.reminders < reminders:
        remind(session, approval, actor=None)
        approval.reminders = reminders
        done = "remind"
    if escalates and escalate(session, approval):
        done = "escalate"
    return done


def due(session: Session, approval: Approval, on: date) -> tuple[int, bool]:
    """Return how many reminders an approval should have had by a day, and whether the next is asked."""
    spec = _spec(session, approval.task)
    asked_on = clock.local_day(approval.asked_at, clock.zone(session))
    waited = workdays.between(session, asked_on, on)
    reminders = sum(1 for days in spec.remind if days <= waited)
    if not spec.escalate or waited < spec.escalate or approval.person_id is None:
        return reminders, False
    already = select(Approval.id).where(Approval.escalated_from_id == approval.id)
    return reminders, session.scalars(already).first() is None


def waiting_for(session: Session, person: Person) -> list[Approval]:
    """Return the approvals that somebody can answer now, the oldest first: their own, their teams', and those
    of the people they stand in for.
    """
    people = [person.id, *(p.id for p in org.stand_ins_for(session, person))]
    teams = org.teams_of(session, person)
    rows = session.scalars(
        select(Approval)
        .join(ServiceRequest)
        .where(
            Approval.state == "waiting",
            ServiceRequest.sent_back_at.is_(None),
            or_(Approval.person_id.in_(people), Approval.team.in_(teams or ["-"])),
        )
        .order_by(Approval.id)
    )
    return [row for row in rows if may_decide(session, row, person)]
