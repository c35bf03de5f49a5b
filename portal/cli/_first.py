"""What a first start needs: a settings file with every key explained, and somebody who may do everything."""

import json
from collections.abc import Mapping

import sqlalchemy as sa

from portal import clock
from portal.db import open_database
from portal.models.person import LocalAccount, Person
from portal.models.team import Grant
from portal.passwords import hash_password
from portal.setting_keys import KEYS, Value
from portal.settings import Settings

HEAD = """\
# The portal's settings. Every key is here with its default; take away the # to set one.
# Any key can also be given in the environment, which wins: mail.host is PORTAL__MAIL__HOST.
# PORTAL_CONFIG names this file. Secrets are better given in the environment.
"""


def example(answers: Mapping[str, Value] | None = None) -> str:
    """Write a settings file with every key, its help and its default; those that are answered are set."""
    answers = {key: value for key, value in (answers or {}).items() if value}
    lines, section = [HEAD.rstrip()], ""
    for key in KEYS:
        ours, _, name = key.name.partition(".")
        if ours != section:
            lines += ["", f"[{ours}]"]
            section = ours
        lines.append(f"# {key.help}" + (f" One of {', '.join(key.choices)}." if key.choices else ""))
        value = answers.get(key.name, key.default)
        lines.append(f"{'' if key.name in answers else '# '}{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def add_administrator(settings: Settings, username: str, password: str) -> bool:
    """Add somebody who may do everything, unless the user name is taken; tell whether they were added."""
    database = open_database(settings)
    with database.session() as session:
        if session.scalar(sa.select(LocalAccount).where(LocalAccount.username == username.lower())):
            return False
        person = Person(given_name=username, surname="", created_at=clock.now())
        session.add(person)
        session.flush()
        session.add(
            LocalAccount(
                person_id=person.id, username=username.lower(), password_hash=hash_password(password)
            )
        )
        session.add(Grant(person_id=person.id, right="admin"))
        session.commit()
    database.dispose()
    return True
