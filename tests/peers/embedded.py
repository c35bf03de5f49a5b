"""The demo's own directory as a peer for tests."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.demo import directory


@dataclass
class Embedded:
    """A running directory, its folder and how to reach it."""

    folder: Path
    details: directory.Details

    def config(self, **more: Any) -> dict[str, Any]:
        """Return a resource's table for this directory."""
        return {**self.details.config(), "timeout": 5, "walls": {"groups": ["*"]}, **more}


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Give the demo's directory, empty but for its units and service account."""
    folder = tmp_path_factory.mktemp("embedded") / str(os.getpid())
    process = directory.start(folder)
    try:
        yield Embedded(folder, directory.wait_ready(folder, process))
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(10)
