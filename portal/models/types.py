"""Column types that mean the same on SQLite and PostgreSQL."""

import re
from datetime import UTC as UTC_ZONE
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""Plain data. Assign a new value to change it; changes inside are not seen."""


class UTC(TypeDecorator[datetime]):
    """A moment: aware in Python, always in UTC, refused without a zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; SQLite keeps no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs its zone before it is stored.")
        value = value.astimezone(UTC_ZONE)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC_ZONE) if value.tzinfo is None else value.astimezone(UTC_ZONE)


class Money(TypeDecorator[Decimal]):
    """An amount with two decimals, stored as hundredths: exact, and sums in the database stay exact."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Store hundredths; an amount with more decimals is a mistake."""
        if value is None:
            return None
        hundredths = Decimal(value) * 100
        if hundredths != hundredths.to_integral_value():
            raise ValueError("An amount has at most two decimals.")
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Read as a decimal number, without decimals that are nought."""
        if value is None:
            return None
        whole, rest = divmod(int(value), 100)
        return Decimal(whole) if rest == 0 else Decimal(int(value)) / 100


def enum_type(kind: type[StrEnum], *, name: str | None = None) -> sa.Enum:
    """Store a StrEnum as its value, checked by the database. Two columns of a kind in a table need names."""
    return sa.Enum(
        kind,
        name=name or re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(),
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=max(24, *(len(each.value) for each in kind)),
        values_callable=_values,
    )


def _values(kind: Any) -> list[str]:
    return [each.value for each in kind]
