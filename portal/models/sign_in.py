"""Who is signed in where, so that an end is an end on the server too, and failed tries."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.person import Person
from portal.models.types import UTC


class SignIn(Base):
    """One browser's stay. Its secret is kept as a hash; it ends by itself or with the person's epoch."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    epoch: Mapped[int]
    method: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime] = mapped_column(UTC)
    ended_at: Mapped[datetime | None] = mapped_column(UTC)

    person: Mapped[Person] = relationship()


class FailedSignIn(Base):
    """A wrong password: which account (as a hash: people type passwords there too), from where, when."""

    __tablename__ = "failed_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(UTC)

    __table_args__ = (Index("ix_failed_sign_in", "account", "address", "at"),)
