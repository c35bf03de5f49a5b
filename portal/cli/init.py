"""`portal init`: a settings file, the database, and the first administrator."""

from pathlib import Path

import click

from portal import settings as settings_module
from portal.cli._first import add_administrator, example
from portal.cli.serve import prepare
from portal.settings import Settings


@click.command("init")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the settings file; PORTAL_CONFIG names it afterwards.",
)
@click.option("--name", prompt="The portal's name", default="Ordna", show_default=True)
@click.option("--organisation", prompt="The organisation's name")
@click.option(
    "--address", prompt="The address people will use", default="http://127.0.0.1:8000", show_default=True
)
@click.option("--languages", prompt="Languages, the main one first", default="sv,nb,en", show_default=True)
@click.option("--zone", prompt="Time zone", default="Europe/Stockholm", show_default=True)
@click.option("--database", prompt="Database (empty for SQLite)", default="", show_default=False)
@click.option("--admin", prompt="The first administrator's user name")
@click.password_option("--password", prompt="The first administrator's password")
def command(
    *,
    config: Path | None,
    name: str,
    organisation: str,
    address: str,
    languages: str,
    zone: str,
    database: str,
    admin: str,
    password: str,
) -> None:
    """Set up a new installation."""
    answers: dict[str, str | list[str]] = {
        "portal.name": name,
        "portal.organisation": organisation,
        "portal.base_url": address,
        "portal.languages": [each.strip() for each in languages.split(",")],
        "portal.zone": zone,
        "database.url": database,
    }
    settings = settings_module.load()
    settings.take({key: (value, "answer") for key, value in answers.items()})
    if len(password) < 12:
        raise click.ClickException("The password needs at least 12 characters.")
    if config:
        _write(config, answers)
    _make(settings, admin, password)
    click.echo(f"Ready. Start it with: {f'PORTAL_CONFIG={config} ' if config else ''}portal serve")


def _write(config: Path, answers: dict[str, str | list[str]]) -> None:
    if config.exists():
        raise click.ClickException(f"{config} is there already; nothing was written over.")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    config.write_text(example(answers), "utf-8")
    click.echo(f"Wrote {config}.")


def _make(settings: Settings, admin: str, password: str) -> None:
    prepare(settings)
    if add_administrator(settings, admin, password):
        click.echo(f"{admin} may administer everything.")
    else:
        click.echo(f"{admin} is there already; left as they were.")
