"""Where the points of a line chart lie."""

import pytest

from portal.views.charts import Point, ceiling, line_geometry


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (7, 8), (10, 10), (83, 100), (130, 150), (199, 200), (0.4, 0.4)]
)
def test_a_scale_ends_with_a_round_number(value: float, top: float) -> None:
    assert ceiling(value) == pytest.approx(top)


def test_points_lie_from_left_to_right_and_from_floor_to_ceiling() -> None:
    drawn = line_geometry(["1", "2", "3"], [[0, 50, 100]])

    assert drawn.lines == [[Point(8.0, 210.0), Point(52.0, 120.0), Point(96.0, 30.0)]]
    assert drawn.scale == [(0, 210.0), (50.0, 120.0), (100, 30.0)]


def test_labels_find_room_and_the_newest_always_has_one() -> None:
    drawn = line_geometry([str(week) for week in range(1, 53)], [[1] * 52])

    assert [text for text, _ in drawn.labels] == ["7", "16", "25", "34", "43", "52"]
    assert not drawn.marked


def test_one_point_and_none_are_drawn_too() -> None:
    assert line_geometry(["1"], [[3]]).lines == [[Point(8.0, 30.0)]]
    assert line_geometry([], [[]]).lines == [[]]
