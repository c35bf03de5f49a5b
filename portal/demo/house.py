"""The demo as a whole: its folder, the processes beside the portal, and what is said while it starts.

Three processes: the portal, its directory, and history until all of it is written. The other two end with
this one, however it ends.
"""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from portal import logs, migrate
from portal import settings as settings_module
from portal.demo import directory, progress, sources
from portal.demo.writing import Writing
from portal.settings import Settings

MARK = "# Written by `portal demo` at each start; what is changed here is written over.\n"
CONFIG, RESOURCES, LOAD = "portal.toml", "resources.toml", "directory.ldif"
KEPT = (
    *("portal.db*", "directory.*", CONFIG, RESOURCES, "history.toml", "history.log", "secret-key"),
    *("mail", "tls"),
)
"""What a demo leaves in its folder."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LATEST = 120
"""Seconds to wait for the first page's part of history."""


class NotOurs(Exception):
    """The folder or the port is somebody else's."""


class House:
    """A demo in a folder, at an address."""

    def __init__(self, data: Path, host: str, port: int) -> None:
        """Take where; nothing is started."""
        self.data, self.host, self.port = data, host, port
        self.began = time.monotonic()

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        host = self.host
        if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
            host = _own_address()
        return f"http://{host}:{self.port}"

    def check(self, *, reset: bool) -> None:
        """See that folder and port are free for a demo; `reset` throws away what the last one left."""
        config, database = self.data / CONFIG, self.data / "portal.db"
        is_demo = config.is_file() and config.read_text("utf-8").startswith(MARK)
        if (config.exists() or database.exists()) and not is_demo:
            raise NotOurs(f"{self.data} holds a portal that is no demo. Choose another folder: DATA=…")
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as problem:
                raise NotOurs(
                    f"Port {self.port} on {self.host} cannot be used ({problem.strerror}). "
                    "Choose another: PORT=…"
                ) from None
        if reset:
            self.clear()

    def clear(self) -> None:
        """Throw away what a demo has left, and nothing else."""
        for pattern in KEPT:
            for found in self.data.glob(pattern):
                if found.is_dir():
                    shutil.rmtree(found)
                else:
                    found.unlink()

    def run(self) -> None:
        """Run until told to stop."""
        self.directory_port = _free_port()
        settings = self.settle(self.directory_port)
        if not self._is_begun(settings):
            self.clear()
            settings = self.settle(self.directory_port)
        with self._beside(settings) as history:
            self._serve(settings, history)

    # the folder

    def settle(self, directory_port: int) -> Settings:
        """Write the settings of this start, with a directory that answers on a port, and read them."""
        root = sources.organisation()["root"]
        tables: dict[str, dict[str, Any]] = {
            "portal": {
                "organisation": root["name"],
                "data_dir": str(self.data),
                "base_url": self.address,
                "service_desk_mail": f"servicedesk@{root['domain']}",
                "service_desk_phone": "010-555 00 00",
            },
            "server": {"host": self.host, "port": self.port},
            "mail": {"folder": str(self.data / "mail"), "sender": f"portal@{root['domain']}"},
            "files": {"resources": str(self.data / RESOURCES), "secrets": str(self.data)},
            "log": {"level": "warning"},
        }
        self._write(CONFIG, tables)
        self._write(RESOURCES, {"resources.staff-directory": self._resource(directory_port)})
        return settings_module.load({"PORTAL_CONFIG": str(self.data / CONFIG)})

    def _write(self, name: str, tables: Mapping[str, Mapping[str, Any]]) -> None:
        text = MARK
        for table, values in tables.items():
            lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
            text += "\n".join(["", f"[{table}]", *lines, ""])
        file = self.data / name
        file.touch(mode=0o600)
        file.write_text(text, "utf-8")

    def _resource(self, port: int) -> dict[str, Any]:
        where = directory.details(self.data, port)
        return {
            "title": {"sv": "Personalkatalogen", "nb": "Ansattkatalogen", "en": "The staff directory"},
            "mode": "auto",
            "concurrency": 4,
            **where.config_without_password(),
            "bind_password": f"file:{where.password_file.name}",
            "timeout": 5,
            "walls": {"groups": sources.GROUPS},
        }

    def _is_begun(self, settings: Settings) -> bool:
        """Say whether the folder is empty or holds a demo that can be gone on with."""
        database = self.data / "portal.db"
        return not database.exists() or _progress(settings) is not None

    # the processes beside

    @contextmanager
    def _beside(self, settings: Settings) -> Iterator[Writing | None]:
        """Start the directory and, while there is something to write, history; end both at the end."""
        is_new = not (self.data / "portal.db").exists()
        load = self.data / LOAD if is_new or (self.data / LOAD).exists() else None
        if is_new:
            click.echo("Making the demo: an organisation of 21 offices and twelve months of orders.")
        found = directory.start(self.data, self.directory_port, load=load)
        history = Writing(self.data) if is_new or not _is_whole(settings) else None
        try:
            self._migrate(settings)
            if history is not None:
                history.go()
            self.directory = found
            yield history
        finally:
            if history is not None:
                history.is_over = True
                _end(history.process)
            _end(found)

    def _migrate(self, settings: Settings) -> None:
        try:
            migrate.upgrade(settings.database_url)
        except migrate.MigrationFailed as problem:
            raise click.ClickException(f"The database could not be prepared:\n{problem}") from None

    def _serve(self, settings: Settings, history: Writing | None) -> None:
        # imported here, while history is being written by another process
        from portal import create_app, demo_mode
        from portal.cli import serve
        from portal.demo import pages, people
        from portal.work.engine import Engine

        logs.set_up(settings.text("log.level"))
        code = "" if self.host in LOOPBACK else demo_mode.new_code()
        if history is not None:
            history.wait_for_first(LATEST)
        app = create_app(settings, also=[pages.bp])
        demo_mode.switch_on(app, people.demo(code=code))
        engine = Engine(app.extensions["database"], settings)

        @contextmanager
        def beside() -> Iterator[None]:
            self._greet(code)
            threading.Thread(target=self._look_after, args=(history,), daemon=True).start()
            with engine:
                yield

        serve.serve(app, settings, beside=beside())
        click.echo("The demo has ended. `make demo` goes on where it was, `make demo-reset` begins afresh.")

    def _look_after(self, history: Writing | None) -> None:
        """Tell when the directory answers and when history is whole."""
        directory.wait_ready(self.data, self.directory)
        (self.data / LOAD).unlink(missing_ok=True)
        if history is not None:
            history.tell_the_rest()

    def _greet(self, code: str) -> None:
        seconds = time.monotonic() - self.began
        lines = ["", f"The demo is at {self.address} (ready after {seconds:.1f} seconds).", ""]
        if code:
            lines += [f"On another machine it asks for this code: {code}", ""]
        lines += [*WHAT_TO_TRY, ""]
        click.echo("\n".join(lines))


WHAT_TO_TRY = (
    "What to try, in ten minutes (the list ticks itself at /demo):",
    "  Sign in as Ingrid, finish her draft of an account for a seasonal worker and send it.",
    "  Open the mailbox, approve in Johan's letter, and watch the account being made.",
    "  Turn the clock to the first day, to the reminder, and past the last day.",
    "  Sign in as Petter to mend and publish a service, as Maja to see why a step stopped.",
    "Ctrl-C ends everything. `make demo` goes on with the same data, `make demo-reset` starts afresh.",
)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe that a child of ours lives by, and wait for it."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _progress(settings: Settings) -> progress.Progress | None:
    try:
        return progress.read_from(settings)
    except SQLAlchemyError:
        return None


def _is_whole(settings: Settings) -> bool:
    found = _progress(settings)
    return found is not None and bool(found.is_whole)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own_address() -> str:
    """Tell the address that others in the house reach this machine by; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
