"""What the suite works with: examples, calls that get lost, and trials that clean up after themselves."""

import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from connectors.base import Connector, Found, Wanted
from connectors.ensure import apply, plan, plan_absent
from connectors.errors import ConnectorError, Unavailable, Unknown
from connectors.plans import Outcome


@dataclass(frozen=True)
class Example:
    """One kind to try: what to want, what to change, what to clear, and what has to be there first."""

    kind: str
    wanted: Mapping[str, Any]
    change: Mapping[str, Any] = field(default_factory=dict)
    clear: str = ""
    before: Callable[[Connector], None] | None = None
    after: Callable[[Connector], None] | None = None


class Watched(Connector):
    """Passes every call on, counts them, and loses the ones it is told to lose."""

    def __init__(self, inner: Connector) -> None:
        self.inner = inner
        self.calls: list[str] = []
        self.lose: dict[str, str] = {}
        self.key, self.title, self.kinds = inner.key, inner.title, inner.kinds  # type: ignore[misc]
        self.name, self.config, self.stated_walls = inner.name, inner.config, inner.stated_walls
        self.walls = inner.walls  # type: ignore[misc]
        self._depth = 0

    def _call(self, verb: str, *arguments: Any) -> Any:
        self.calls.append(verb)
        how = self.lose.pop(verb, "")
        if how == "before":
            raise Unknown(f"The call to {verb} was lost on its way.")
        answer = getattr(self.inner, verb)(*arguments)
        if how == "after":
            raise Unknown(f"The answer to {verb} was lost on its way.")
        return answer

    def find(self, wanted: Any) -> Found | None:
        """Pass on."""
        found: Found | None = self._call("find", wanted)
        return found

    def find_by_id(self, kind: type[Wanted], stable_id: str) -> Found | None:
        """Pass on."""
        found: Found | None = self._call("find_by_id", kind, stable_id)
        return found

    def find_by_marker(self, kind: type[Wanted], marker: str) -> Found | None:
        """Pass on."""
        found: Found | None = self._call("find_by_marker", kind, marker)
        return found

    def create(self, wanted: Any, marker: str) -> None:
        """Pass on."""
        self._call("create", wanted, marker)

    def update(self, found: Found, wanted: Any, changes: Mapping[str, Any]) -> None:
        """Pass on."""
        self._call("update", found, wanted, changes)

    def delete(self, found: Found, wanted: Any) -> None:
        """Pass on."""
        self._call("delete", found, wanted)

    def close(self) -> None:
        """Pass on."""
        self.inner.close()


class Trial:
    """One example with a watched connector and a marker of its own; leaves nothing behind."""

    def __init__(self, open_one: Callable[[], Connector], example: Example) -> None:
        self.example, self.marker, self._open = example, new_marker(), open_one
        self.watched = Watched(open_one())
        self._stack = ExitStack()

    def __enter__(self) -> tuple[Example, Watched, str]:
        if self.example.after:
            self._stack.callback(self.example.after, self._open())
        if self.example.before:
            self.example.before(self._open())
        self._stack.callback(self.remove, self.marker)
        return self.example, self.watched, self.marker

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def remove(self, marker: str) -> None:
        """Take away what carries a marker."""
        connector = self._open()
        absent = plan_absent(connector, self.example.kind, self.example.wanted, marker=marker)
        if absent.action == "delete":
            apply(connector, absent, marker)


def new_marker() -> str:
    """Return a marker that nobody has."""
    return f"ordna:{uuid.uuid4()}"


def ensure(
    connector: Connector,
    example: Example,
    marker: str,
    *,
    wanted: Mapping[str, Any] | None = None,
    stable_id: str = "",
    began: bool = False,
) -> Outcome:
    """Plan and apply."""
    wish = example.wanted if wanted is None else wanted
    planned = plan(connector, example.kind, wish, marker=marker, stable_id=stable_id, began=began)
    return apply(connector, planned, marker)


def until_done(
    connector: Connector, example: Example, marker: str, *, wanted: Mapping[str, Any] | None = None
) -> Outcome:
    """Do what the worker does: try, and after trouble that may be tried again, plan anew."""
    for _ in range(4):
        try:
            return ensure(connector, example, marker, wanted=wanted, began=True)
        except (Unavailable, Unknown):
            continue
    raise AssertionError("The connector was not done after four tries.")


def may_fail(call: Callable[[], Any]) -> None:
    """Call, and let pass only trouble that may be tried again."""
    try:
        call()
    except ConnectorError as error:
        if not error.may_retry:
            raise


def raises(kind: type[ConnectorError], call: Callable[[], Any]) -> ConnectorError:
    """Call, and return the error of this kind that must come."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected and did not come.")
