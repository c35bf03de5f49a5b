"""Teams (queue, role and owner in one) and grants (who may do what, where)."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.person import Person
from portal.models.types import JSON


class Team(Base):
    """A queue that has work, a role that answers, an owner of items."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    mail: Mapped[str] = mapped_column(String(254), default="")

    members: Mapped[list["TeamMember"]] = relationship(cascade="all, delete-orphan", back_populates="team")


class TeamMember(Base):
    """Somebody in a team."""

    __tablename__ = "team_member"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)

    team: Mapped[Team] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()


class Grant(Base):
    """A right for a team or a person, everywhere or within a unit, a category or a resource."""

    __tablename__ = "grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    right: Mapped[str] = mapped_column(String(40))
    scope_kind: Mapped[str] = mapped_column(String(10), default="all")
    scope_ref: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (
        UniqueConstraint("team_id", "person_id", "right", "scope_kind", "scope_ref"),
        Index("ix_grant_right", "right"),
    )


class SharedList(Base):
    """A list that questions and rules look things up in: accessories, software, cost limits."""

    __tablename__ = "shared_list"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
