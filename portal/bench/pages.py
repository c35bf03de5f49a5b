"""Pages on demo data: how long each takes.

The pages are asked for inside this process, one after another, so that neither network nor server is in it.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal import clock, create_app, keys, migrate
from portal.bench import p95
from portal.bench.house import settings_in
from portal.db import Database
from portal.models.holding import Holding
from portal.models.item import CatalogVersion
from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.sign_in import SignIn
from portal.models.task import Task
from portal.models.team import Grant
from portal.settings import Settings

NO_PAGES = ("assets.show", "dev.components", "requests.live", "health.live", "health.ready")
EXAMPLES = 3


@dataclass(frozen=True)
class Timed:
    """A page and how long it took, each time."""

    page: str
    seconds: list[float]

    @property
    def p95(self) -> float:
        """Nineteen of twenty are quicker, in milliseconds."""
        return p95(self.seconds) * 1000


@contextmanager
def demo_data(data: Path, *, scale: float) -> Iterator[tuple[Settings, str]]:
    """Copy the demo's database to a temporary folder, or seed a small one; say which it is."""
    with TemporaryDirectory(prefix="ordna-bench-") as name:
        settings = settings_in(Path(name))
        source, target = data / "portal.db", Path(name) / "portal.db"
        if source.is_file():
            with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
                old.backup(new)
            migrate.upgrade(settings.database_url)
            yield settings, f"a copy of {source}"
        else:
            _seed(settings, scale)
            yield settings, f"{scale:.0%} of the demo, seeded now; `make demo` makes all of it in {data}/"


def _seed(settings: Settings, scale: float) -> None:
    from portal.demo.seed import Seeder  # only where there is no demo to copy

    migrate.upgrade(settings.database_url)
    with Seeder(settings, clock.now(), scale=scale) as seeder:
        seeder.begin()


@contextmanager
def signed_in(settings: Settings) -> Iterator[tuple[Flask, FlaskClient, Person]]:
    """Open the app as the one who has ordered most, who may see everything here."""
    app = create_app(settings)
    database: Database = app.extensions["database"]
    client = app.test_client()
    try:
        with database.session() as session:
            person, token = _viewer(session)
            session.commit()
        with client.session_transaction() as cookie:
            cookie.update({"token": token, "seen": int(clock.now().timestamp())})
        yield app, client, person
    finally:
        database.dispose()


def _viewer(session: Session) -> tuple[Person, str]:
    counted = (
        sa.select(Person)
        .join(ServiceRequest, ServiceRequest.requester_id == Person.id)
        .where(Person.is_disabled.is_(False))
        .group_by(Person.id)
        .order_by(sa.func.count().desc())
    )
    person = session.scalars(counted.limit(1)).one()
    token = keys.token()
    grant = {"person_id": person.id, "right": "admin", "scope_kind": "all", "scope_ref": ""}
    if session.scalars(sa.select(Grant).filter_by(**grant)).first() is None:
        session.add(Grant(**grant))
    session.add(
        SignIn(
            hash=keys.token_hash(token), person_id=person.id, epoch=person.session_epoch,
            method="bench", began_at=clock.now(),
        )
    )  # fmt: skip
    return person, token


def time_all(
    app: Flask, client: FlaskClient, person: Person, *, rounds: int
) -> tuple[list[Timed], list[str]]:
    """Time every page that answers, the slowest first; return also those without an example here."""
    known = examples(app, person)
    timed, left_out = [], []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
            continue
        paths = [path for path in _paths(app, rule, known) if client.get(path).status_code == 200]
        if not paths:
            left_out.append(rule.rule)
            continue
        timed.append(Timed(rule.rule, [_ask(client, path) for _ in range(rounds) for path in paths]))
    return sorted(timed, key=lambda each: -each.p95), left_out


def _ask(client: FlaskClient, path: str) -> float:
    began = perf_counter()
    client.get(path, buffered=True)
    return perf_counter() - began


def examples(app: Flask, person: Person) -> dict[str, list[Any]]:
    """Return values for what stands in angle brackets in addresses."""
    with app.extensions["database"].read_session() as session:
        return _examples(session, person)


def _examples(session: Session, person: Person) -> dict[str, list[Any]]:
    def some(query: sa.Select[Any]) -> list[Any]:
        return list(session.scalars(query.limit(EXAMPLES)))

    own = sa.select(ServiceRequest.number).where(ServiceRequest.requester_id == person.id)
    item = sa.select(CatalogVersion.item_key).distinct().order_by(CatalogVersion.item_key)
    keys_of = some(item)
    return {
        "number": some(own.order_by(ServiceRequest.id.desc())),
        "item_id": keys_of,
        "key": keys_of,
        "category": ["accounts", "devices", "telephony"],
        "person_id": some(sa.select(Person.id).order_by(Person.id)),
        "task_id": some(sa.select(Task.id).where(Task.kind == "task").order_by(Task.id.desc())),
        "holding_id": some(
            sa.select(Holding.id).where(Holding.person_id == person.id, Holding.state == "active")
        ),
        "unit_id": some(sa.select(OrgUnit.id)),
    }


def _paths(app: Flask, rule: Rule, known: Mapping[str, list[Any]]) -> list[str]:
    """Fill in an address; a version of an item is its first."""
    names = rule.arguments
    if not names:
        return [rule.rule]
    if not names <= {*known, *(["number"] if "key" in names else [])}:
        return []
    known = {**known, "number": [1]} if "key" in names else known
    paths = []
    with app.test_request_context():
        for values in zip(
            *([(name, value) for value in known[name]] for name in sorted(names)), strict=False
        ):
            paths.append(app.url_map.bind("localhost").build(rule.endpoint, dict(values)))
    return paths
