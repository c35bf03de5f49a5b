"""How long people and teams usually take to answer, from their latest answers."""

from datetime import timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.approvers import Asked
from portal.models.approval import Approval

LATEST = 20
FEWEST = 3
"""Fewer answers say nothing of what is usual."""


def usual_answer(session: Session, asked: Asked) -> timedelta | None:
    """Return the time in which half of the latest answers came; None when there are too few."""
    mine = Approval.team == asked.team.removeprefix("team/")
    if asked.person is not None:
        mine = Approval.person_id == asked.person.id
    rows = session.execute(
        select(Approval.created_at, Approval.decided_at)
        .where(mine, Approval.decided_at.is_not(None), Approval.channel.in_(("web", "mail", "link")))
        .order_by(Approval.id.desc())
        .limit(LATEST)
    ).all()
    lengths = [(decided - created).total_seconds() for created, decided in rows if decided is not None]
    return timedelta(seconds=median(lengths)) if len(lengths) >= FEWEST else None
