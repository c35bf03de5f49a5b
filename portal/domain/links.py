"""Links in letters: minted when a letter is sent, found by the hash of their token.

A link opens a page about one subject for one person. It never decides anything by being opened, works any
number of times until it expires or its subject closes, and does not sign anybody in.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock, keys
from portal.domain.world import world_of
from portal.models.person import Person
from portal.models.work import Link


def mint(
    session: Session,
    purpose: str,
    *,
    subject_kind: str,
    subject_id: int,
    person: Person | None,
    revision: int = 0,
    lasts: timedelta | None = None,
) -> str:
    """Make a link and return its token, of which only the hash is kept."""
    token = keys.token()
    session.add(
        Link(
            hash=keys.token_hash(token),
            purpose=purpose,
            subject_kind=subject_kind,
            subject_id=subject_id,
            person_id=person.id if person else None,
            revision=revision,
            created_at=clock.now(),
            expires_at=clock.now() + (lasts or timedelta(days=world_of(session).link_days)),
        )
    )
    return token


def find(session: Session, purpose: str, token: str) -> Link | None:
    """Find the link behind a token, expired or not; None for anything that is not one of ours."""
    if not token or len(token) > 100:
        return None
    return session.scalars(
        select(Link).where(Link.hash == keys.token_hash(token), Link.purpose == purpose)
    ).first()


def is_open(link: Link) -> bool:
    """Say whether the link still counts; the second in which it expires it no longer does."""
    return clock.now() < link.expires_at
