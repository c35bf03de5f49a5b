"""What authors see of the catalog: items with their problems and use, texts line by line, differences."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from catalog.changes import Change, changes
from catalog.known import Known
from catalog.loader import Parsed, parse_item
from catalog.problems import Problem
from catalog.schema import CatalogItem as Item
from catalog.texts import Texts
from portal import clock
from portal.domain import items
from portal.domain.queries.search import folded
from portal.domain.world import world_of
from portal.errors import NotAllowed, NotFound
from portal.models.item import CatalogItem, CatalogVersion
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.rights import allowed

DAYS = 90
"""How far back orders are counted in the list."""

KEPT = 500


@dataclass(frozen=True)
class Listed:
    """One item in the list of the studio."""

    entry: CatalogItem
    title: Texts
    owner: str
    orders: int
    errors: int
    warnings: int
    missing: dict[str, int]
    """How many texts each language lacks."""
    unread: tuple[str, ...]

    @property
    def has_draft(self) -> bool:
        """Tell whether there is something unpublished."""
        return self.entry.draft is not None


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of the list."""

    text: str = ""
    state: str = ""
    category: str = ""
    trouble: str = ""


def list_items(session: Session, viewer: Person, wish: Wish) -> list[Listed]:
    """Return the items somebody may write, those with problems and drafts first found by their words."""
    query = select(CatalogItem).options(joinedload(CatalogItem.version)).order_by(CatalogItem.key)
    if wish.state == "changed":
        query = query.where(CatalogItem.draft.is_not(None), CatalogItem.version_id.is_not(None))
    elif wish.state:
        query = query.where(CatalogItem.state == wish.state)
    if wish.category:
        query = query.where(CatalogItem.category == wish.category)
    orders = _orders(session)
    reader = _Reader(session)
    found = [
        _listed(entry, reader.read(entry), orders.get(entry.key, 0))
        for entry in session.scalars(query)
        if may_write(session, entry, viewer)
    ]
    words = folded(wish.text).split()
    return [each for each in found if _fits(each, words) and (not wish.trouble or _is_trouble(each))]


def _fits(listed: Listed, words: list[str]) -> bool:
    text = folded(" ".join((listed.entry.key, *listed.title.root.values(), listed.owner)))
    return all(word in text for word in words)


def _is_trouble(listed: Listed) -> bool:
    return bool(listed.errors or listed.warnings)


def _listed(entry: CatalogItem, parsed: Parsed, orders: int) -> Listed:
    item = parsed.item or (items.load(entry.version) if entry.version else None)
    missing: dict[str, int] = {}
    for problem in parsed.problems:
        if problem.code == "translation":
            said = problem.params.get("languages") or problem.params.get("language") or ""
            for language in str(said).split(", "):
                missing[language] = missing.get(language, 0) + 1
    return Listed(
        entry,
        item.title if item else Texts(root={"": entry.key}),
        item.owner if item else "",
        orders,
        len(parsed.errors),
        len(parsed.problems) - len(parsed.errors),
        missing,
        item.languages_unread if item else (),
    )


def _orders(session: Session) -> dict[str, int]:
    since = clock.now() - timedelta(days=DAYS)
    rows = session.execute(
        select(ServiceRequest.item_key, func.count())
        .where(ServiceRequest.purpose == "deliver", ServiceRequest.submitted_at >= since)
        .group_by(ServiceRequest.item_key)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class _Asked:
    """A text and what is known, by their fingerprints, so that what was found is kept."""

    fingerprints: tuple[str, str, int]
    text: str = field(compare=False)
    file: str = field(compare=False)
    known: Known = field(compare=False)
    base: Known = field(compare=False)  # held, so that its id stays its own


class _Reader:
    """Reads items with what is known now; each is read anew only when its text or that has changed."""

    def __init__(self, session: Session) -> None:
        self.base, self.known = world_of(session).known, items.known_now(session)
        parts = [sorted(self.known.teams or ()), sorted(self.known.items or ()), self.known.lists or {}]
        self.print = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def read(self, entry: CatalogItem) -> Parsed:
        """Read an item as its authors see it."""
        text, file = items.text_of(entry), items.file_of(entry.key)
        prints = (items.digest(f"{file}\n{text}"), self.print, id(self.base))
        return _read(_Asked(prints, text, file, self.known, self.base))


@lru_cache(maxsize=KEPT)
def _read(asked: _Asked) -> Parsed:
    return parse_item(asked.text, asked.known, file=asked.file)


def may_write(session: Session, entry: CatalogItem, person: Person) -> bool:
    """Say whether somebody writes or publishes items of this category."""
    return any(
        allowed(session, person, right, category=entry.category)
        for right in ("catalog.edit", "catalog.publish")
    )


def find_entry(session: Session, key: str, *, viewer: Person) -> CatalogItem:
    """Find an item, published or not; NotFound unless the viewer writes or publishes such items."""
    entry = session.get(CatalogItem, key[:60])
    if entry is None or not may_write(session, entry, viewer):
        raise NotFound
    return entry


def demand(session: Session, entry: CatalogItem, right: str, person: Person, *, item: Item | None) -> None:
    """Raise NotAllowed unless somebody has a right where the item stands, and where its text would put it."""
    for category in {entry.category, item.category if item else entry.category}:
        if not allowed(session, person, right, category=category):
            raise NotAllowed


def parsed_of(session: Session, entry: CatalogItem) -> Parsed:
    """Read an item as its authors see it, with all its problems."""
    return _Reader(session).read(entry)


def offered(entry: CatalogItem, text: str) -> CatalogVersion:
    """Return the version that a text would be; it is never put in the session."""
    return CatalogVersion(item_key=entry.key, number=0, text=text, digest=items.digest(text), reason="")


def what_changes(entry: CatalogItem, item: Item) -> list[Change]:
    """List what publishing would change; nothing before the first version."""
    return changes(items.load(entry.version), item) if entry.version else []


@dataclass(frozen=True)
class Published:
    """One line of an item's history: the version and what it changed."""

    version: CatalogVersion
    changes: list[Change]
    is_current: bool


def history_of(session: Session, entry: CatalogItem) -> list[Published]:
    """Return the versions of an item, the latest first, each with what it changed."""
    query = select(CatalogVersion).where(CatalogVersion.item_key == entry.key)
    query = query.options(joinedload(CatalogVersion.published_by)).order_by(CatalogVersion.number.desc())
    versions = list(session.scalars(query))
    earlier: Sequence[CatalogVersion | None] = [*versions[1:], None]
    return [
        Published(
            version,
            changes(items.load(before), items.load(version)) if before else [],
            version.id == entry.version_id and entry.state == "published",
        )
        for version, before in zip(versions, earlier, strict=True)
    ]


def find_version(session: Session, entry: CatalogItem, number: int) -> CatalogVersion:
    """Find a version of an item by its number."""
    query = select(CatalogVersion).where(
        CatalogVersion.item_key == entry.key, CatalogVersion.number == number
    )
    version = session.scalars(query).first()
    if version is None:
        raise NotFound
    return version


@dataclass(frozen=True)
class Line:
    """One line of a text, with what is wrong in it."""

    number: int
    text: str
    problems: tuple[Problem, ...] = ()

    @property
    def tone(self) -> str:
        """Say how bad it is: bad, warn or nothing."""
        if any(each.severity == "error" for each in self.problems):
            return "bad"
        return "warn" if self.problems else ""


def lines_of(text: str, problems: Sequence[Problem]) -> list[Line]:
    """Number the lines of a text, each with its problems; what lies behind the end stands at the last."""
    lines = text.split("\n")
    lines = lines[:-1] if len(lines) > 1 and not lines[-1] else lines
    at: dict[int, list[Problem]] = {}
    for problem in problems:
        at.setdefault(min(max(problem.line, 1), len(lines)), []).append(problem)
    return [Line(place, line, tuple(at.get(place, ()))) for place, line in enumerate(lines, 1)]


@dataclass(frozen=True)
class Differing:
    """One line of a comparison: in both, only before, or only after; a gap stands for many that are alike."""

    sign: Literal["same", "removed", "added", "gap"]
    text: str = ""


def compare(before: str, after: str, *, around: int = 2) -> list[Differing]:
    """Compare two texts line by line, with a few lines around each difference."""
    return list(_compared(before.splitlines(), after.splitlines(), around))


def _compared(old: list[str], new: list[str], around: int) -> Iterator[Differing]:
    last = 0
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around):
        if group[0][1] > last:
            yield Differing("gap")
        for what, first, end, from_, to in group:
            if what == "equal":
                yield from (Differing("same", line) for line in old[first:end])
                continue
            yield from (Differing("removed", line) for line in old[first:end])
            yield from (Differing("added", line) for line in new[from_:to])
        last = group[-1][2]
    if last and last < len(old):
        yield Differing("gap")
