"""`portal doctor`: what is wrong with the installation, in plain words, and what to do about it."""

from collections.abc import Iterable

import click

from portal import settings as settings_module
from portal.cli._checks import CHECKS, Finding, wrong
from portal.logs import mask
from portal.settings import SettingsProblem

SIGNS = {"ok": "ok  ", "look": "look", "wrong": "NOT "}


@click.command("doctor")
def command() -> None:
    """Look at everything that the portal needs. Nothing is changed. Ends with 1 if something is wrong."""
    findings = []
    for found in _findings():
        _say(found)
        findings.append(found)
    bad = sum(each.state == "wrong" for each in findings)
    doubtful = sum(each.state == "look" for each in findings)
    if bad:
        click.echo(f"{bad} things are wrong" + (f", {doubtful} are worth a look." if doubtful else "."))
        raise click.exceptions.Exit(1)
    click.echo(f"Nothing is wrong; {doubtful} things are worth a look." if doubtful else "All is well.")


def _findings() -> Iterable[Finding]:
    try:
        settings = settings_module.load()
    except SettingsProblem as problem:
        return [
            wrong(line, "Correct it in the settings file or the environment.") for line in problem.problems
        ]
    return (finding for check in CHECKS for finding in check(settings))


def _say(found: Finding) -> None:
    click.echo(f"{SIGNS[found.state]} {mask(found.text)}")
    if found.state != "ok":
        click.echo(f"     {found.advice}")
