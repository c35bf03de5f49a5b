"""The installation that the words are tried on."""

from collections.abc import Iterator

import pytest

from portal.settings import Settings
from tests.cast import Cast
from tests.cli.house import Installation, install
from tests.peers.smtp_sink import smtp_sink

__all__ = ["portal", "smtp_sink"]


@pytest.fixture
def portal(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A portal with the cast in it, reached by the environment."""
    yield from install(cast, settings, monkeypatch)
