"""Column types that mean the same everywhere."""

from collections.abc import Iterator
from datetime import UTC as UTC_ZONE
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError

from portal.db import engine_for
from portal.models.base import NAMES
from portal.models.types import UTC, Money, enum_type


class Colour(StrEnum):
    RED = "red"
    DEEP_BLUE = "deep_blue"


METADATA = sa.MetaData(naming_convention=NAMES)
THINGS = sa.Table(
    "thing",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UTC),
    sa.Column("price", Money),
    sa.Column("colour", enum_type(Colour)),
)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = engine_for("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def there_and_back(connection: sa.Connection, **values: Any) -> Any:
    connection.execute(sa.insert(THINGS).values(**values))
    return connection.execute(sa.select(*(THINGS.c[name] for name in values))).scalar_one()


def test_a_moment_comes_back_in_utc(connection: sa.Connection) -> None:
    summer = timezone(timedelta(hours=2))

    found = there_and_back(connection, at=datetime(2026, 7, 1, 14, 0, tzinfo=summer))

    assert (found, found.tzinfo) == (datetime(2026, 7, 1, 12, 0, tzinfo=UTC_ZONE), UTC_ZONE)


def test_a_moment_without_zone_is_not_stored(connection: sa.Connection) -> None:
    with pytest.raises(StatementError, match="zone"):
        there_and_back(connection, at=datetime(2026, 7, 1))  # noqa: DTZ001 - the fault


@pytest.mark.parametrize("amount", [Decimal("129"), Decimal("0.30"), Decimal("-12.05"), Decimal("0")])
def test_money_is_exact(connection: sa.Connection, amount: Decimal) -> None:
    assert there_and_back(connection, price=amount) == amount


def test_money_with_three_decimals_is_a_mistake(connection: sa.Connection) -> None:
    with pytest.raises(StatementError, match="decimals"):
        there_and_back(connection, price=Decimal("0.125"))


def test_sums_in_the_database_are_exact(connection: sa.Connection) -> None:
    connection.execute(sa.insert(THINGS), [{"price": Decimal("0.10")} for _ in range(3)])

    assert connection.execute(sa.select(sa.func.sum(THINGS.c.price))).scalar() == Decimal("0.30")


def test_a_choice_comes_back_as_itself(connection: sa.Connection) -> None:
    assert there_and_back(connection, colour=Colour.DEEP_BLUE) is Colour.DEEP_BLUE


def test_the_database_refuses_what_is_no_choice(connection: sa.Connection) -> None:
    with pytest.raises(IntegrityError):
        connection.execute(sa.text("INSERT INTO thing (colour) VALUES ('green')"))
