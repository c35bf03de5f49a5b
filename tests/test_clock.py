"""The two clocks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_the_working_clock_runs_with_the_machine_until_it_is_moved(session: Session) -> None:
    with clock.at(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        before = clock.working_now(session)
        clock.move_working(session, 15)
        after = clock.working_now(session)

    assert before == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert after == datetime(2026, 12, 7, 12, tzinfo=UTC)


def test_moving_adds_up_and_lasts_over_sessions(database: Database) -> None:
    for days in (3, 4):
        with database.session() as session:
            clock.move_working(session, days)
            session.commit()

    with database.read_session() as session:
        assert clock.offset_days(session) == 7


def test_a_move_that_is_rolled_back_is_forgotten(session: Session) -> None:
    clock.move_working(session, 3)
    session.rollback()

    assert clock.offset_days(session) == 0


def test_the_day_begins_in_the_organisations_zone_not_in_utc(session: Session) -> None:
    with clock.at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        assert clock.today(session) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("moment", "days", "expected"),
    [
        # the night when clocks go forward and the one when they go back, an hour before midnight and after
        (datetime(2027, 3, 27, 22, 30, tzinfo=UTC), 1, date(2027, 3, 28)),
        (datetime(2027, 3, 27, 23, 30, tzinfo=UTC), 1, date(2027, 3, 29)),
        (datetime(2027, 10, 30, 21, 30, tzinfo=UTC), 1, date(2027, 10, 31)),
        (datetime(2027, 10, 30, 22, 30, tzinfo=UTC), 1, date(2027, 11, 1)),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), 180, date(2027, 5, 22)),
    ],
)
def test_whole_days_are_added_to_the_wall_clock(
    session: Session, moment: datetime, days: int, expected: date
) -> None:
    with clock.at(moment):
        clock.move_working(session, days)

        assert clock.today(session) == expected
        assert clock.local_day(clock.working_now(session), STOCKHOLM) == expected


def test_a_day_in_spring_is_an_hour_shorter() -> None:
    begins = clock.start_of(date(2027, 3, 28), STOCKHOLM)
    ends = clock.start_of(date(2027, 3, 29), STOCKHOLM)

    assert (ends - begins).total_seconds() == 23 * 3600


def test_a_frozen_clock_moves_when_told() -> None:
    with clock.at(datetime(2026, 1, 1, tzinfo=UTC)) as frozen:
        frozen.move(hours=2)

        assert clock.now() == datetime(2026, 1, 1, 2, tzinfo=UTC)
    assert clock.now().year >= 2026


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"), clock.at(datetime(2026, 1, 1)):  # noqa: DTZ001 - the fault
        pass
