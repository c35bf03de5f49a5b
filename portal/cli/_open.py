"""What most words need: the settings, the keys and the database; and finding a person by what is typed."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import func, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import keys, migrate
from portal import settings as settings_module
from portal.db import Database
from portal.errors import PortalError
from portal.models.person import Identity, LocalAccount, Person
from portal.settings import Settings
from portal.work.world import open_portal


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """Open the installation that the environment names; says what is wrong in a sentence."""
    settings = settings_module.load()
    keys.use(keys.load(settings.text("secret.key"), settings.data_dir))
    database = open_portal(settings)
    try:
        if migrate.version_of(database.engine) != migrate.head():
            raise click.ClickException("The database is not of this version. Start `portal serve` once.")
        yield settings, database
    except OperationalError as problem:
        raise click.ClickException(f"The database cannot be used: {problem.orig}") from None
    finally:
        database.dispose()


@contextmanager
def writing() -> Iterator[Session]:
    """Open a session that is committed at the end, and left alone when something cannot be."""
    with opened() as (_settings, database), database.session() as session:
        try:
            yield session
        except PortalError as problem:
            raise click.ClickException(str(problem)) from None
        session.commit()


def find_person(session: Session, text: str) -> Person:
    """Find one person by user name, address, personnel number, identity or number; else say what fits."""
    wanted = text.strip().lower()
    by_account = select(LocalAccount.person_id).where(LocalAccount.username == wanted)
    by_identity = select(Identity.person_id).where(func.lower(Identity.subject) == wanted)
    tests = [
        Person.id.in_(by_account),
        Person.id.in_(by_identity),
        func.lower(Person.mail) == wanted,
        Person.hr_number == text.strip(),
    ]
    if wanted.isdecimal() and len(wanted) < 18:
        tests.append(Person.id == int(wanted))
    found = list(session.scalars(select(Person).where(or_(*tests)).order_by(Person.id).limit(6)))
    if not found:
        raise click.ClickException(
            f"Nobody is known as {text}. Give a user name, an address or a personnel number."
        )
    if len(found) > 1:
        names = "\n".join(f"  {each.id}: {each.name}, {each.mail}" for each in found)
        raise click.ClickException(f"{text} fits several people. Give the number of one:\n{names}")
    return found[0]
