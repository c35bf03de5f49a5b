"""`portal demo`: the portal with an invented organisation, a directory of its own, a mailbox and a clock."""

import fcntl
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portal import logs, migrate
from portal import settings as settings_module
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.demo.directory import Details

OURS = ("portal.db", "portal.db-wal", "portal.db-shm", "directory.*", "portal.toml", "resources.toml")
OURS_TOO = ("history.toml", "secret.key", "mail", "tls")
LOOPBACK = ("127.0.0.1", "::1", "localhost")

RESOURCES = """\
# Written by `portal demo` at each start.
[resources.staff-directory]
connector = "ldap"
title = {{ sv = "Personalkatalogen", nb = "Ansattkatalogen", en = "The staff directory" }}
mode = "auto"
concurrency = 4
host = "{host}"
port = {port}
ca_file = "{ca_file}"
bind_dn = "{bind_dn}"
bind_password = "file:{password}"
people_base = "{people_base}"
groups_base = "{groups_base}"
timeout = 5
walls = {{ groups = {groups} }}
"""


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="The network address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("var"), show_default=True,
    help="The folder that everything is kept in.",
)  # fmt: skip
@click.option("--reset", is_flag=True, help="Throw away what an earlier demo has left, and start afresh.")
def command(host: str, port: int, data: Path, *, reset: bool) -> None:
    """Try the portal with an invented organisation."""
    try:
        import ldaptor  # noqa: F401 - asked for here, so that who lacks it is told what to do
    except ImportError:
        raise click.ClickException("The demo needs more: pip install 'ordna[demo]'") from None
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    with _alone(data):
        _refuse_taken(host, port)
        if reset:
            _clear(data)
        _run(host, port, data)
