"""People, how they sign in, and who stands in for them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.org import OrgUnit
from portal.models.types import UTC


class Person(Base):
    """Anyone the portal knows: employed, coming, gone or external."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    hr_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    given_name: Mapped[str] = mapped_column(String(120))
    surname: Mapped[str] = mapped_column(String(120))
    mail: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    company: Mapped[str] = mapped_column(String(120), default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    language: Mapped[str] = mapped_column(String(5), default="")
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    is_protected: Mapped[bool] = mapped_column(default=False)
    is_hidden: Mapped[bool] = mapped_column(default=False)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTC)

    unit: Mapped[OrgUnit | None] = relationship(foreign_keys=[unit_id])

    __table_args__ = (Index("ix_person_name", "surname", "given_name"), Index("ix_person_mail", "mail"))

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}".strip()

    @property
    def initials(self) -> str:
        """Two letters for the round picture."""
        return (self.given_name[:1] + self.surname[:1]).upper()


class Identity(Base):
    """A way to be recognised at sign-in: who says it, and the stable id there."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("issuer", "subject"),)


class LocalAccount(Base):
    """A user name and a password (argon2) kept by the portal itself."""

    __tablename__ = "local_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    username: Mapped[str] = mapped_column(String(120), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))

    person: Mapped[Person] = relationship()


class Delegation(Base):
    """Somebody answers approvals for somebody else, from one day to another (both included)."""

    __tablename__ = "delegation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    delegate: Mapped[Person] = relationship(foreign_keys=[delegate_id])
