"""Playing planned orders through the verbs: sending, deciding, doing, and what the clock brings.

A chain of orders is played from its first day to now in one go, so that what is committed is always true
today. Each act happens at its own moment; what it leads to is put in line behind it.
"""

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from connectors import memory
from connectors.errors import ConnectorError, Invalid
from portal import clock
from portal.demo import catalog, hours, sources, store
from portal.demo.organisation import Book
from portal.demo.pen import OnePen, database_of
from portal.demo.results import results_for
from portal.demo.staff import dice
from portal.demo.wishes import Chain, Ref, Wish
from portal.domain import (
    answers,
    approvals,
    items,
    lifecycle,
    messages,
    ordering,
    people,
    requests,
    tasks,
    withdrawing,
    workdays,
)
from portal.domain.steps import wait
from portal.models.approval import Approval
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding
from portal.models.person import Delegation, Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Team, TeamMember
from portal.settings import Settings
from portal.states import OPEN_REQUEST
from portal.work import steps
from portal.work.run import Claim, Worker
from portal.work.world import open_named

Act = Callable[[], None]
LONGEST_ANSWER = 1900
"""Working minutes; who has not answered within five working days is escalated."""


class HistoryWorker(Worker):
    """A worker whose one system stays open, and in which chosen steps fail."""

    def __init__(self, base: OnePen, settings: Settings) -> None:
        super().__init__(database_of(base), settings)
        self.connector = open_named(settings, store.RESOURCE)
        self.failures: dict[tuple[int, str], ConnectorError] = {}

    def _act(self, claim: Claim) -> tuple[Any, ConnectorError | None]:
        task = self.database.session().get_one(Task, claim.task_id)
        failure = self.failures.get((task.request_id or 0, task.step))
        if failure is not None:
            return None, failure
        try:
            return steps.act(self.database, self.connector, claim.work), None
        except ConnectorError as error:
            return None, error


class Player:
    """Plays chains, one at a time."""

    def __init__(
        self, pen: OnePen, settings: Settings, book: Book, kept: memory.Store, now: datetime
    ) -> None:
        """Take where it is written, in which memory, and until when."""
        self.session: Session = pen.pen
        self.worker = HistoryWorker(pen, settings)
        self.book, self.kept, self.now = book, kept, now
        self.is_checking = False
        self.faults: list[str] = []
        self._line: list[tuple[datetime, int, Act]] = []
        self._count = count()
        self._teams: dict[str, list[int]] = {}
        self.wish_of: dict[int, Wish] = {}

    def play(self, chain: Chain) -> None:
        """Play a chain to its end, or to now."""
        self.rng = dice("play", chain.key)
        self.chain = chain
        self.wish_of = {}
        self._known: set[tuple[str, int]] = set()
        for wish in chain.wishes:
            self._at(wish.at, partial(self._send, wish))
        for day in chain.looks:
            self._at(hours.at(day, 0, 15), lambda: self._look_at_person(self.book.people[chain.person]))
        while self._line and self._line[0][0] <= self.now:
            moment, _, act = heapq.heappop(self._line)
            with clock.at(moment):
                act()
                self.session.commit()
        self._line.clear()

    def _at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._line, (moment, next(self._count), act))

    def _soon(self, minutes: float, act: Act, wish: Wish | None) -> None:
        """Put an act in line; what is to be settled by now is, however late it began."""
        moment = hours.later(clock.now(), minutes)
        if moment > self.now and wish is not None and not wish.is_open:
            left = (self.now - clock.now()).total_seconds()
            moment = clock.now() + timedelta(seconds=left * self.rng.uniform(0.05, 0.3))
        self._at(moment, act)

    # sending

    def _send(self, wish: Wish) -> None:
        session = self.session
        actor = self.book.person(session, wish.by)
        whom = self.book.person(session, wish.whom) if wish.whom else None
        version = catalog.at(session, wish.item, clock.now())
        given = {name: self._answer(value) for name, value in wish.answers.items()}
        key = f"demo-{wish.at.isoformat()}-{wish.by}-{wish.item}-{wish.whom or wish.comes}"[:80]
        if wish.stand_in and not wish.is_open:
            self._stand_in(wish)
        if wish.fate == "draft":
            request = ordering.save_draft(session, version, given, actor=actor, beneficiary=whom)
            self.wish_of[request.id] = wish
            return
        if self.is_checking:
            self._check(wish, items.load(version), given, actor, whom)
        request = ordering.submit(session, version, given, actor=actor, beneficiary=whom, key=key)
        self.wish_of[request.id] = wish
        if wish.comes and request.beneficiary is not None and wish.comes not in self.book.people:
            self.book.note(session, wish.comes, request.beneficiary)
        if wish.fate == "withdraw":
            minutes = self.rng.uniform(2, 45)
            self._soon(minutes, lambda: self._withdraw(request, wish), wish)
        if wish.fate == "failed":
            self.worker.failures[request.id, wish.step] = Invalid(FAILURES[wish.step], detail=wish.detail)
        self._follow(request)

    def _check(
        self, wish: Wish, item: CatalogItem, given: dict[str, Any], actor: Person, whom: Person | None
    ) -> None:
        """See that the form would have let these answers through; only tests take the time for it."""
        cleaned = answers.clean(self.session, item, given, actor=actor, beneficiary=whom)
        if cleaned.errors or cleaned.disappeared or cleaned.refusal:
            why = {name: error.message for name, error in cleaned.errors.items()}
            self.faults.append(f"{wish.item} {wish.fate} {wish.answers}: {why} {cleaned.refusal}")

    def _answer(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._answer(each) for each in value]
        if not isinstance(value, Ref):
            return value.isoformat() if isinstance(value, date) else value
        match value.noun:
            case "person":
                return self.book.people[value.key]
            case "unit":
                return self.book.units[value.key]
            case "mailbox":
                return self._mailbox(int(value.key))
        raise ValueError(value.noun)

    def _mailbox(self, number: int) -> int | None:
        query = select(Holding).where(Holding.item_key == "shared-mailbox", Holding.state == "active")
        found = [
            h.id
            for h in self.session.scalars(query)
            if h.started_on and h.started_on < clock.today(self.session)
        ]
        return sorted(found)[number % len(found)] if found else None

    def _withdraw(self, request: ServiceRequest, wish: Wish) -> None:
        assert request.requester is not None
        if requests.may_withdraw(self.session, request, request.requester):
            withdrawing.withdraw(self.session, request, actor=request.requester, note=wish.comment)
            self._follow(request)

    def _stand_in(self, wish: Wish) -> None:
        """Let the head of the unit be away just then, with somebody to answer."""
        unit = self.book.staff.people[wish.whom or wish.by].unit
        boss, other = self.book.people[self.book.staff.head_of(unit)], self.book.people[wish.stand_in]
        today = clock.today(self.session)
        self.session.add(
            Delegation(
                person_id=boss,
                delegate_id=other,
                from_on=today - timedelta(days=2),
                to_on=today + timedelta(days=12),
            )
        )
        self.session.flush()

    # following what an act has led to

    def _follow(self, request: ServiceRequest) -> None:
        """Let automatic steps run, and put in line what people and days have to do."""
        session = self.session
        session.commit()
        moment = clock.now()
        while True:
            rows = requests.tasks_of(session, request)
            due = [t for t in rows if t.is_automatic and t.state == "ready" and t.error is None]
            if not due:
                break
            moment += timedelta(seconds=self.rng.uniform(2, 9))
            with clock.at(moment):
                self.worker.run(due[0].id)
                session.commit()
        wish = self.wish_of.get(request.id)
        for task in rows:
            if task.state == "ready" and ("task", task.id) not in self._known:
                self._known.add(("task", task.id))
                self._plan(request, task, wish)
        self._look_ahead(request, wish)

    def _plan(self, request: ServiceRequest, task: Task, wish: Wish | None) -> None:
        """Put in line what settles a task."""
        match task.kind:
            case "approve":
                query = select(Approval).where(Approval.task_id == task.id, Approval.state == "waiting")
                for approval in self.session.scalars(query).all()[:1]:
                    self._plan_answer(request, approval, wish)
            case "task":
                if wish is None or wish.fate not in ("queued", "late", "withdraw"):
                    delays = self._delays(task.team)
                    minutes = hours.drawn(self.rng, delays)
                    if wish is not None and wish.fate == "first_day":
                        minutes = 30
                    self._soon(minutes, lambda: self._do(request, task), wish)
            case "wait":
                if task.due_on is not None:
                    self._at(hours.at(task.due_on, 5, 30), lambda: self._wake(request, task))

    def _delays(self, team: str) -> list[dict[str, Any]]:
        how = sources.volumes()["tasks"]
        found: list[dict[str, Any]] = how.get(team, how["other"])["delays"]
        return found

    # approving

    def _plan_answer(self, request: ServiceRequest, approval: Approval, wish: Wish | None) -> None:
        if wish is None:
            return
        match wish.fate:
            case "waits":
                for number in range(wish.reminded):
                    share = (number + 1) / (wish.reminded + 1)
                    self._at(clock.now() + (self.now - clock.now()) * share, lambda: self._remind(request))
                return
            case "withdraw":
                return
            case "asked":
                self._soon(self.rng.uniform(30, 90), lambda: self._send_back(request, approval, wish), wish)
                return
            case "queued" | "late" | "first_day" | "failed":
                minutes = self.rng.uniform(4, 40)
            case _:
                minutes = hours.drawn(self.rng, sources.volumes()["approvals"]["delays"])
                if minutes > LONGEST_ANSWER:  # who takes longer is planned to
                    minutes = self.rng.uniform(0.8, 1) * LONGEST_ANSWER
        if wish.escalates and ("escalates", request.id) not in self._known:
            self._known.add(("escalates", request.id))
            minutes = self.rng.uniform(2500, 3300)
        if minutes > hours.DAY_MINUTES:
            asked_on = clock.local_day(approval.asked_at, clock.DEFAULT_ZONE)
            for days in (2, 4, 5):
                morning = hours.at(workdays.add(self.session, asked_on, days), 8, 20)
                self._at(morning, lambda: self._nudge(approval))
        self._soon(minutes, lambda: self._answer_approval(request, approval, wish), wish)

    def _remind(self, request: ServiceRequest) -> None:
        assert request.requester is not None
        messages.remind(self.session, request, actor=request.requester)

    def _nudge(self, approval: Approval) -> None:
        if approval.state == "waiting":
            approvals.remind_and_escalate(self.session, approval, clock.today(self.session))

    def _answer_approval(self, request: ServiceRequest, approval: Approval, wish: Wish) -> None:
        if approval.state != "waiting":
            return
        if wish.escalates:
            approval = self._escalated(approval) or approval
        actor = self._who_answers(approval, wish)
        if actor is None:
            return
        how = sources.volumes()["approvals"]
        channel = "link" if self.rng.random() < how["by_link"] else "web"
        is_no = wish.fate == "reject"
        comment = wish.comment if is_no else ""
        if not is_no and self.rng.random() < how["with_comment"]:
            comment = self.rng.choice(sources.phrases()["approve_comments"])
        decision = "reject" if is_no else "approve"
        approvals.decide(
            self.session,
            approval,
            decision,
            actor=actor,
            revision=request.revision,
            comment=comment,
            channel=channel,
        )
        self._follow(request)

    def _escalated(self, approval: Approval) -> Approval | None:
        query = select(Approval).where(Approval.escalated_from_id == approval.id, Approval.state == "waiting")
        return self.session.scalars(query).first()

    def _who_answers(self, approval: Approval, wish: Wish) -> Person | None:
        session = self.session
        if wish.stand_in and approval.person_id is not None:
            other = self.book.person(session, wish.stand_in)
            if approvals.may_decide(session, approval, other):
                return other
        if approval.person_id is not None:
            asked = session.get_one(Person, approval.person_id)
            if approvals.may_decide(session, approval, asked):
                return asked
        members = self._members(approval.team) if approval.team else self._members("approval-desk")
        self.rng.shuffle(members)
        for person_id in members:
            person = session.get_one(Person, person_id)
            if approvals.may_decide(session, approval, person):
                return person
        return None

    def _members(self, team: str) -> list[int]:
        if team not in self._teams:
            query = (
                select(TeamMember.person_id).join(Team).where(Team.key == team).order_by(TeamMember.person_id)
            )
            self._teams[team] = list(self.session.scalars(query))
        return list(self._teams[team])

    def _send_back(self, request: ServiceRequest, approval: Approval, wish: Wish) -> None:
        actor = self._who_answers(approval, wish)
        assert actor is not None
        messages.send_back(self.session, request, actor=actor, question=wish.comment)

    # doing by hand

    def _do(self, request: ServiceRequest, task: Task) -> None:
        if task.state != "ready" or request.state not in OPEN_REQUEST:
            return
        session = self.session
        wish = self.wish_of.get(request.id)
        members = self._members(task.team)
        actor = session.get_one(Person, self.rng.choice(members))
        tasks.take(session, task, actor=actor)
        fields = tasks.results_of(session, task)
        results = results_for(fields, wish.results if wish else {}, self.rng, clock.today(session))
        checked = list(range(len(task.payload.get("checklist", ()))))
        tasks.complete(session, task, actor=actor, results=results, checked=checked)
        self._follow(request)

    def _talk(self, request: ServiceRequest, wish: Wish) -> None:
        """Let a message be written and answered."""
        assert wish.thread is not None
        who, first, second = wish.thread
        session = self.session
        assert request.requester is not None
        task = next((t for t in requests.tasks_of(session, request) if t.kind == "task"), None)
        members = self._members(task.team if task else "service-desk")
        agent = session.get_one(Person, self.rng.choice(members))
        one, other = (agent, request.requester) if who == "team" else (request.requester, agent)
        messages.write(session, request, actor=one, text=first)
        if second:
            reply = hours.later(clock.now(), self.rng.uniform(8, 200))
            if reply < self.now:
                self._at(reply, lambda: self._say(request, other, second))

    def _put_question(self, request: ServiceRequest, wish: Wish) -> None:
        """Let a team ask while it works."""
        assert wish.question is not None
        team, text = wish.question
        task = next(
            t for t in requests.tasks_of(self.session, request) if t.team == team and t.state == "ready"
        )
        actor = self.session.get_one(Person, self.rng.choice(self._members(team)))
        tasks.ask_requester(self.session, task, actor=actor, text=text)

    def _say(self, request: ServiceRequest, actor: Person, text: str) -> None:
        messages.write(self.session, request, actor=actor, text=text)

    # what the days bring

    def _wake(self, request: ServiceRequest, task: Task) -> None:
        request = requests.lock(self.session, request.id)
        if task.state == "ready" and request.state in OPEN_REQUEST and wait.settle_if_due(self.session, task):
            requests.advance_request(self.session, request)
            self._follow(request)

    def _look_ahead(self, request: ServiceRequest, wish: Wish | None) -> None:
        """Put in line the days on which something of the person's begins, ends or pauses."""
        if wish is not None and wish.thread and ("talk", request.id) not in self._known:
            self._known.add(("talk", request.id))
            self._at(
                clock.now() + timedelta(minutes=self.rng.uniform(15, 90)), lambda: self._talk(request, wish)
            )
        if (
            wish is not None
            and wish.question
            and ("asked", request.id) not in self._known
            and request.state == "in_delivery"
        ):
            self._known.add(("asked", request.id))
            self._soon(60, lambda: self._put_question(request, wish), wish)
        if request.state == "delivered" and ("done", request.id) not in self._known:
            self._known.add(("done", request.id))
            if request.item_key == "change-employment":
                self._look_at_person(request.beneficiary_id)
            elif request.holding_id is not None and request.purpose == "deliver":
                holding = self.session.get_one(Holding, request.holding_id)
                self._mark_end(holding)
                if wish is not None and wish.comes:
                    self._meet_hr(request, wish)

    def _mark_end(self, holding: Holding) -> None:
        if holding.ends_on is not None:
            moment = hours.at(holding.ends_on + timedelta(days=1), 0, 20)
            self._at(max(moment, clock.now()), lambda: self._look_at(holding))

    def _look_at_person(self, person_id: int | None) -> None:
        """After a change of employment: look at all that somebody has, now and on the days that follow."""
        if person_id is None:
            return
        query = (
            select(Holding)
            .where(Holding.person_id == person_id, Holding.state != "ended")
            .order_by(Holding.id)
        )
        leaves = (
            select(Leave)
            .join(Employment)
            .where(Employment.person_id == person_id, Leave.is_cancelled.is_(False))
        )
        days = set()
        for leave in self.session.scalars(leaves):
            days.add(leave.starts_on)
            if leave.ends_on:
                days.add(leave.ends_on + timedelta(days=1))
        for holding in self.session.scalars(query).all():
            self._look_at(holding)
            self._mark_end(holding)
            for day in sorted(days):
                moment = hours.at(day, 0, 25)
                if moment > clock.now():
                    self._at(moment, partial(self._look_at, holding))

    def _look_at(self, holding: Holding) -> None:
        """Do what the clock does with something that somebody has."""
        request = lifecycle.look_at(self.session, holding, clock.today(self.session))
        if request is not None:
            self._follow(request)

    def _meet_hr(self, request: ServiceRequest, wish: Wish) -> None:
        """HR knows the newcomer some days later: number and address."""
        planned = self.book.staff.people.get(wish.comes)
        person = request.beneficiary
        if planned is None or person is None:
            return
        holding = self.session.get_one(Holding, request.holding_id)
        address = holding.values.get("mail_address") or planned.mail
        number = str(10_001 + list(self.book.staff.people).index(wish.comes))
        fields: dict[str, Any] = {"mail": address, "title": planned.title}
        if planned.form != "consultant" and not person.hr_number:
            fields["hr_number"] = number
        people.apply(self.session, people.changes_of(person, **fields), source="hr")


FAILURES = {
    "vpn": "Group vpn does not exist under ou=groups,dc=lansforvaltningen,dc=example.",
    "account": "The address is used by another entry.",
    "licence": "The directory did not answer within 10 seconds.",
    "right": "The directory does not let the portal change this group.",
}
"""What the directory says in the steps that have failed."""
