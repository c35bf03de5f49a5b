"""What all tables share: names of constraints, and which column type a Python type means."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from portal.models.types import JSON, UTC, Money

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can change it on any database."""


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: UTC,
        date: sa.Date,
        str: sa.Text,
        Decimal: Money,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
        list[dict[str, Any]]: JSON,
    }

    def __repr__(self) -> str:
        """Name the row by its key only: the rest may be personal."""
        state = sa.inspect(self)
        return f"<{type(self).__name__} {state.identity or 'new'}>"
