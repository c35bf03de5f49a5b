"""What an item may refer to, as plain data: connected systems and their kinds, teams, lists, other items.

`None` in place of a set means that nobody can say here, and nothing is complained about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

Row = Mapping[str, Any]


@dataclass(frozen=True)
class KindInfo:
    """One kind of object on a resource, as its connector describes it."""

    name: str = ""
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Each attribute's JSON schema: `{"type": "boolean", "title": "Can sign in"}`."""
    key: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    """Attributes without which an object cannot be made."""
    once_fields: frozenset[str] = frozenset()
    until: frozenset[str] = frozenset()
    supplied: frozenset[str] = frozenset()
    """Attributes the portal itself gives, such as a first password."""
    link: bool = False
    once: bool = False
    one_shot: bool = False


@dataclass(frozen=True)
class ResourceInfo:
    """One connected system and its walls."""

    kinds: Mapping[str, KindInfo] = field(default_factory=dict)
    title: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Its name in several languages, where the operator gave them; `title` is in the main one."""
    allowed_kinds: frozenset[str] | None = None
    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Allow-lists by "kind.attribute": `{"membership.group": {"vpn", "intranet-readers"}}`."""
    outside: Callable[[str, Mapping[str, Any]], str | None] | None = field(default=None, compare=False)
    """Says in a sentence why literal values of a kind lie outside the walls, or None."""


@dataclass(frozen=True)
class Known:
    """Everything an item may name."""

    resources: Mapping[str, ResourceInfo] = field(default_factory=dict)
    teams: frozenset[str] | None = None
    lists: Mapping[str, tuple[Row, ...]] | None = None
    items: frozenset[str] | None = None
    orders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Which items each published item orders, so that circles are found."""
    letters: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    languages: tuple[str, ...] = ("sv", "nb", "en")
    main_language: str = "sv"

    def changed(self, **parts: Any) -> Self:
        """Give the same with some parts changed."""
        return replace(self, **parts)

    def has_team(self, key: str) -> bool:
        """Tell whether there is such a team, written with or without `team/`."""
        return self.teams is None or key in self.teams or key.removeprefix("team/") in self.teams

    def team_words(self) -> frozenset[str]:
        """List the teams as items write them."""
        return frozenset(f"team/{key.removeprefix('team/')}" for key in self.teams or ())

    def kind(self, target: str) -> KindInfo | None:
        """Find a "resource/kind"."""
        resource, _, kind = target.partition("/")
        info = self.resources.get(resource)
        return info.kinds.get(kind) if info else None

    def once_targets(self) -> frozenset[str]:
        """List every "resource/kind" whose kind acts when asked and leaves nothing."""
        return frozenset(
            f"{resource}/{name}"
            for resource, info in self.resources.items()
            for name, kind in info.kinds.items()
            if kind.once
        )
