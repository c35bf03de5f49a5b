"""A scene on a day that stands still, and tokens that are the same each time."""

from collections.abc import Iterator
from itertools import count

import pytest

from portal import clock, keys
from tests.cast import Cast
from tests.mails.scene import MOMENT, Scene
from tests.peers.smtp_sink import smtp_sink

__all__ = ["smtp_sink"]


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.at(MOMENT):
        yield


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Orders of a laptop."""
    return Scene(cast)


@pytest.fixture
def same_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mint tokens in order, so that letters can be compared."""
    numbers = count(1)
    monkeypatch.setattr(keys, "token", lambda: f"token-{next(numbers)}")
