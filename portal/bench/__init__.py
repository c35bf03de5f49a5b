"""Measuring, for `portal bench`: a small installation of its own, pages on demo data, a fresh process."""

import os
from statistics import quantiles
from time import perf_counter


def machine() -> str:
    """Say how busy the machine is, for without it no number below can be compared with another run's."""
    cores = os.cpu_count() or 1
    busy = os.getloadavg()[0]
    words = "idle" if busy < cores * 0.25 else "busy with other things" if busy > cores else "in use"
    return f"{cores} processors, load {busy:.1f} ({words})"


class Watch:
    """A stopwatch: wall time, and the share of it in which this process had a processor."""

    def __enter__(self) -> "Watch":
        """Start."""
        self._wall, self._busy = perf_counter(), _own_time()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.seconds = max(perf_counter() - self._wall, 1e-9)
        self.share = min((_own_time() - self._busy) / self.seconds, 1.0)


def _own_time() -> float:
    spent = os.times()
    return spent.user + spent.system


def p95(seconds: list[float]) -> float:
    """Return the time that nineteen of twenty stay under."""
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
