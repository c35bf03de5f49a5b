"""Playing planned orders through the verbs: sending, deciding, doing, and what the clock brings.

A chain of orders is played from its first day to now in one go, so that what is committed is always true
today. Each act happens at its own moment; what it leads to is put in line behind it.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from catalog.schema import CatalogItem
from connectors.errors import Invalid
from portal import clock
from portal.demo import catalog, hours
from portal.demo.approving import Approving
from portal.demo.doing import Doing
from portal.demo.wishes import Chain, Ref, Wish
from portal.domain import answers, items, lifecycle, ordering, people, requests, withdrawing
from portal.domain.steps import wait
from portal.models.approval import Approval
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST


class Player(Approving, Doing):
    """Plays chains, one at a time."""

    def play(self, chain: Chain) -> None:
        """Play a chain to its end, or to now."""
        self.begin(chain.key)
        for wish in chain.wishes:
            self.at(wish.at, partial(self._send, wish))
        for day in chain.looks:
            self.at(hours.at(day, 0, 15), lambda: self._look_at_person(self.book.people[chain.person]))
        self.perform()

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
            self.soon(minutes, lambda: self._withdraw(request, wish), wish)
        if wish.fate == "failed":
            self.worker.failures[request.id, wish.step] = Invalid(FAILURES[wish.step], detail=wish.detail)
        self.follow(request)

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
            self.follow(request)

    # following what an act has led to

    def follow(self, request: ServiceRequest) -> None:
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
            if task.state == "ready" and self.is_new("task", task.id):
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
                    self.soon(minutes, lambda: self._do(request, task), wish)
            case "wait":
                if task.due_on is not None:
                    self.at(hours.at(task.due_on, 5, 30), lambda: self._wake(request, task))

    # what the days bring

    def _wake(self, request: ServiceRequest, task: Task) -> None:
        request = requests.lock(self.session, request.id)
        if task.state == "ready" and request.state in OPEN_REQUEST and wait.settle_if_due(self.session, task):
            requests.advance_request(self.session, request)
            self.follow(request)

    def _look_ahead(self, request: ServiceRequest, wish: Wish | None) -> None:
        """Put in line the days on which something of the person's begins, ends or pauses."""
        if wish is not None and wish.thread and self.is_new("talk", request.id):
            self.at(
                clock.now() + timedelta(minutes=self.rng.uniform(15, 90)), lambda: self._talk(request, wish)
            )
        if (
            wish is not None
            and wish.question
            and request.state == "in_delivery"
            and self.is_new("asked", request.id)
        ):
            self.soon(60, lambda: self._put_question(request, wish), wish)
        if request.state == "delivered" and self.is_new("done", request.id):
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
            self.at(max(moment, clock.now()), lambda: self._look_at(holding))

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
                    self.at(moment, partial(self._look_at, holding))

    def _look_at(self, holding: Holding) -> None:
        """Do what the clock does with something that somebody has."""
        request = lifecycle.look_at(self.session, holding, clock.today(self.session))
        if request is not None:
            self.follow(request)

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
