"""What a plan says and how a wanted state is compared with what was found."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.base import Found, Ref, Wanted

Action = Literal["nothing", "create", "update", "delete", "conflict"]
HIDDEN = "••••"


@dataclass(frozen=True)
class Difference:
    """One field that is not as wanted; a secret is shown as dots."""

    field: str
    label: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Plan:
    """What would be done to one object, and why."""

    kind: str
    action: Action
    wanted: Wanted
    differences: tuple[Difference, ...] = ()
    found: Found | None = None
    made_by_us: bool = True
    gone: bool = False  # an object we knew by its id is there no more and would be made anew
    reason: str = ""

    def text(self) -> str:
        """Tell the plan in plain lines."""
        what = f"{self.kind} {self.wanted.key}"
        heads = {
            "nothing": f"Nothing to do: {what} is as wanted.",
            "create": f"Create {what}.",
            "update": f"Change {what}.",
            "delete": f"Delete {what}.",
            "conflict": f"Conflict about {what}.",
        }
        heads["nothing"] = f"Nothing to do about {what}." if self.reason else heads["nothing"]
        head = f"{heads[self.action]} {self.reason}".rstrip()
        return "\n".join(
            [head, *(f"  {d.label}: {_shown(d.before)} → {_shown(d.after)}" for d in self.differences)]
        )

    def to_data(self) -> dict[str, Any]:
        """Give the plan as JSON-able data without secrets, to keep with the task."""
        return {
            "kind": self.kind,
            "action": self.action,
            "key": self.wanted.key,
            "where": self.found.where if self.found else "",
            "gone": self.gone,
            "reason": self.reason,
            "differences": [
                {"field": d.field, "label": d.label, "before": _shown(d.before), "after": _shown(d.after)}
                for d in self.differences
            ],
            "text": self.text(),
        }


@dataclass(frozen=True)
class Outcome:
    """What is true after a plan was carried out."""

    action: Action
    stable_id: str
    key: str
    values: Mapping[str, Any]
    made_by_us: bool
    text: str = ""


def differences(wish: Wanted, found: Found | None) -> tuple[Difference, ...]:
    """Compare what is mentioned with what was found, field by field; all of it where nothing was."""
    kind, keys, once, secret = type(wish), wish.marked("key"), wish.marked("once"), wish.marked("secret")
    out = []
    for name, after in wish.mentioned().items():
        if found is None:
            if name in keys or plain(after) is None:
                continue
            before = None
        else:
            is_identity = wish.is_link and name in keys
            if is_identity or name in once or (name in secret and name not in found.values):
                continue
            before = found.values.get(name)
            if _same(before, after, is_name=name in keys):
                continue
        hide = name in secret
        out.append(
            Difference(
                name, kind.label_of(name), HIDDEN if hide and before else before, HIDDEN if hide else after
            )
        )
    return tuple(out)


def _same(before: Any, after: Any, *, is_name: bool) -> bool:
    one, other = plain(before), plain(after)
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one) == bool(other)
    if isinstance(one, frozenset) and isinstance(other, str):
        return other in one  # the system keeps several values and ours is among them
    is_name = is_name or isinstance(before, Ref) or isinstance(after, Ref)
    if is_name and isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return bool(one == other)


def _data(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.model_dump()
    if isinstance(value, tuple | list | set | frozenset):
        return [_data(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def plain(value: Any) -> Any:
    """Reduce a value to what is compared: empty is None, a reference is its key."""
    if isinstance(value, Ref):
        return str(value) or None
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset(value) or None
    return None if value == "" else value


def _shown(value: Any) -> str:
    flat = plain(value)
    if isinstance(flat, bool):
        return "yes" if flat else "no"
    if isinstance(flat, frozenset):
        return ", ".join(sorted(str(v) for v in flat))
    return "–" if flat is None else str(flat)


def outcome(plan: Plan, found: Found | None) -> Outcome:
    """Tell what is true after the plan, as plain data."""
    return Outcome(
        action=plan.action,
        stable_id=found.stable_id if found else "",
        key=found.key if found else plan.wanted.key,
        values={k: _data(v) for k, v in found.values.items()} if found else {},
        made_by_us=plan.made_by_us,
        text=plan.text(),
    )
