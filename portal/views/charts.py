"""Where the points of a line chart lie. Widths are per cent, so that text keeps its size on every screen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Flask

LEFT, WIDTH = 8.0, 88.0
TOP, HEIGHT = 30.0, 180.0
MOST_LABELS: Final = 6
MOST_MARKS: Final = 26
"""Above this many points, the marks would hide the line."""


@dataclass(frozen=True)
class Point:
    """A place in the chart: x in per cent, y in pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class LineGeometry:
    """A line chart, measured."""

    scale: list[tuple[float, float]]
    """The grid: (value, y)."""
    labels: list[tuple[str, float]]
    """Those that find room: (text, x)."""
    lines: list[list[Point]]
    marked: bool


def ceiling(value: float) -> float:
    """Return the round number at or above a value, for a scale to end with: 83 gives 100, 130 gives 150."""
    if value <= 0:
        return 1
    unit = float(10 ** math.floor(math.log10(value)))
    return next(unit * part for part in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if unit * part >= value)


def line_geometry(labels: Sequence[str], series: Sequence[Sequence[float]]) -> LineGeometry:
    """Measure a line chart: one line for each series of values."""
    top = ceiling(max((value for values in series for value in values), default=0))
    last = max(len(labels) - 1, 1)
    every = max(math.ceil(len(labels) / MOST_LABELS), 1)

    def place(index: int, value: float) -> Point:
        return Point(
            round(LEFT + WIDTH * index / last, 2), round(TOP + HEIGHT * (1 - min(value / top, 1)), 1)
        )

    # counted from the end, so that the newest always has its label
    shown = [index for index in range(len(labels)) if (len(labels) - 1 - index) % every == 0]
    return LineGeometry(
        scale=[(top * share, TOP + HEIGHT * (1 - share)) for share in (0, 0.5, 1)],
        labels=[(labels[index], place(index, 0).x) for index in shown],
        lines=[[place(index, value) for index, value in enumerate(values)] for values in series],
        marked=len(labels) <= MOST_MARKS,
    )


def init_app(app: Flask) -> None:
    """Give templates `line_geometry()`."""
    app.add_template_global(line_geometry, "line_geometry")
