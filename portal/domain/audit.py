"""History: collected while the verbs run, written in one statement before commit, sealed behind it.

Each event carries a salted digest of its body. A sweep chains the digests: every seal is an HMAC over the one
before, the digest and the event's metadata. The chain is not made inside `move()`, because then all writers
would queue for its end.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, event, func, insert, inspect, select
from sqlalchemy.orm import Session

from portal import clock, keys
from portal.models.audit import AuditEvent, AuditSeal
from portal.models.person import Person

_PENDING = "audit"
_EVENTS = cast(Table, AuditEvent.__table__)
"""The table itself takes all lines in one statement; the class would sort them by which fields are empty."""


@dataclass
class _Line:
    subject: Any
    action: str
    actor: Person | None
    request_id: Any
    before: str
    after: str
    body: dict[str, Any] = field(default_factory=dict)


def record(
    session: Session,
    subject: object,
    action: str,
    *,
    actor: Person | None,
    request: object = None,
    before: str = "",
    after: str = "",
    **body: Any,
) -> None:
    """Note one line of history; it is written when the transaction commits."""
    line = _Line(
        subject, action, actor, request, before, after, {k: v for k, v in body.items() if v not in ("", None)}
    )
    session.info.setdefault(_PENDING, []).append(line)


def digest(salt: str, body: dict[str, Any]) -> str:
    """Digest an event's body with its salt."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def write(session: Session) -> None:
    """Write the collected lines; also called before a query that must see them."""
    lines: list[_Line] = session.info.pop(_PENDING, [])
    if not lines:
        return
    session.flush()
    at, worked_at = clock.now(), clock.working_now(session)
    rows = []
    for line in lines:
        salt = secrets.token_hex(16)
        rows.append(
            {
                "at": at,
                "worked_at": worked_at,
                "actor_id": line.actor.id if line.actor else None,
                "request_id": line.request_id.id if line.request_id is not None else None,
                "subject_kind": line.subject.__tablename__,
                "subject_id": _key(line.subject),
                "action": line.action,
                "before": line.before,
                "after": line.after,
                "body": line.body,
                "salt": salt,
                "digest": digest(salt, line.body),
            }
        )
    session.execute(insert(_EVENTS), rows)


def _key(subject: Any) -> str:
    identity = inspect(subject).identity
    return "/".join(str(part) for part in identity) if identity else ""


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.info.get(_PENDING):
        write(session)


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(_PENDING, None)


def _payload(previous: str, entry: AuditEvent, seq: int) -> bytes:
    parts = (
        previous,
        str(seq),
        str(entry.id),
        entry.digest,
        entry.at.isoformat(),
        entry.worked_at.isoformat(),
        str(entry.actor_id),
        str(entry.request_id),
        entry.subject_kind,
        entry.subject_id,
        entry.action,
        entry.before,
        entry.after,
    )
    return json.dumps(parts).encode()


def seal(session: Session, *, limit: int = 2000) -> int:
    """Chain the events that are not sealed yet, oldest first; return how many."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.mac) if last else (0, "")
    unsealed = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.id > (last.event_id if last else 0))
        .order_by(AuditEvent.id)
        .limit(limit)
    ).all()
    rows = []
    for entry in unsealed:
        seq += 1
        previous = keys.mac("audit", _payload(previous, entry, seq))
        rows.append({"seq": seq, "event_id": entry.id, "mac": previous})
    if rows:
        session.execute(insert(AuditSeal), rows)
    return len(rows)


def verify(session: Session) -> list[str]:
    """Return what is wrong with the history, in plain words; nothing when it holds.

    Only a chain that somebody wrote down elsewhere shows a cut tail; the number and the last seal are
    therefore printed by `portal audit verify`.
    """
    wrong: list[str] = []
    previous, expected = "", 0
    rows: Iterable[tuple[AuditSeal, AuditEvent | None]] = session.execute(
        select(AuditSeal, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.seq)
    )
    for sealed, entry in rows:
        expected += 1
        if sealed.seq != expected:
            wrong.append(f"Seal {expected} is missing.")
            expected = sealed.seq
        if entry is None:  # an outer join
            wrong.append(f"Event {sealed.event_id} is missing.")
        else:
            if entry.salt and digest(entry.salt, entry.body) != entry.digest:
                wrong.append(f"Event {entry.id} has been changed.")
            if not keys.mac_holds("audit", _payload(previous, entry, sealed.seq), sealed.mac):
                wrong.append(f"Seal {sealed.seq} does not fit event {entry.id}.")
        previous = sealed.mac
    total = session.scalar(select(func.count(AuditEvent.id))) or 0
    if total < expected:
        wrong.append(f"{expected} seals but {total} events.")
    return wrong
