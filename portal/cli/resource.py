"""`portal resource`: connected systems, asked how they feel."""

import click

from connectors.base import Point
from connectors.errors import ConnectorError
from portal import resources as configured
from portal import settings as settings_module
from portal.settings import Settings
from portal.work.world import open_named


@click.group("resource")
def command() -> None:
    """Look at connected systems."""


@command.command("list")
def list_() -> None:
    """List the connected systems as the operator's file names them."""
    found = configured.read(settings_module.load())
    for name, each in sorted(found.items()):
        click.echo(f"{name:24} {each.connector:16} {each.mode}")
    if not found:
        click.echo("No system is connected. The setting files.resources names the file of them.")


@command.command("check")
@click.argument("name")
def check(name: str) -> None:
    """Ask a system how it feels, point by point. Nothing is changed there."""
    settings = settings_module.load()
    if name not in configured.read(settings):
        known = ", ".join(sorted(configured.read(settings))) or "none"
        raise click.ClickException(f"No connected system is called {name}. There are: {known}.")
    points = points_of(settings, name)
    for point in points:
        click.echo(f"{'ok ' if point.ok else 'NOT'} {point.text}")
        if not point.ok and point.advice:
            click.echo(f"    {point.advice}")
    if not all(point.ok for point in points):
        raise click.exceptions.Exit(1)


def points_of(settings: Settings, name: str) -> list[Point]:
    """Ask a system how it feels; what cannot even be opened is a point too."""
    try:
        with open_named(settings, name) as connector:
            return list(connector.check())
    except ConnectorError as problem:
        return [Point(False, f"{problem.message} {problem.detail}".strip(), problem.advice)]
