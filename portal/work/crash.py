"""Named places between the steps of work, where tests end the process."""

from collections.abc import Callable

_watchers: list[Callable[[str], None]] = []


def watch(watcher: Callable[[str], None]) -> None:
    """Be told of every crash point that is passed; for tests, which end the process there."""
    _watchers.append(watcher)


def crash_point(name: str) -> None:
    """Pass a named place."""
    for watcher in _watchers:
        watcher(name)
