"""What can be ordered, and each published version of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.person import Person
from portal.models.types import UTC


class CatalogItem(Base):
    """A catalog item: its key, whether it can be ordered, and its unpublished draft."""

    __tablename__ = "catalog_item"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    category: Mapped[str] = mapped_column(String(40), default="")
    version_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_version.id", use_alter=True))
    draft: Mapped[str | None] = mapped_column(Text)
    draft_revision: Mapped[int] = mapped_column(default=0)
    draft_at: Mapped[datetime | None] = mapped_column(UTC)
    draft_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    exported_digest: Mapped[str] = mapped_column(String(64), default="")

    version: Mapped["CatalogVersion | None"] = relationship(foreign_keys=[version_id], post_update=True)
    draft_by: Mapped[Person | None] = relationship(foreign_keys=[draft_by_id])


class CatalogVersion(Base):
    """An item as it was published; never changed."""

    __tablename__ = "catalog_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_key: Mapped[str] = mapped_column(ForeignKey("catalog_item.key"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UTC)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")

    published_by: Mapped[Person | None] = relationship()

    __table_args__ = (UniqueConstraint("item_key", "number"),)
