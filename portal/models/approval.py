"""An awaited yes or no."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.types import UTC


class Approval(Base):
    """A person or a team is asked about one revision of a case; `asked_at` is the working clock's time."""

    __tablename__ = "approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    team: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(40), default="manager")
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    revision: Mapped[int]
    deadline_on: Mapped[date | None]
    escalated_from_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    reminders: Mapped[int] = mapped_column(default=0)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(10), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTC)
    asked_at: Mapped[datetime] = mapped_column(UTC)
    decided_at: Mapped[datetime | None] = mapped_column(UTC)

    request: Mapped[ServiceRequest] = relationship()
    task: Mapped[Task] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=[on_behalf_of_id])

    __table_args__ = (
        CheckConstraint("(person_id IS NULL) != (team = '')", name="person_or_team"),
        Index("ix_approval_person", "person_id", "state"),
        Index("ix_approval_team", "team", "state"),
    )
