"""Numbers of cases: prefix, year, a running number; gaps are allowed, none is used twice."""

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from portal import clock
from portal.models.request import Counter

PREFIX = "B"


def next_number(session: Session) -> str:
    """Return the next number, such as B26-01482."""
    year = clock.today(session).year % 100
    name = f"case-{year:02d}"
    taken = session.execute(
        update(Counter).where(Counter.name == name).values(value=Counter.value + 1).returning(Counter.value)
    ).scalar_one_or_none()
    if taken is None:
        taken = 1
        session.execute(insert(Counter).values(name=name, value=taken))
    return f"{PREFIX}{year:02d}-{taken:05d}"
