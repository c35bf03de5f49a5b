"""`portal audit`: whether the history still is what it was."""

import click
from sqlalchemy import func, select

from portal.cli._open import opened
from portal.domain import audit
from portal.models.audit import AuditEvent, AuditSeal


@click.group("audit")
def command() -> None:
    """Look after the audit log."""


@command.command("verify")
def verify() -> None:
    """Check the whole chain. Write the last line down elsewhere: only that shows a cut tail."""
    with opened() as (_settings, database), database.read_session() as session:
        wrong = audit.verify(session)
        events = session.scalar(select(func.count(AuditEvent.id))) or 0
        last = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
        sealed = last.seq if last else 0
    for line in wrong[:50]:
        click.echo(line, err=True)
    if len(wrong) > 50:
        click.echo(f"and {len(wrong) - 50} more.", err=True)
    click.echo(f"{events} events, {sealed} of them sealed.")
    if last is not None:
        click.echo(f"Last seal: {last.seq} {last.mac}")
    if wrong:
        raise click.exceptions.Exit(1)
