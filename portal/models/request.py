"""Orders and the cases they lead to."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.employment import Employment
from portal.models.item import CatalogVersion
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.types import JSON, UTC

if TYPE_CHECKING:
    from portal.models.holding import Holding
    from portal.models.task import Task


class Order(Base):
    """One press of "Send"."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTC)

    requests: Mapped[list["ServiceRequest"]] = relationship(back_populates="order")


class ServiceRequest(Base):
    """One item for one beneficiary: a case.

    `*_at` columns are machine time (UTC); what a case shows as its
    times is the working clock's, kept in the audit events.
    """

    __tablename__ = "service_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    item_key: Mapped[str] = mapped_column(String(60), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("catalog_version.id"))
    origin: Mapped[str] = mapped_column(String(20), default="person")
    purpose: Mapped[str] = mapped_column(String(20), default="deliver")
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    beneficiary_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    employment_id: Mapped[int | None] = mapped_column(ForeignKey("employment.id"))
    holding_id: Mapped[int | None] = mapped_column(ForeignKey("holding.id", use_alter=True), index=True)
    parent_task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", use_alter=True))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    process_inputs: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    price_once: Mapped[Decimal] = mapped_column(default=Decimal(0))
    price_monthly: Mapped[Decimal] = mapped_column(default=Decimal(0))
    currency: Mapped[str] = mapped_column(String(3), default="SEK")
    cost_centre: Mapped[str] = mapped_column(String(40), default="")
    promised_at: Mapped[datetime | None] = mapped_column(UTC)
    is_promise_fixed: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    needs_attention: Mapped[bool] = mapped_column(default=False)
    sent_back_at: Mapped[datetime | None] = mapped_column(UTC)
    sent_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_dirty: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTC)
    submitted_at: Mapped[datetime | None] = mapped_column(UTC)
    approved_at: Mapped[datetime | None] = mapped_column(UTC)
    closed_at: Mapped[datetime | None] = mapped_column(UTC)

    order: Mapped[Order | None] = relationship(back_populates="requests")
    version: Mapped[CatalogVersion] = relationship()
    requester: Mapped[Person | None] = relationship(foreign_keys=[requester_id])
    beneficiary: Mapped[Person | None] = relationship(foreign_keys=[beneficiary_id])
    unit: Mapped[OrgUnit | None] = relationship()
    employment: Mapped[Employment | None] = relationship()
    holding: Mapped["Holding | None"] = relationship(foreign_keys=[holding_id], viewonly=True)
    tasks: Mapped[list["Task"]] = relationship(
        back_populates="request", foreign_keys="Task.request_id", order_by="Task.id"
    )

    __table_args__ = (
        Index("ix_service_request_state", "state", "id"),
        Index(
            "ix_service_request_dirty",
            "id",
            sqlite_where=literal_column("is_dirty = 1"),
            postgresql_where=literal_column("is_dirty"),
        ),
    )


class Comment(Base):
    """A message on a case."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    is_internal: Mapped[bool] = mapped_column(default=False)
    is_question: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTC)
    worked_at: Mapped[datetime] = mapped_column(UTC)

    person: Mapped[Person | None] = relationship()


class AnswerValue(Base):
    """An answer that the author marked for reports, copied out so that nothing queries inside JSON."""

    __tablename__ = "answer_value"

    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    on: Mapped[date]


class Counter(Base):
    """The last number given out in a series of case numbers."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
