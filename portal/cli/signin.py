"""`portal signin`: who somebody would be when they sign in."""

import click
from sqlalchemy import select

from portal import clock
from portal.cli._open import find_person, opened
from portal.domain import org, people
from portal.models.person import Identity, LocalAccount
from portal.rights import rights_of


@click.group("signin")
def command() -> None:
    """Look into signing in."""


@command.command("check")
@click.argument("person")
def check(person: str) -> None:
    """Say who PERSON would become, how they can sign in, and what they may do."""
    with opened() as (settings, database), database.read_session() as session:
        found = find_person(session, person)
        click.echo(
            f"{found.name}, {found.mail or 'no address'}, {found.unit.name if found.unit else 'no unit'}"
        )
        account = session.scalars(select(LocalAccount).where(LocalAccount.person_id == found.id)).first()
        identities = session.scalars(select(Identity).where(Identity.person_id == found.id)).all()
        ways = [f"password, as {account.username}"] if account and settings.flag("signin.local") else []
        ways += [f"{each.issuer}, as {each.subject}" for each in identities]
        click.echo(f"Signs in with: {'; '.join(ways) or 'nothing yet'}")
        employments = people.employments_of(session, found)
        today = clock.today(session)
        here = any(each.is_current(today) for each in employments)
        click.echo(f"Employed today: {'yes' if here else 'no'}")
        click.echo(f"Roles: {', '.join(org.roles_of(session, found)) or 'none'}")
        click.echo(f"Teams: {', '.join(org.teams_of(session, found)) or 'none'}")
        for right, kind, ref in sorted(rights_of(session, found).granted):
            click.echo(f"May: {right} {'everywhere' if kind == 'all' else f'in {kind} {ref}'}")
        if found.is_disabled or found.is_hidden:
            raise click.ClickException("They cannot sign in: the person is closed.")
        if not ways:
            raise click.ClickException("They cannot sign in: there is no way for them yet.")
