"""How tasks are done by hand in history, and what people write to each other meanwhile."""

from typing import Any

from portal import clock
from portal.demo import hours, sources
from portal.demo.results import results_for
from portal.demo.stage import Stage
from portal.demo.wishes import Wish
from portal.domain import messages, requests, tasks
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST


class Doing(Stage):
    """Plays the teams."""

    def _delays(self, team: str) -> list[dict[str, Any]]:
        how = sources.volumes()["tasks"]
        found: list[dict[str, Any]] = how.get(team, how["other"])["delays"]
        return found

    def _do(self, request: ServiceRequest, task: Task) -> None:
        if task.state != "ready" or request.state not in OPEN_REQUEST:
            return
        session = self.session
        wish = self.wish_of.get(request.id)
        members = self.members(task.team)
        actor = session.get_one(Person, self.rng.choice(members))
        tasks.take(session, task, actor=actor)
        fields = tasks.results_of(session, task)
        results = results_for(fields, wish.results if wish else {}, self.rng, clock.today(session))
        checked = list(range(len(task.payload.get("checklist", ()))))
        tasks.complete(session, task, actor=actor, results=results, checked=checked)
        self.follow(request)

    def _talk(self, request: ServiceRequest, wish: Wish) -> None:
        """Let a message be written and answered."""
        assert wish.thread is not None
        who, first, second = wish.thread
        session = self.session
        assert request.requester is not None
        task = next((t for t in requests.tasks_of(session, request) if t.kind == "task"), None)
        members = self.members(task.team if task else "service-desk")
        agent = session.get_one(Person, self.rng.choice(members))
        one, other = (agent, request.requester) if who == "team" else (request.requester, agent)
        messages.write(session, request, actor=one, text=first)
        if second:
            reply = hours.later(clock.now(), self.rng.uniform(8, 200))
            if reply < self.now:
                self.at(reply, lambda: self._say(request, other, second))

    def _put_question(self, request: ServiceRequest, wish: Wish) -> None:
        """Let a team ask while it works."""
        assert wish.question is not None
        team, text = wish.question
        task = next(
            t for t in requests.tasks_of(self.session, request) if t.team == team and t.state == "ready"
        )
        actor = self.session.get_one(Person, self.rng.choice(self.members(team)))
        tasks.ask_requester(self.session, task, actor=actor, text=text)

    def _say(self, request: ServiceRequest, actor: Person, text: str) -> None:
        messages.write(self.session, request, actor=actor, text=text)
