"""Where history is played: the line of acts, the clock that they happen at, and a worker in memory."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import memory
from connectors.errors import ConnectorError
from portal import clock
from portal.demo import hours, store
from portal.demo.organisation import Book
from portal.demo.pen import OnePen, database_of
from portal.demo.staff import dice
from portal.demo.wishes import Wish
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Team, TeamMember
from portal.settings import Settings
from portal.work import steps
from portal.work.run import Claim, Worker
from portal.work.world import open_named

Act = Callable[[], None]


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


class Stage:
    """What all that plays history stands on."""

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
        self.known: set[tuple[str, int]] = set()
        self.rng = dice("play")

    def follow(self, request: ServiceRequest) -> None:
        """Let automatic steps run, and put in line what people and days have to do."""
        raise NotImplementedError

    def begin(self, key: str) -> None:
        """Get ready for another chain, with chance of its own."""
        self.rng = dice("play", key)
        self.wish_of = {}
        self.known = set()

    def perform(self) -> None:
        """Do what stands in line, each at its moment, until now."""
        while self._line and self._line[0][0] <= self.now:
            moment, _, act = heapq.heappop(self._line)
            with clock.at(moment):
                act()
                self.session.commit()
        self._line.clear()

    def is_new(self, what: str, number: int) -> bool:
        """Say whether this is met for the first time in the chain."""
        fresh = (what, number) not in self.known
        self.known.add((what, number))
        return fresh

    def at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._line, (moment, next(self._count), act))

    def soon(self, minutes: float, act: Act, wish: Wish | None) -> None:
        """Put an act in line; what is to be settled by now is, however late it began."""
        moment = hours.later(clock.now(), minutes)
        if moment > self.now and wish is not None and not wish.is_open:
            left = (self.now - clock.now()).total_seconds()
            moment = clock.now() + timedelta(seconds=left * self.rng.uniform(0.05, 0.3))
        self.at(moment, act)

    def members(self, team: str) -> list[int]:
        if team not in self._teams:
            query = (
                select(TeamMember.person_id).join(Team).where(Team.key == team).order_by(TeamMember.person_id)
            )
            self._teams[team] = list(self.session.scalars(query))
        return list(self._teams[team])
