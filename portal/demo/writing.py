"""The process that writes history, as the one that started it sees it."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from portal.demo import directory


class Writing:
    """The process that writes history, and what it says."""

    def __init__(self, data: Path) -> None:
        self.log = data / "history.log"
        self.is_over = False
        command = [sys.executable, "-W", "ignore", "-m", "portal.demo.history", "--data", str(data)]
        with self.log.open("w") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=directory.environment(),
            )

    def go(self) -> None:
        """Let it begin: the tables are there."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def said(self) -> Iterator[dict[str, Any]]:
        """Yield what it says, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def wait_for_first(self, seconds: float) -> None:
        """Wait until the first page has something to show."""
        latest = threading.Timer(seconds, self.process.kill)
        latest.start()
        try:
            for word in self.said():
                if word["is"] == "first":
                    return
        finally:
            latest.cancel()
        raise click.ClickException(f"The demo could not be made; see {self.log}.")

    def tell_the_rest(self) -> None:
        """Say now and then how far it has come."""
        told = 0.0
        for word in self.said():
            if word["is"] == "whole":
                click.echo("All twelve months are there.")
                return
            share = word["done"] / word["of"]
            if share - told > 0.24 and share < 1:
                told = share
                click.echo(f"Older orders are being filled in behind: {word['done']} of {word['of']}.")
        if self.process.wait() and not self.is_over:
            click.echo(f"Older orders could not all be filled in; see {self.log}.", err=True)
