"""Orders submitted, decided and carried out, one after another, each in a transaction of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from portal import clock
from portal.bench import Watch
from portal.bench.house import House, small
from portal.domain import approvals, ordering
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.work.sweeps import work_off

WARM = 5


@dataclass(frozen=True)
class Rate:
    """How many a second, and how much of that second this process really ran."""

    what: str
    count: int
    seconds: float
    share: float

    @property
    def per_second(self) -> float:
        """The number that is compared."""
        return self.count / self.seconds


def measure(orders: int) -> tuple[list[Rate], str]:
    """Return the three rates, and in how many of the cases everything came to its end."""
    with small() as house:
        _round(house, WARM, start=0)
        rates = _round(house, orders, start=WARM)
        with house.database.read_session() as session:
            done = session.scalar(
                select(func.count(ServiceRequest.id)).where(ServiceRequest.state == "delivered")
            )
    return rates, f"{done} of {orders + WARM} cases delivered"


def _round(house: House, orders: int, *, start: int) -> list[Rate]:
    with Watch() as submitting:
        for number in range(start, start + orders):
            _submit(house, number)
    with Watch() as deciding:
        decided = sum(_decide(house))
    with Watch() as working:
        settled = work_off(house.database, house.settings)
    return [
        Rate("orders submitted", orders, submitting.seconds, submitting.share),
        Rate("orders decided", decided, deciding.seconds, deciding.share),
        Rate("tasks through the memory connector", settled, working.seconds, working.share),
    ]


def _submit(house: House, number: int) -> None:
    with house.database.session() as session:
        answers = {
            "worked_here": False,
            "given_name": f"Anna{number}",
            "surname": "Test",
            "form": "permanent",
            "first_day": clock.today(session).isoformat(),
            "job_title": "Ranger",
            "at_unit": house.unit,
            "workplace": "field",
        }
        actor = session.get_one(Person, house.coordinator)
        ordering.submit(session, house.version(session), answers, actor=actor, key=f"bench-{number}")
        session.commit()


def _decide(house: House) -> Iterator[int]:
    with house.database.session() as session:
        head = session.get_one(Person, house.head)
        waiting = [each.id for each in approvals.waiting_for(session, head)]
    for approval_id in waiting:
        with house.database.session() as session:
            approval = session.get_one(Approval, approval_id)
            head = session.get_one(Person, house.head)
            approvals.decide(session, approval, "approve", actor=head, revision=1)
            session.commit()
            yield 1
