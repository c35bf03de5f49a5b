"""A directory in memory: for tests, dry talks and trying an item out. It keeps a ledger of every effect."""

import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.base import Connector, Found, Point, Setting, Wanted
from connectors.errors import Conflict, ConnectorError, Invalid
from connectors.kinds import DIRECTORY_KINDS, FirstPassword, Membership

Row = dict[str, Any]
Objects = dict[str, dict[str, Row]]


@dataclass
class Store:
    """What one memory holds: objects by kind and id, the ledger, and the failures in waiting."""

    objects: Objects = field(default_factory=dict)
    ledger: list[tuple[str, str, str]] = field(default_factory=list)
    failures: list[tuple[ConnectorError, bool]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fail_next(self, error: ConnectorError, times: int = 1, *, after: bool = False) -> None:
        """Let the next calls fail; `after` does what was asked first, as when an answer is lost."""
        self.failures += [(error, after)] * times


_STORES: dict[str, Store] = {}


def store(name: str = "memory") -> Store:
    """Return the store of that name, shared in this process."""
    return _STORES.setdefault(name, Store())


def forget(name: str = "memory") -> None:
    """Throw a store away."""
    _STORES.pop(name, None)


class Memory(Connector):
    """A directory that is not there."""

    key = "memory"
    title = "Memory (for tests)"
    settings = (
        Setting("store", "Name of the shared store", default="memory"),
        Setting("path", "File that mirrors it, for several processes", required=False),
    )
    kinds = DIRECTORY_KINDS

    def ready(self) -> None:
        """Find the store."""
        self.store = store(str(self.config["store"]))
        self.path = Path(self.config["path"]) if self.config.get("path") else None

    def check(self) -> Sequence[Point]:
        """Say that memory works."""
        return [Point(True, f"The store {self.config['store']} holds {self._count()} objects.")]

    def find(self, wanted: Wanted) -> Found | None:
        """Look up by natural key."""
        return self._first(type(wanted), lambda rows: _newest(rows, "key", _key(wanted)))

    def find_by_id(self, kind: type[Wanted], stable_id: str) -> Found | None:
        """Look up by id."""
        return self._first(kind, lambda rows: rows.get(stable_id))

    def find_by_marker(self, kind: type[Wanted], marker: str) -> Found | None:
        """Look up by marker."""
        return self._first(kind, lambda rows: _newest(rows, "marker", marker) if marker else None)

    def find_by_field(self, kind: type[Wanted], name: str, value: str) -> Found | None:
        """Look up by any field."""
        wanted = value.casefold()

        def fits(row: Row) -> bool:
            return str(row["values"].get(name) or "").casefold() == wanted

        return self._first(kind, lambda rows: next(filter(fits, rows.values()), None))

    def create(self, wanted: Wanted, marker: str) -> None:
        """Make an object; keys are unique."""
        with self._write("create", wanted) as objects:
            if isinstance(wanted, Membership | FirstPassword):
                _demand(objects, "account", wanted.account.key, wanted)
            if isinstance(wanted, Membership):
                _demand(objects, "group", wanted.group, wanted)
            kept = objects.setdefault(wanted.kind_name(), {})
            key = _key(wanted)
            if not wanted.is_once and _newest(kept, "key", key):
                raise Conflict(f"{wanted.kind_name()} {wanted.key} exists already.")
            new = str(uuid.uuid4())
            values = {
                k: v for k, v in wanted.model_dump(mode="json", exclude_unset=True).items() if v is not None
            }
            kept[new] = {
                "id": new,
                "key": key,
                "marker": None if wanted.is_link else marker,
                "values": values,
            }

    def update(self, found: Found, wanted: Wanted, changes: Mapping[str, Any]) -> None:
        """Change fields."""
        with self._write("update", wanted) as objects:
            row = objects.get(wanted.kind_name(), {}).get(found.stable_id)
            if row is None:
                raise Invalid(f"{wanted.kind_name()} {found.key} is not there any more.")
            dumped = wanted.model_dump(mode="json", include=set(changes))
            row["values"] = {k: v for k, v in {**row["values"], **dumped}.items() if v is not None}
            row["key"] = _key(type(wanted).read(row["values"]))

    def delete(self, found: Found, wanted: Wanted) -> None:
        """Take away."""
        with self._write("delete", wanted) as objects:
            objects.get(wanted.kind_name(), {}).pop(found.stable_id, None)

    def list(self, kind: type[Wanted]) -> Iterator[Found]:
        """Yield everything of a kind."""
        for row in list_of(self._objects(), kind):
            yield _found(kind, row)

    def _write(self, action: str, wanted: Wanted) -> "_Writing":
        return _Writing(self.store, self.path, (action, wanted.kind_name(), wanted.key))

    def _first(self, kind: type[Wanted], look: Callable[[dict[str, Row]], Row | None]) -> Found | None:
        if self.store.failures and not self.store.failures[0][1]:
            raise self.store.failures.pop(0)[0]
        row = look(self._objects().get(kind.kind_name(), {}))
        return _found(kind, row) if row else None

    def _objects(self) -> Objects:
        return _load(self.store, self.path)

    def _count(self) -> int:
        return sum(len(rows) for rows in self._objects().values())


def _newest(rows: dict[str, Row], field: str, value: str) -> Row | None:
    """Find a row from the newest back: what was just made is read back most often."""
    return next((row for row in reversed(rows.values()) if row[field] == value), None)


def _demand(objects: Objects, kind: str, key: str, wanted: Wanted) -> None:
    if not _newest(objects.get(kind, {}), "key", key.casefold()):
        raise Invalid(
            f"{kind.capitalize()} {key} does not exist, so {wanted.kind_name()} cannot be made.", field=kind
        )


class _Writing:
    """One write: meets the failures in waiting, notes the ledger, mirrors to the file."""

    def __init__(self, store: Store, path: Path | None, line: tuple[str, str, str]) -> None:
        self.store, self.path, self.line = store, path, line
        self.lost: ConnectorError | None = None

    def __enter__(self) -> Objects:
        if self.store.failures:
            error, after = self.store.failures.pop(0)
            if not after:
                raise error
            self.lost = error
        self.store.lock.acquire()
        return _load(self.store, self.path)

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self.store.ledger.append(self.line)
                if self.path:
                    draft = self.path.with_suffix(f".{os.getpid()}")
                    draft.write_text(json.dumps(self.store.objects, ensure_ascii=False), encoding="utf-8")
                    draft.replace(self.path)
        finally:
            self.store.lock.release()
        if kind is None and self.lost:
            raise self.lost


def _load(store: Store, path: Path | None) -> Objects:
    if path and path.exists():
        store.objects = json.loads(path.read_text(encoding="utf-8"))
    return store.objects


def list_of(objects: Mapping[str, Mapping[str, Row]], kind: type[Wanted]) -> tuple[Row, ...]:
    """Return the rows of a kind."""
    return tuple(objects.get(kind.kind_name(), {}).values())


def _key(wanted: Wanted) -> str:
    return wanted.key.casefold()


def _found(kind: type[Wanted], row: Mapping[str, Any]) -> Found:
    seen = kind.read(row["values"])
    values = {k: v for k, v in seen.mentioned().items() if k not in kind.marked("secret")}
    return Found(row["id"], seen.key, values, row["marker"], where=f"memory:{row['id']}")
