"""Catalog items in the database: read, kept as drafts, published as versions that never change."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.known import Known
from catalog.loader import Parsed, parse_item
from catalog.schema import CatalogItem as Item
from catalog.texts import Texts
from catalog.writer import write_item
from portal import clock
from portal.domain import audit
from portal.domain.transitions import move
from portal.domain.world import world_of
from portal.errors import NotFound, PortalError, Stale
from portal.i18n import N_
from portal.models.item import CatalogItem, CatalogVersion
from portal.models.person import Person
from portal.models.team import SharedList, Team


class HasProblems(PortalError):
    """An item with errors is not published."""

    message = N_("The service has problems that must be mended before it is published.")
    status = 422


class ReasonNeeded(PortalError):
    """A new version says what changed."""

    message = N_("Write what has changed, so that others can follow it.")
    status = 422


class KeyTaken(PortalError):
    """There is a service with this id already."""

    message = N_("There is already a service with the id %(key)s.")
    status = 422


def load(version: CatalogVersion) -> Item:
    """Return the published item of a version; parsed once and kept."""
    return parsed(version.digest, version.text)


MOST_READ = 512
_read: dict[str, Item] = {}


def parsed(digest: str, text: str) -> Item:
    """Return a published item by its digest and text."""
    item = _read.get(digest) or parse_item(text, Known()).item
    if item is None:
        raise ValueError("a published item can no longer be read")
    _remember(digest, item)
    return item


def _remember(digest: str, item: Item) -> None:
    """Keep what has been read; reading takes fifty milliseconds and more."""
    if digest not in _read and len(_read) >= MOST_READ:
        _read.clear()
    _read[digest] = item


def digest(text: str) -> str:
    """Return what a version is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def check(session: Session, text: str, *, file: str = "") -> Parsed:
    """Read an item and find every problem, with what the installation knows now."""
    return parse_item(text, known_now(session), file=file)


def known_now(session: Session) -> Known:
    """Return what items may refer to: systems from the installation, the rest from the database."""
    return world_of(session).known.changed(
        teams=frozenset(session.scalars(select(Team.key))),
        lists={each.key: tuple(each.rows) for each in session.scalars(select(SharedList))},
        items=frozenset(session.scalars(select(CatalogItem.key))),
    )


def current(session: Session, key: str) -> CatalogVersion:
    """Return the version that can be ordered now."""
    item = session.get(CatalogItem, key)
    if item is None or item.version is None or item.state != "published":
        raise NotFound
    return item.version


def save_draft(
    session: Session, key: str, text: str, *, actor: Person | None, expected: int | None = None
) -> CatalogItem:
    """Keep a draft of an item, also one with problems; refuses to write over somebody else's newer draft."""
    item = session.get(CatalogItem, key, with_for_update=True)
    if item is None:
        item = CatalogItem(key=key, state="draft", category="", draft_revision=0, exported_digest="")
        session.add(item)
    else:
        _check_revision(item, expected)
    item.draft = text
    item.draft_revision += 1
    item.draft_at = clock.now()
    item.draft_by_id = actor.id if actor else None
    parsed = check(session, text)
    if parsed.item is not None and item.version_id is None:  # what is published stays where it stands
        item.category = parsed.item.category
    session.flush()
    audit.record(session, item, "save_draft", actor=actor)
    return item


def _check_revision(item: CatalogItem, expected: int | None) -> None:
    if expected is not None and item.draft_revision != expected:
        raise Stale(
            N_("Somebody else has saved this draft since you opened it. Copy your text and open it again.")
        )


def discard_draft(session: Session, key: str, *, actor: Person, expected: int | None = None) -> CatalogItem:
    """Throw a draft away; the published version stays."""
    item = session.get(CatalogItem, key, with_for_update=True)
    if item is None or item.draft is None or item.version_id is None:
        raise NotFound
    _check_revision(item, expected)
    item.draft = None
    item.draft_revision += 1
    session.flush()
    audit.record(session, item, "discard_draft", actor=actor)
    return item


def publish(
    session: Session,
    key: str,
    *,
    actor: Person | None,
    reason: str,
    text: str | None = None,
    expected: int | None = None,
) -> CatalogVersion:
    """Make the draft the next version. Raises HasProblems, ReasonNeeded, or Stale."""
    item = session.get(CatalogItem, key, with_for_update=True)
    if item is None:
        raise NotFound
    _check_revision(item, expected)
    source = text if text is not None else item.draft
    if source is None:
        raise NotFound
    parsed = check(session, source, file=file_of(key))
    if parsed.item is None or any(problem.severity == "error" for problem in parsed.problems):
        raise HasProblems
    if not reason.strip():
        raise ReasonNeeded
    canonical = write_item(parsed.item)
    number = (
        session.scalar(select(func.max(CatalogVersion.number)).where(CatalogVersion.item_key == key)) or 0
    ) + 1
    version = CatalogVersion(
        item_key=key,
        number=number,
        text=canonical,
        digest=digest(canonical),
        published_at=clock.now(),
        published_by_id=actor.id if actor else None,
        reason=reason.strip(),
    )
    session.add(version)
    session.flush()
    item.version = version
    item.category = parsed.item.category
    item.draft = None
    item.draft_revision += 1
    move(session, item, "publish", actor=actor, note=reason.strip(), number=number)
    if canonical == source:
        _remember(version.digest, parsed.item)
    return version


def retire(
    session: Session, key: str, *, actor: Person, reason: str, expected: int | None = None
) -> CatalogItem:
    """Take an item out of the catalog; cases and what people have go on with their versions."""
    item = session.get(CatalogItem, key, with_for_update=True)
    if item is None:
        raise NotFound
    _check_revision(item, expected)
    if not reason.strip():
        raise ReasonNeeded
    move(session, item, "retire", actor=actor, note=reason.strip())
    return item


def copy(
    session: Session, key: str, new_key: str, *, actor: Person, title: Mapping[str, str] | None = None
) -> CatalogItem:
    """Make a draft of a new item from a published one or from its draft, with a title of its own."""
    source = session.get(CatalogItem, key)
    if source is None:
        raise NotFound
    if session.get(CatalogItem, new_key) is not None:
        raise KeyTaken(key=new_key)
    text = text_of(source)
    read = parse_item(text, Known()).item
    if read is not None:
        new = {"id": new_key, **({"title": Texts(root=dict(title))} if title else {})}
        text = write_item(read.model_copy(update=new))
    else:  # a draft that cannot be read is copied as it stands
        lines = [f"id: {new_key}" if line.startswith("id:") else line for line in text.splitlines()]
        text = "\n".join(lines) + "\n"
    return save_draft(session, new_key, text, actor=actor)


def text_of(item: CatalogItem) -> str:
    """Return an item as its authors see it: the draft, else the published text."""
    if item.draft is not None:
        return item.draft
    return item.version.text if item.version else ""


def file_of(key: str) -> str:
    """Name the file that an item would be, for the places of its problems."""
    return f"{key}.yaml"
