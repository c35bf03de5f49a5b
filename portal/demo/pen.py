"""The session that the demo is seeded with: one transaction for many cases, at shifted times.

To the verbs and the worker it is a database like any other. Each of their commits only writes down what they
have done; `keep` commits. Cases get the number and the place among the others that their moment has, in
whatever order they are made.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal import clock
from portal.db import Database, engine_for
from portal.domain import audit
from portal.domain.numbers import PREFIX
from portal.models.request import Counter, ServiceRequest
from portal.models.work import OutboundMail

STRIDE = 2
"""Numbers set aside for each order, so that the cases of the clock find theirs between them."""


class Pen(Session):
    """A session that stays open over the commits of those who use it."""

    def commit(self) -> None:
        """Write down what has been done; the transaction goes on."""
        audit.write(self)
        self.flush()

    def close(self) -> None:
        """Stay open."""

    def keep(self) -> None:
        """Commit in earnest."""
        self.commit()
        super().commit()
        self.info["clock.offset"] = 0

    def forget(self) -> None:
        """Let go of everything that has been read."""
        self.expunge_all()
        self.info.pop("demo.versions", None)


class OnePen:
    """A database all of whose sessions are one pen."""

    def __init__(self, url: str, info: Mapping[str, Any], *, synchronous: str) -> None:
        """Open the database."""
        self.engine: Engine = engine_for(url, synchronous=synchronous)
        make = sessionmaker(self.engine, class_=Pen, expire_on_commit=False, info=dict(info))
        self.pen = make()
        self.pen.info["clock.offset"] = (
            0  # history is made on the days of the machine, wherever the clock stands
        )

    def session(self) -> Session:
        """Give the pen."""
        return self.pen

    def read_session(self) -> Session:
        """Give the pen, which has all that was written."""
        return self.pen

    def be_careful(self) -> None:
        """Let what is committed from now on survive a power cut: others write beside us."""
        connection = self.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous=NORMAL")
        connection.close()

    def dispose(self) -> None:
        """Close in earnest."""
        Session.close(self.pen)
        self.engine.dispose()


def database_of(pen: OnePen) -> Database:
    """Pass a pen where a database is asked for: it has the two doors that workers use."""
    return pen  # type: ignore[return-value]


class Places:
    """The place in the order of all cases that belongs to each moment."""

    def __init__(self, moments: Sequence[datetime]) -> None:
        """Take the moments of all planned orders, the earliest first."""
        self.moments = list(moments)
        self.used: set[int] = set()
        self._before: dict[int, int] = {}

    def take(self, moment: datetime) -> tuple[int, str]:
        """Return an id and a number that nothing has, as near as can be to what belongs to a moment."""
        place = self._at(moment)
        while place in self.used:
            place += 1
        self.used.add(place)
        year = moment.astimezone(clock.DEFAULT_ZONE).year
        number = place - self._first_of(year, moment)
        return place, f"{PREFIX}{year % 100:02d}-{max(1, number):05d}"

    def number_after(self, moment: datetime) -> int:
        """Return the running number of its year that lies above all planned ones."""
        year = moment.astimezone(clock.DEFAULT_ZONE).year
        return STRIDE * len(self.moments) + 50 - self._first_of(year, moment)

    def _at(self, moment: datetime) -> int:
        rank = bisect_right(self.moments, moment)
        before = self.moments[rank - 1] if rank else moment - timedelta(days=1)
        after = self.moments[rank] if rank < len(self.moments) else before + timedelta(days=1)
        share = (moment - before) / (after - before) if after > before else 0.0
        return STRIDE * rank + 1 + int(min(max(share, 0.0), 0.99) * STRIDE)

    def _first_of(self, year: int, moment: datetime) -> int:
        if year not in self._before:
            start = datetime(year, 1, 1, tzinfo=clock.DEFAULT_ZONE)
            self._before[year] = self._at(start) - 1 if self.moments and self.moments[0] < start else 0
        return self._before[year]


def number_cases(pen: Pen, places: Places) -> None:
    """Let every new case get the id and the number of its moment."""
    places.used |= set(pen.scalars(select(ServiceRequest.id)))

    @event.listens_for(pen, "before_flush")
    def _place(session: Session, _context: object, _instances: object) -> None:
        for each in session.new:
            if isinstance(each, ServiceRequest) and not each.id:
                each.id, each.number = places.take(clock.now())


def put_counters(pen: Pen, wanted: Mapping[str, int]) -> None:
    """Set the running numbers, which the verbs have used up while they made cases of other days."""
    there = counters(pen)
    for name, value in wanted.items():
        if name in there:
            pen.execute(update(Counter).where(Counter.name == name).values(value=value))
        else:
            pen.add(Counter(name=name, value=value))
    pen.flush()


def counters(pen: Pen) -> dict[str, int]:
    """Read the running numbers."""
    return {each.name: each.value for each in pen.scalars(select(Counter))}


def post_all(pen: Pen, before: datetime, *, but: Collection[int] = ()) -> None:
    """Note history's letters as sent when they were written, without an attempt: nobody reads them again.

    Letters from `before` on are to people who try the demo; `but` are the cases whose letters are written.
    """
    pen.flush()
    pen.execute(
        update(OutboundMail)
        .where(
            OutboundMail.state == "queued",
            OutboundMail.created_at < before,
            func.coalesce(OutboundMail.request_id, 0).not_in(but),
        )
        .values(state="sent", sent_at=OutboundMail.created_at, attempts=0)
        .execution_options(synchronize_session=False)
    )
