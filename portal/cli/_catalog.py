"""Catalog files read for the command line: items with their problems, and what they would change."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from ruamel.yaml import YAML
from sqlalchemy.orm import Session

from catalog.changes import changes
from catalog.known import Known
from catalog.loader import Parsed, parse_item
from catalog.problems import Problem
from portal.domain import items
from portal.models.item import CatalogItem
from portal.models.team import SharedList

ID = re.compile(r"^id:\s*[\"']?([a-z0-9-]{1,60})", re.M)
ROWS = re.compile(r"^rows:", re.M)


@dataclass(frozen=True)
class File:
    """One file with an item in it."""

    path: Path
    text: str
    key: str
    parsed: Parsed

    @property
    def errors(self) -> list[Problem]:
        """What keeps it from being published."""
        return [each for each in self.parsed.problems if each.severity == "error"]


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are meant: a folder means every YAML file in it."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    return found


def read_files(session: Session, paths: Iterable[Path]) -> tuple[list[File], list[tuple[Path, str]]]:
    """Read the files together, so that they may refer to each other; shared lists apart."""
    texts = [(path, _text(path)) for path in files_in(paths)]
    lists = [(path, text) for path, text in texts if ROWS.search(text)]
    written = [(path, text) for path, text in texts if not ROWS.search(text)]
    known = _known(session, [text for _, text in written], [text for _, text in lists])
    found = []
    for path, text in written:
        match = ID.search(text)
        found.append(File(path, text, match[1] if match else "", parse_item(text, known, file=str(path))))
    return found, lists


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{path} cannot be read: {problem}") from None


def _known(session: Session, texts: list[str], lists: list[str]) -> Known:
    known = items.known_now(session)
    own = {match[1] for text in texts if (match := ID.search(text))}
    more = {key: tuple(rows) for key, rows in map(list_of, lists)}
    return known.changed(items=(known.items or frozenset()) | own, lists={**(known.lists or {}), **more})


def list_of(text: str) -> tuple[str, list[dict[str, object]]]:
    """Read a shared list: its id and its rows."""
    data = YAML(typ="safe").load(text)
    if not isinstance(data, dict) or not data.get("id") or not isinstance(data.get("rows"), list):
        raise click.ClickException("A shared list has an id and rows.")
    return str(data["id"]), data["rows"]


def load_list(session: Session, text: str) -> str:
    """Put a shared list into the database; return its id."""
    key, rows = list_of(text)
    found = session.get(SharedList, key)
    if found is None:
        session.add(SharedList(key=key, rows=rows))
    else:
        found.rows = rows
    return key


def differences(session: Session, file: File) -> Iterator[str]:
    """Say in sentences what a file would change."""
    entry = session.get(CatalogItem, file.key)
    if entry is None:
        yield "It is new."
        return
    before = parse_item(items.text_of(entry), Known()).item
    if before is None or file.parsed.item is None:
        yield "One of the two cannot be read, so what is different cannot be said."
        return
    for each in changes(before, file.parsed.item):
        yield each.text(language="en")


def tell(problems: Iterable[Problem]) -> None:
    """Print problems with their places, as compilers do."""
    for each in problems:
        mild = "warning: " if each.severity == "warning" else ""
        click.echo(f"{each.where()}: {mild}{each.text()}", err=True)
