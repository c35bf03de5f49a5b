"""What people and units have, the accounts behind it, and the claims that tie the two together."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.employment import Employment
from portal.models.item import CatalogVersion
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.types import JSON, UTC


class Holding(Base):
    """What somebody has as a result of an order.

    `follows` is "" (nothing), "employment" or "person"; `ends_on` is the earlier of the holder's own
    `until_on` and the last day of what it follows, computed by `domain.holdings`; `applied_ends_on` is the
    day that the connected systems were last told. `leave_id` is the leave that it has been weighed against.
    """

    __tablename__ = "holding"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_key: Mapped[str] = mapped_column(String(60), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("catalog_version.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    employment_id: Mapped[int | None] = mapped_column(ForeignKey("employment.id"), index=True)
    follows: Mapped[str] = mapped_column(String(12), default="")
    until_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    applied_ends_on: Mapped[date | None]
    leave_id: Mapped[int | None] = mapped_column(ForeignKey("leave.id"))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    price_monthly: Mapped[Decimal] = mapped_column(default=Decimal(0))
    currency: Mapped[str] = mapped_column(String(3), default="SEK")
    cost_centre: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(20), default="planned")
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UTC)

    version: Mapped[CatalogVersion] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    unit: Mapped[OrgUnit | None] = relationship()
    employment: Mapped[Employment | None] = relationship()
    claims: Mapped[list["Claim"]] = relationship(back_populates="holding")

    __table_args__ = (
        Index(
            "ix_holding_ends",
            "ends_on",
            sqlite_where=literal_column("state IN ('planned', 'active', 'suspended')"),
            postgresql_where=literal_column("state IN ('planned', 'active', 'suspended')"),
        ),
    )


class Account(Base):
    """Our record of an object in another system; `uuid` is the marker that the object carries."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    resource: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200))
    stable_id: Mapped[str] = mapped_column(String(200), default="")
    made_by_us: Mapped[bool] = mapped_column(default=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(20), default="planned")
    created_at: Mapped[datetime] = mapped_column(UTC)

    person: Mapped[Person | None] = relationship()
    unit: Mapped[OrgUnit | None] = relationship()
    claims: Mapped[list["Claim"]] = relationship(back_populates="account")

    __table_args__ = (
        Index(
            "uq_account_key",
            "resource",
            "kind",
            "key",
            unique=True,
            sqlite_where=literal_column("state != 'gone'"),
            postgresql_where=literal_column("state != 'gone'"),
        ),
        Index("ix_account_stable", "resource", "kind", "stable_id"),
    )

    @property
    def marker(self) -> str:
        """What the object carries so that we know it as ours."""
        return f"ordna:{self.uuid}"

    def ref(self) -> dict[str, Any]:
        """Return the plain reference that steps and connectors get."""
        return {
            "id": str(self.uuid),
            "resource": self.resource,
            "kind": self.kind,
            "key": self.key,
            "stable_id": self.stable_id,
        }


class Claim(Base):
    """A holding wants an account with these values; the account is the sum of its live claims."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    holding_id: Mapped[int] = mapped_column(ForeignKey("holding.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    step: Mapped[str] = mapped_column(String(60))
    row: Mapped[str] = mapped_column(String(60), default="")
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made_at: Mapped[datetime] = mapped_column(UTC)
    ended_at: Mapped[datetime | None] = mapped_column(UTC)

    holding: Mapped[Holding] = relationship(back_populates="claims")
    account: Mapped[Account] = relationship(back_populates="claims")

    __table_args__ = (UniqueConstraint("holding_id", "account_id"),)


class ReservedName(Base):
    """A user name, address or number taken before anyone is asked; nobody's own when foreign."""

    __tablename__ = "reserved_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    space: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    is_foreign: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTC)

    __table_args__ = (UniqueConstraint("space", "name"),)


class FirstPassword(Base):
    """A password made and sealed before the first call; shown once through a link."""

    __tablename__ = "first_password"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    sealed: Mapped[str | None] = mapped_column(String(500))
    expires_at: Mapped[datetime] = mapped_column(UTC)
    shown_at: Mapped[datetime | None] = mapped_column(UTC)
    shown_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    account: Mapped[Account] = relationship()
