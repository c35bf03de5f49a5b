"""`portal serve`: the portal in one process, pages and background work together."""

import logging
import signal
import sqlite3
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING

import click
from waitress.server import create_server

from portal import create_app, logs, migrate
from portal import settings as settings_module
from portal.work.engine import Engine

if TYPE_CHECKING:
    from flask import Flask

    from portal.settings import Settings

OLDEST_SQLITE = (3, 35)
log = logging.getLogger(__name__)


@click.command("serve")
@click.option("--host", help="The network address to listen on.")
@click.option("--port", type=int, help="The port to listen on.")
def command(host: str | None, port: int | None) -> None:
    """Start the portal."""
    settings = settings_module.load()
    settings.take(
        {
            name: (value, "command line")
            for name, value in (("server.host", host), ("server.port", port))
            if value is not None
        }
    )
    logs.set_up(settings.text("log.level"))
    prepare(settings)
    app = create_app(settings)
    serve(app, settings, beside=Engine(app.extensions["database"], settings))


def prepare(settings: "Settings") -> None:
    """See that the database can be used, and bring its tables to this version."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise click.ClickException(
            f"SQLite {sqlite3.sqlite_version} is too old; the portal needs "
            f"{'.'.join(map(str, OLDEST_SQLITE))} or PostgreSQL."
        )
    try:
        migrate.upgrade(settings.database_url)
    except migrate.MigrationFailed as problem:
        raise click.ClickException(f"The database could not be prepared:\n{problem}") from None


def serve(
    app: "Flask", settings: "Settings", *, beside: AbstractContextManager[object] | None = None
) -> None:
    """Answer until told to stop, with `beside` (background work) running as long.

    SIGTERM ends as Ctrl-C does: what has begun is finished first.
    """
    proxy = settings.text("server.trusted_proxy")
    trust = {
        "trusted_proxy": proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }
    try:
        server = create_server(
            app,
            host=settings.text("server.host"),
            port=settings.number("server.port"),
            threads=settings.number("server.threads"),
            ident=None,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] * 2,
            **(trust if proxy else {}),
        )
    except OSError as problem:
        raise click.ClickException(
            f"Port {settings.number('server.port')} cannot be used: {problem.strerror}."
        ) from None
    signal.signal(signal.SIGTERM, _stop)
    log.info("Listening on %s", settings.base_url)
    try:
        with beside or nullcontext():
            server.run()
    except KeyboardInterrupt:
        log.info("Stopping.")
    finally:
        server.close()
        app.extensions["database"].dispose()


def _stop(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
