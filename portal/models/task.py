"""Tasks: one step of one case, or work without a case. The row is the truth; engines only wake workers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.types import JSON, UTC


class Task(Base):
    """One step happening.

    `not_before` is machine time: the back-off of a ready task, the end of the lease of a running one. `token`
    is the fencing token: the number of the claim that may still write its result. `is_automatic` tasks are
    run by a worker; others wait for a person, an approval or a day.
    """

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    step: Mapped[str] = mapped_column(String(60))
    row: Mapped[str] = mapped_column(String(60), default="")
    round: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="ready")
    is_automatic: Mapped[bool] = mapped_column(default=False)
    team: Mapped[str] = mapped_column(String(60), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    resource: Mapped[str] = mapped_column(String(60), default="")
    lane: Mapped[str] = mapped_column(String(80), default="")
    not_before: Mapped[datetime | None] = mapped_column(UTC)
    due_on: Mapped[date | None]
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    skipped_by: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime] = mapped_column(UTC)
    settled_at: Mapped[datetime | None] = mapped_column(UTC)

    request: Mapped[ServiceRequest | None] = relationship(foreign_keys=[request_id], back_populates="tasks")
    person: Mapped[Person | None] = relationship()

    __table_args__ = (
        UniqueConstraint("request_id", "step", "row", "round"),
        Index(
            "ix_task_due",
            "not_before",
            sqlite_where=literal_column("is_automatic = 1 AND state IN ('ready', 'running')"),
            postgresql_where=literal_column("is_automatic AND state IN ('ready', 'running')"),
        ),
        Index("ix_task_queue", "team", "state"),
    )
