"""The organisation: units, who leads them and who may order for them."""

from datetime import date
from typing import TYPE_CHECKING, Optional

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base

if TYPE_CHECKING:
    from portal.models.person import Person


class OrgUnit(Base):
    """A node of the organisation; the root carries zone, calendar, language and currency."""

    __tablename__ = "org_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", use_alter=True), index=True)
    cost_centre: Mapped[str] = mapped_column(String(40), default="")
    group: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    zone: Mapped[str] = mapped_column(String(60), default="")
    calendar: Mapped[str] = mapped_column(String(10), default="")
    language: Mapped[str] = mapped_column(String(5), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    domain: Mapped[str] = mapped_column(String(120), default="")

    parent: Mapped[Optional["OrgUnit"]] = relationship(remote_side=[id])
    manager: Mapped[Optional["Person"]] = relationship(foreign_keys=[manager_id], post_update=True)


class Coordinator(Base):
    """A person who may order for a unit and everything below it."""

    __tablename__ = "coordinator"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    __table_args__ = (UniqueConstraint("unit_id", "person_id"),)
