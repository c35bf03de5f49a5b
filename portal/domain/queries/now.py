"""Who has a case just now, and what they do with it."""

from dataclasses import dataclass, field

from portal import clock
from portal.domain import org, workdays
from portal.domain.queries.case import Case, Label, named
from portal.domain.queries.said import Said, said
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.task import Task
from portal.models.work import ResourceStatus
from portal.states import OPEN_REQUEST

REASONS = {
    "manager": N_("The manager decides about this service."),
    "cost_centre_owner": N_("The cost is so high that the owner of the cost centre decides."),
    "information_owner": N_("The owner of the information decides about access to it."),
    "team": N_("This team decides about the service."),
    "rule": N_("The service says who decides."),
    "fallback": N_("There is no manager who can be asked, so the approval desk decides."),
    "escalated": N_("The first one who was asked has not answered."),
}
"""Why somebody is asked, by `Approval.reason`."""


@dataclass(frozen=True)
class Now:
    """Who has it, in a heading; what they do, in sentences; two letters or an icon for the round picture."""

    title: Said
    does: list[Said] = field(default_factory=list)
    initials: str = ""
    icon: str = "gear"


def right_now(case: Case, viewer: Person | None = None) -> Now | None:
    """Tell who has a case; None when it is a draft or closed."""
    request = case.request
    if request.state not in OPEN_REQUEST:
        return None
    if request.facts.get("awaits_agent"):
        desk = said(N_("the service desk"))
        text = said(N_("Somebody there decides whether what was made is to be taken back."))
        return Now(said(N_("Right now with %(who)s"), who=desk), [text], icon="headset")
    if request.sent_back_at is not None:
        return _sent_back(case, viewer)
    tasks = [task for task in case.tasks if task.state in ("ready", "running", "failed")]
    by_weight = sorted(tasks, key=_weight)
    for task in by_weight[:1]:
        others = [task for task in by_weight[1:] if task.kind != "approve"]
        first = _of_task(case, task, viewer)
        return Now(first.title, [*first.does, *_beside(case, others)], first.initials, first.icon)
    return Now(said(N_("Right now with the portal")), [said(N_("The next step begins in a moment."))])


def _weight(task: Task) -> int:
    """Say what matters most to who follows it: trouble, a question, work by hand, by itself, a day."""
    if task.state == "failed":
        return 0
    if task.kind in ("approve", "ask"):
        return 1
    if task.kind == "wait":
        return 4
    return 3 if task.is_automatic else 2


def _of_task(case: Case, task: Task, viewer: Person | None) -> Now:
    if task.state == "failed":
        return _failed(case, task, viewer)
    if task.kind == "approve":
        return _asked(case, task, viewer)
    if task.kind == "wait" and task.due_on is not None:
        return _waits(case, task)
    if task.is_automatic:
        return _automatic(case, task)
    return _by_hand(case, task, viewer)


def _sent_back(case: Case, viewer: Person | None) -> Now:
    request = case.request
    who, asker = request.requester, case.people.get(request.sent_back_by_id or 0)
    mine = viewer is not None and viewer.id == request.requester_id
    title = said(N_("Right now with you")) if mine else said(
        N_("Right now with %(who)s"), who=named(who, viewer) if who else said(N_("the service desk"))
    )  # fmt: skip
    does = [said(N_("%(name)s has asked a question. The case goes on when it is answered."),
                 name=named(asker, viewer) if asker else said(N_("the service desk")))]  # fmt: skip
    assert request.sent_back_at is not None
    since = clock.local_day(request.sent_back_at, clock.zone(case.session))
    last = workdays.add(case.session, since, world_of(case.session).resend_working_days)
    does.append(said(N_("If no answer has come by %(day)s, the order is withdrawn."), day=last))
    return Now(title, does, who.initials if who else "", "chat-left-text")


def _failed(case: Case, task: Task, viewer: Person | None) -> Now:
    text = N_("This step needs a person: %(step)s. You do not have to do anything.")
    person = case.people.get(task.person_id or 0)
    who: Label = named(person, viewer) if person else case.team_name(task.team)
    initials = person.initials if person else ""
    title = said(N_("Right now with %(who)s"), who=who)
    return Now(title, [said(text, step=case.label_of(task))], initials, "wrench-adjustable")


def _asked(case: Case, task: Task, viewer: Person | None) -> Now:
    asked = [each for each in case.approvals if each.task_id == task.id and each.state == "waiting"]
    if not asked:
        return Now(said(N_("Right now with the portal")), [said(N_("The next step begins in a moment."))])
    names = [_name(case, each, viewer) for each in asked]
    first = asked[0]
    person = case.people.get(first.person_id or 0)
    mine = viewer is not None and person is not None and person.id == viewer.id
    title = said(N_("Right now with you")) if mine else said(N_("Right now with %(who)s"), who=names)
    does = [said(REASONS.get(asked[-1].reason, REASONS["rule"]))]
    away = [named(p, viewer) for p in org.stand_ins_of(case.session, person)] if person is not None else []
    if away and person is not None:
        does.append(said(N_("%(others)s may answer for %(name)s."), others=away, name=named(person, viewer)))
    day = clock.local_day(first.asked_at, clock.zone(case.session))
    if first.deadline_on is not None and len(asked) == 1:
        text = N_(
            "Asked on %(day)s. Without an answer by %(deadline)s the question goes on to the next in line."
        )
        does.append(said(text, day=day, deadline=first.deadline_on))
    else:
        does.append(said(N_("Asked on %(day)s."), day=day))
    return Now(title, does, person.initials if person else "", "people")


def _name(case: Case, approval: Approval, viewer: Person | None) -> Label:
    person = case.people.get(approval.person_id or 0)
    return named(person, viewer) if person else case.team_name(approval.team)


def _waits(case: Case, task: Task) -> Now:
    title = said(N_("Waiting until %(day)s"), day=task.due_on)
    following = next((w for w in case.process.steps if not case.of_step(w.id) and case.applies(w)), None)
    does = [said(N_("Nothing has to be done before that."))]
    if following is not None:
        does.append(said(N_("After that: %(step)s."), step=case.label(following.step)))
    return Now(title, does, icon="calendar3")


def _automatic(case: Case, task: Task) -> Now:
    system = case.system_name(task.resource)
    title = said(N_("Right now with the portal"))
    state = case.session.get(ResourceStatus, task.resource)
    if state is not None and state.state == "paused":
        text = N_("%(system)s rests while somebody looks at it. The case goes on by itself afterwards.")
        return Now(title, [said(text, system=system)], icon="pause-circle")
    step = case.label_of(task)
    if task.state == "ready" and task.error and task.not_before and task.not_before > clock.now():
        texts = [said(N_("%(system)s did not answer. The portal tries again by itself."), system=system)]
        shown = task.not_before + (clock.working_now(case.session) - clock.now())
        return Now(title, [*texts, said(N_("Next try: %(at)s."), at=shown)], icon="arrow-repeat")
    return Now(title, [said(N_("Under way: %(step)s."), step=step)])


def _by_hand(case: Case, task: Task, viewer: Person | None) -> Now:
    step = case.label_of(task)
    person = case.people.get(task.person_id or 0)
    if person is not None:
        title = said(N_("Right now with %(who)s"), who=named(person, viewer))
        does = [said(N_("Is working on: %(step)s."), step=step)]
    else:
        title = said(N_("Right now with %(who)s"), who=case.team_name(task.team))
        does = [said(N_("In the queue: %(step)s."), step=step)]
    if task.due_on is not None:
        does.append(said(N_("To be done by %(day)s."), day=task.due_on))
    return Now(title, does, person.initials if person else "", "person-workspace")


def _beside(case: Case, tasks: list[Task]) -> list[Said]:
    """Tell in a sentence each what goes on at the same time."""
    found = []
    for task in tasks:
        step = case.label_of(task)
        if task.kind == "wait" and task.due_on is not None:
            found.append(said(N_("At the same time: waiting until %(day)s."), day=task.due_on))
        elif task.team:
            found.append(
                said(N_("At the same time with %(who)s: %(step)s."), who=case.team_name(task.team), step=step)
            )
        else:
            found.append(said(N_("At the same time: %(step)s."), step=step))
    return found
