"""Posts and the pauses in them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.types import UTC


class Employment(Base):
    """A post that somebody has, from a first day to a last day (both included).

    The source (HR, or the order that made it) says `ends_on`. An extension made in the portal says
    `portal_ends_on` and remembers in `portal_ends_against` the source value it answered: it rules until the
    source's own value changes.
    """

    __tablename__ = "employment"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    form: Mapped[str] = mapped_column(String(20))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(String(120), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    portal_ends_on: Mapped[date | None]
    portal_ends_against: Mapped[date | None]
    has_portal_end: Mapped[bool] = mapped_column(default=False)
    last_day_set_on: Mapped[date | None]
    workplace: Mapped[str] = mapped_column(String(120), default="")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(String(20), default="hr")
    request_id: Mapped[int | None]
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTC)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    unit: Mapped[OrgUnit] = relationship()
    manager: Mapped[Person | None] = relationship(foreign_keys=[manager_id])
    replaces: Mapped[Person | None] = relationship(foreign_keys=[replaces_id])
    sponsor: Mapped[Person | None] = relationship(foreign_keys=[sponsor_id])

    __table_args__ = (Index("ix_employment_last_day", "portal_ends_on", "ends_on"),)

    @property
    def last_day(self) -> date | None:
        """The last day that holds now; None for a permanent post without one."""
        if self.has_portal_end and self.portal_ends_against == self.ends_on:
            return self.portal_ends_on
        return self.ends_on

    def is_current(self, on: date) -> bool:
        """Say whether the post has begun and not ended on that day."""
        last = self.last_day
        return not self.is_cancelled and self.starts_on <= on and (last is None or on <= last)


class Leave(Base):
    """A pause in an employment; `ends_on` is the last day away, None when open."""

    __tablename__ = "leave"

    id: Mapped[int] = mapped_column(primary_key=True)
    employment_id: Mapped[int] = mapped_column(ForeignKey("employment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    keep_phone: Mapped[bool] = mapped_column(default=False)
    account_readable: Mapped[bool] = mapped_column(default=False)
    is_cancelled: Mapped[bool] = mapped_column(default=False)

    employment: Mapped[Employment] = relationship()

    def covers(self, on: date) -> bool:
        """Say whether somebody is away on that day."""
        return not self.is_cancelled and self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)
