"""History, and the chain that seals it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base
from portal.models.types import JSON, UTC


class AuditEvent(Base):
    """One line of history: who did what to what, when.

    `at` is machine time, `worked_at` the working clock's. The digest covers salt and body, so that erasure
    may empty both while the chain stands.
    """

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTC, index=True)
    worked_at: Mapped[datetime] = mapped_column(UTC)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(30))
    before: Mapped[str] = mapped_column(String(20), default="")
    after: Mapped[str] = mapped_column(String(20), default="")
    body: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index("ix_audit_subject", "subject_kind", "subject_id"),)


class AuditSeal(Base):
    """A link of the chain over the events."""

    __tablename__ = "audit_seal"

    seq: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    mac: Mapped[str] = mapped_column(String(80))
