"""Values that the portal itself remembers, such as how far the working clock is ahead."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base
from portal.models.types import JSON


class Setting(Base):
    """One remembered value. What the operator decides stands in the settings file, not here."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
