"""Sending the letters that wait.

One letter: claim its row, gather what it says and mint its links in one short transaction; commit, so that
no link leaves before its hash is kept; render and send outside any transaction; note that it went. A process
that dies between sending and noting sends once more under the same Message-ID: never lost, at most doubled.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.domain.transitions import move
from portal.models.work import OutboundMail
from portal.settings import Settings
from portal.work.crash import crash_point
from portal.work.letters import Letter, NoLetter, NotNeeded, compose, envelope
from portal.work.transports import Refused, Transport, TryLater, Unreachable, transport_of

log = logging.getLogger(__name__)

BATCH: Final = 50
LEASE: Final = timedelta(minutes=5)
"""How long a claimed letter is left alone; longer than any server may be silent."""
MOST_ATTEMPTS: Final = 20
LONGEST_PAUSE: Final = timedelta(hours=4)


@dataclass(frozen=True)
class Claim:
    """A letter that is ours for now, and what it needs to go."""

    mail_id: int
    message_id: str
    to: str
    name: str
    letter: Letter


def send_due(
    database: Database, settings: Settings, transport: Transport | None = None, *, limit: int = BATCH
) -> int:
    """Send the letters that are due; return how many went. Without a way out they wait."""
    transport = transport or transport_of(settings)
    if transport is None:
        return 0
    sent = 0
    with transport as way:
        for mail_id in _due(database, limit):
            claim = _claim(database, settings, mail_id)
            if claim is None:
                continue
            crash_point("mail claimed")
            try:
                sent += _send(database, settings, way, claim)
            except Unreachable as problem:
                log.warning("Letters wait: %s", problem)
                _put_back(database, claim.mail_id, str(problem), may_give_up=False)
                break
    return sent


def _due(database: Database, limit: int) -> list[int]:
    with database.read_session() as session:
        return list(
            session.scalars(
                select(OutboundMail.id)
                .where(OutboundMail.state == "queued", OutboundMail.not_before <= clock.now())
                .order_by(OutboundMail.id)
                .limit(limit)
            )
        )


def _claim(database: Database, settings: Settings, mail_id: int) -> Claim | None:
    """Make a letter ours, gather what it says and mint its links; None when there is nothing to send."""
    try:
        with database.session() as session:
            mail = _claimed(session, mail_id)
            claim = _gathered(session, mail, settings) if mail is not None else None
            session.commit()
            return claim
    except Exception as problem:  # the one broad except around a job: one bad letter must not stop the others
        log.exception("letter %s cannot be written", mail_id)
        _put_back(database, mail_id, f"it cannot be written: {type(problem).__name__}", count=True)
        return None


def _claimed(session: Session, mail_id: int) -> OutboundMail | None:
    now = clock.now()
    taken = session.execute(
        update(OutboundMail)
        .where(OutboundMail.id == mail_id, OutboundMail.state == "queued", OutboundMail.not_before <= now)
        .values(attempts=OutboundMail.attempts + 1, not_before=now + LEASE)
        .returning(OutboundMail.id)
    ).scalar_one_or_none()
    return session.get_one(OutboundMail, mail_id, populate_existing=True) if taken is not None else None


def _gathered(session: Session, mail: OutboundMail, settings: Settings) -> Claim | None:
    written = mail.person.mail if mail.person is not None else mail.address
    try:
        if not written:
            raise NoLetter("the person has no mail address")
        envelope.address(written)
        letter = compose(session, mail, settings)
    except NotNeeded:
        move(session, mail, "drop", actor=None)
        return None
    except (NoLetter, envelope.BadAddress) as problem:
        mail.error = str(problem)
        move(session, mail, "give_up", actor=None, note=mail.error)
        return None
    name = mail.person.name if mail.person is not None else ""
    return Claim(mail.id, mail.message_id, written, name, letter)


def _send(database: Database, settings: Settings, way: Transport, claim: Claim) -> bool:
    to = envelope.address(claim.to, claim.name)
    try:
        message = envelope.make(
            claim.letter.render(),
            to=to,
            message_id=claim.message_id,
            number=claim.letter.number,
            language=claim.letter.language,
            settings=settings,
        )
        way.send(message, sender=settings.text("mail.sender"), recipient=to.addr_spec)
    except TryLater as problem:
        _put_back(database, claim.mail_id, str(problem))
        return False
    except Refused as problem:
        _give_up(database, claim.mail_id, str(problem))
        return False
    except Unreachable:
        raise
    except Exception as problem:  # a broken template is one letter's trouble
        log.exception("letter %s cannot be written", claim.mail_id)
        _put_back(database, claim.mail_id, f"it cannot be written: {type(problem).__name__}")
        return False
    crash_point("mail sent")
    with database.session() as session:
        mail = _locked(session, claim.mail_id)
        if mail.state == "queued":
            mail.sent_at, mail.error = clock.now(), ""
            move(session, mail, "send", actor=None)
        session.commit()
    return True


def _locked(session: Session, mail_id: int) -> OutboundMail:
    return session.get_one(OutboundMail, mail_id, with_for_update=True, populate_existing=True)


def _put_back(
    database: Database, mail_id: int, why: str, *, may_give_up: bool = True, count: bool = False
) -> None:
    """Let a letter wait, longer each time; one that was refused too often is given up."""
    with database.session() as session:
        mail = _locked(session, mail_id)
        mail.error = why
        mail.attempts += count
        if may_give_up and mail.attempts >= MOST_ATTEMPTS:
            move(session, mail, "give_up", actor=None, note=why)
        elif may_give_up:
            pause = timedelta(minutes=2.0 ** min(mail.attempts, 12))
            mail.not_before = clock.now() + min(pause, LONGEST_PAUSE)
        else:  # nobody's fault but the server's: look again soon, and count no attempt
            mail.attempts -= 1
            mail.not_before = clock.now() + timedelta(minutes=1)
        session.commit()


def _give_up(database: Database, mail_id: int, why: str) -> None:
    with database.session() as session:
        mail = _locked(session, mail_id)
        mail.error = why
        move(session, mail, "give_up", actor=None, note=why)
        session.commit()
