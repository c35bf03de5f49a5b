"""What the clock and the workers keep: timers, links, letters, the state of connected systems."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.person import Person
from portal.models.types import JSON, UTC


class Timer(Base):
    """Something due on a working day, once."""

    __tablename__ = "timer"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(40))
    for_on: Mapped[date]
    due_on: Mapped[date]
    done_at: Mapped[datetime | None] = mapped_column(UTC)

    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "what", "for_on"),
        Index(
            "ix_timer_due",
            "due_on",
            sqlite_where=literal_column("done_at IS NULL"),
            postgresql_where=literal_column("done_at IS NULL"),
        ),
    )


class Link(Base):
    """A link in a letter: only the hash is kept."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTC)
    expires_at: Mapped[datetime] = mapped_column(UTC)

    person: Mapped[Person | None] = relationship()

    __table_args__ = (Index("ix_link_subject", "subject_kind", "subject_id"),)


class OutboundMail(Base):
    """A letter to send: template and ids, never text, never a token."""

    __tablename__ = "outbound_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UTC)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTC)
    worked_at: Mapped[datetime] = mapped_column(UTC)
    sent_at: Mapped[datetime | None] = mapped_column(UTC)

    person: Mapped[Person | None] = relationship()

    __table_args__ = (
        Index(
            "ix_mail_queued",
            "not_before",
            sqlite_where=literal_column("state = 'queued'"),
            postgresql_where=literal_column("state = 'queued'"),
        ),
    )


class ResourceStatus(Base):
    """How a connected system is doing; what it is, only the operator's file says."""

    __tablename__ = "resource_status"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="running")
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    settings_digest: Mapped[str] = mapped_column(String(64), default="")
    paused_at: Mapped[datetime | None] = mapped_column(UTC)
    last_ok_at: Mapped[datetime | None] = mapped_column(UTC)
    last_error_at: Mapped[datetime | None] = mapped_column(UTC)
    last_error: Mapped[str] = mapped_column(Text, default="")


class SearchMiss(Base):
    """Somebody searched and found nothing; kept for the authors."""

    __tablename__ = "search_miss"

    id: Mapped[int] = mapped_column(primary_key=True)
    query: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5), default="")
    at: Mapped[datetime] = mapped_column(UTC)
