"""How approvals are answered in history: by whom, when, and what is said."""

from datetime import timedelta

from sqlalchemy import select

from portal import clock
from portal.demo import hours, sources
from portal.demo.stage import Stage
from portal.demo.wishes import Wish
from portal.domain import approvals, messages, workdays
from portal.models.approval import Approval
from portal.models.person import Delegation, Person
from portal.models.request import ServiceRequest

LONGEST_ANSWER = 1900
"""Working minutes; who has not answered within five working days is escalated."""


class Approving(Stage):
    """Plays those who are asked."""

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

    def _plan_answer(self, request: ServiceRequest, approval: Approval, wish: Wish | None) -> None:
        if wish is None:
            return
        match wish.fate:
            case "waits":
                for number in range(wish.reminded):
                    share = (number + 1) / (wish.reminded + 1)
                    self.at(clock.now() + (self.now - clock.now()) * share, lambda: self._remind(request))
                return
            case "withdraw":
                return
            case "asked":
                self.soon(self.rng.uniform(30, 90), lambda: self._send_back(request, approval, wish), wish)
                return
            case "queued" | "late" | "first_day" | "failed":
                minutes = self.rng.uniform(4, 40)
            case _:
                minutes = hours.drawn(self.rng, sources.volumes()["approvals"]["delays"])
                if minutes > LONGEST_ANSWER:  # who takes longer is planned to
                    minutes = self.rng.uniform(0.8, 1) * LONGEST_ANSWER
        if wish.escalates and self.is_new("escalates", request.id):
            minutes = self.rng.uniform(2500, 3300)
        if minutes > hours.DAY_MINUTES:
            asked_on = clock.local_day(approval.asked_at, clock.DEFAULT_ZONE)
            for days in (2, 4, 5):
                morning = hours.at(workdays.add(self.session, asked_on, days), 8, 20)
                self.at(morning, lambda: self._nudge(approval))
        self.soon(minutes, lambda: self._answer_approval(request, approval, wish), wish)

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
        self.follow(request)

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
        members = self.members(approval.team) if approval.team else self.members("approval-desk")
        self.rng.shuffle(members)
        for person_id in members:
            person = session.get_one(Person, person_id)
            if approvals.may_decide(session, approval, person):
                return person
        return None

    def _send_back(self, request: ServiceRequest, approval: Approval, wish: Wish) -> None:
        actor = self._who_answers(approval, wish)
        assert actor is not None
        messages.send_back(self.session, request, actor=actor, question=wish.comment)
