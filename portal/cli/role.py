"""`portal role`: who may do what."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli._open import find_person, opened, writing
from portal.domain import grants, org
from portal.models.person import Person
from portal.models.team import Grant, Team
from portal.rights import GRANTED

SCOPE_HELP = "Where it holds: unit:KEY, category:KEY or resource:NAME. Everywhere if left out."


@click.group("role")
def command() -> None:
    """Give, take away and list rights."""


@command.command("grant")
@click.argument("whom")
@click.argument("right", type=click.Choice(list(GRANTED)))
@click.option("--scope", default="", help=SCOPE_HELP)
def grant(whom: str, right: str, scope: str) -> None:
    """Give WHOM (a person, or team/KEY) a RIGHT."""
    with writing() as session:
        owner = _owner(session, whom)
        made = grants.give(session, owner, right, actor=None, scope=_scope(scope))
        name = _name(owner)
        click.echo(f"{name} has the right {right} now." if made else f"{name} has the right {right} already.")


@command.command("revoke")
@click.argument("whom")
@click.argument("right", type=click.Choice(list(GRANTED)))
@click.option("--scope", default="", help=SCOPE_HELP)
def revoke(whom: str, right: str, scope: str) -> None:
    """Take a RIGHT away from WHOM (a person, or team/KEY)."""
    with writing() as session:
        owner = _owner(session, whom)
        if not grants.revoke(session, owner, right, actor=None, scope=_scope(scope)):
            raise click.ClickException(f"{_name(owner)} does not have the right {right} there.")
        click.echo(f"{_name(owner)} no longer has the right {right}.")


@command.command("list")
def list_() -> None:
    """List who may do what, and where."""
    with opened() as (_settings, database), database.read_session() as session:
        rows = session.scalars(select(Grant).order_by(Grant.right, Grant.team_id, Grant.person_id)).all()
        for row in rows:
            where = "everywhere" if row.scope_kind == "all" else f"{row.scope_kind} {row.scope_ref}"
            click.echo(f"{row.right:20} {where:24} {_owner_of(session, row)}")
        if not rows:
            click.echo("Nobody has been given a right.")


def _owner(session: Session, text: str) -> Person | Team:
    if not text.startswith("team/"):
        return find_person(session, text)
    team = org.team_named(session, text)
    if team is None:
        raise click.ClickException(f"There is no {text}.")
    return team


def _owner_of(session: Session, row: Grant) -> str:
    if row.team_id is not None:
        return _name(session.get_one(Team, row.team_id))
    return _name(session.get_one(Person, row.person_id))


def _name(owner: Person | Team) -> str:
    return f"team/{owner.key}" if isinstance(owner, Team) else owner.name


def _scope(text: str) -> tuple[str, str]:
    kind, _, ref = text.partition(":")
    return (kind, ref) if text else ("all", "")
