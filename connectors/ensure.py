"""Say what would change, and make it so: the same for every connector.

An object is looked for by its stable outside id, then by our marker, then by its natural key. Found by key
without our marker it is somebody else's: a conflict. Of a link (a membership) the key is the identity: there
already means nothing to do, and that we did not make it.
"""

import logging
from collections.abc import Mapping
from typing import Any

from connectors.base import MARKER_PREFIX, Connector, Found, Wanted
from connectors.errors import Conflict, Denied, Invalid, Misconfigured, Unavailable, Unknown
from connectors.plans import Action, Difference, Outcome, Plan, differences, outcome, plain
from connectors.walls import check_walls

__all__ = ["Action", "Difference", "Outcome", "Plan", "apply", "is_free", "plan", "plan_absent"]

log = logging.getLogger(__name__)


def plan(
    connector: Connector,
    kind: str,
    wanted: Mapping[str, Any],
    *,
    marker: str,
    stable_id: str = "",
    key: str = "",
    began: bool = False,
) -> Plan:
    """Compare what is wanted with what is there, writing nothing.

    `key` fills in the natural key where the wish only names attributes. `began` says that we made the object,
    or that an earlier try had planned to, so that a link found now is ours.
    """
    wish = _read(connector, kind, wanted, key)
    if wish.is_once:
        return Plan(kind, "create", wish, differences(wish, None))
    with connector:
        found, ours = _locate(connector, wish, marker, stable_id)
    if found is None:
        _demand_needed(wish)
        return Plan(kind, "create", wish, differences(wish, None), gone=bool(stable_id) and not wish.is_link)
    if not ours and not wish.is_link:
        return Plan(kind, "conflict", wish, found=found, made_by_us=False, reason=_whose(found))
    made_by_us = began or found.marker == marker if wish.is_link else True
    left = differences(wish, found)
    for difference in left:
        if difference.after is None and difference.field in wish.needed():
            raise Invalid(
                f"{difference.label} cannot be emptied on {kind} {wish.key}.", field=difference.field
            )
    return Plan(kind, "update" if left else "nothing", wish, left, found, made_by_us)


def plan_absent(
    connector: Connector,
    kind: str,
    wanted: Mapping[str, Any],
    *,
    marker: str,
    stable_id: str = "",
    key: str = "",
    made_by_us: bool = True,
    remove_always: bool = False,
) -> Plan:
    """Plan that the object is gone. A stranger's is left alone, and so is a link that we did not make."""
    wish = _read(connector, kind, wanted, key)
    if wish.is_once:
        return Plan(kind, "nothing", wish, reason="This kind leaves nothing to take away.")
    if wish.is_link and not made_by_us and not remove_always:
        return Plan(kind, "nothing", wish, made_by_us=False, reason="It was there before us and stays.")
    with connector:
        found, ours = _locate(connector, wish, marker, stable_id)
    if found is None:
        return Plan(kind, "nothing", wish, reason="It is gone already.")
    if not ours and not wish.is_link:
        return Plan(kind, "nothing", wish, found=found, made_by_us=False, reason=f"{_whose(found)} It stays.")
    return Plan(kind, "delete", wish, found=found)


def apply(connector: Connector, plan: Plan, marker: str) -> Outcome:
    """Carry a plan out and read back what is there now; an uncertain answer is settled by looking."""
    wish, found = plan.wanted, plan.found
    if plan.action == "conflict":
        raise Conflict(plan.text(), detail=found.where if found else "")
    if plan.action == "nothing":
        return outcome(plan, found)
    if plan.action != "delete":
        _inside_walls(connector, wish)
    with connector:
        if plan.action == "create":
            return outcome(plan, _create(connector, wish, marker))
        if found is None:
            raise Invalid(f"The plan for {plan.kind} {wish.key} names no object to {plan.action}.")
        if plan.action == "update":
            return outcome(plan, _update(connector, plan, found, marker))
        _delete(connector, wish, found)
        return outcome(plan, None)


def is_free(connector: Connector, kind: str, field: str, value: str) -> bool:
    """Say whether nobody on the resource holds this value of a field."""
    with connector:
        return connector.find_by_field(connector.kind(kind), field, value) is None


def _create(connector: Connector, wish: Wanted, marker: str) -> Found | None:
    try:
        connector.create(wish, marker)
    except (Unknown, Conflict) as error:
        if wish.is_one_shot:
            raise
        if wish.is_once:
            raise _again_later(error, wish) if isinstance(error, Unknown) else error from error
        found, ours = _locate(connector, wish, marker, "")
        if found and (ours or (wish.is_link and isinstance(error, Unknown))):
            return found
        raise (error if found else _again_later(error, wish)) from error
    if wish.is_once or wish.is_one_shot:
        return None
    found, ours = _locate(connector, wish, marker, "")
    if found is None:
        raise Unknown(f"{connector.title} accepted {wish.kind_name()} {wish.key}, but it is not there.")
    if not ours and not wish.is_link:
        raise Conflict(f"{wish.kind_name()} {wish.key} was made by somebody else just now. {_whose(found)}")
    return found


def _update(connector: Connector, plan: Plan, found: Found, marker: str) -> Found:
    wish = plan.wanted
    changes = {d.field: getattr(wish, d.field) for d in plan.differences}
    lost: Unknown | None = None
    try:
        connector.update(found, wish, changes)
    except Unknown as error:
        if wish.is_one_shot:
            raise
        lost = error
    now, _ = _locate(connector, wish, marker, found.stable_id)
    left = differences(wish, now)
    if now is not None and not left:
        return now
    if lost is not None or now is None:
        raise _again_later(lost, wish) from lost
    names = ", ".join(d.label for d in left)
    raise Invalid(
        f"{connector.title} accepted the change of {plan.kind} {wish.key} but shows other values: {names}.",
        field=left[0].field,
    )


def _delete(connector: Connector, wish: Wanted, found: Found) -> None:
    try:
        connector.delete(found, wish)
    except Unknown as error:
        if wish.is_one_shot:
            raise
        log.info("The answer to deleting %s %s was lost; looking.", wish.kind_name(), wish.key)
        if _still_there(connector, wish, found):
            raise _again_later(error, wish) from error


def _still_there(connector: Connector, wish: Wanted, found: Found) -> bool:
    by_id = connector.find_by_id(type(wish), found.stable_id) if found.stable_id else None
    by_key = by_id or connector.find(wish)
    return by_key is not None and by_key.stable_id == found.stable_id


def _again_later(error: Exception | None, wish: Wanted) -> Unavailable:
    detail = getattr(error, "detail", "") or getattr(error, "message", "")
    return Unavailable(
        f"{wish.kind_name()} {wish.key} is not as wanted yet; the call did not get through.", detail=detail
    )


def _read(connector: Connector, kind: str, wanted: Mapping[str, Any], key: str) -> Wanted:
    model = connector.kind(kind)
    keys = model.marked("key")
    values = dict(wanted)
    if key and len(keys) == 1:
        values.setdefault(keys[0], key)
    wish = model.read(values)
    _inside_walls(connector, wish)
    return wish


def _inside_walls(connector: Connector, wish: Wanted) -> None:
    outside = check_walls(connector, wish.kind_name(), wish.mentioned())
    if outside:
        raise Denied(
            f"{wish.kind_name()} {wish.key} is outside what {connector.name} allows.",
            detail=" ".join(outside),
        )


def _demand_needed(wish: Wanted) -> None:
    for name in wish.needed():
        if plain(getattr(wish, name)) is None:
            raise Invalid(
                f"{wish.label_of(name)} is needed to make {wish.kind_name()} {wish.key}.", field=name
            )


def _locate(connector: Connector, wish: Wanted, marker: str, stable_id: str) -> tuple[Found | None, bool]:
    """Find the object and say whether it is ours."""
    kind = type(wish)
    if stable_id and (found := connector.find_by_id(kind, stable_id)):
        return found, not _foreign(found, marker)
    if found := connector.find_by_marker(kind, marker):
        if found.marker != marker:
            raise Misconfigured(
                f"{connector.title} answered with another marker than the one that was asked for."
            )
        return found, True
    found = connector.find(wish)
    return found, found is not None and found.marker == marker


def _foreign(found: Found, marker: str) -> bool:
    """Say whether the object carries another of our markers, so that another account row owns it."""
    return bool(found.marker and found.marker != marker and found.marker.startswith(MARKER_PREFIX))


def _whose(found: Found) -> str:
    place = f" ({found.where})" if found.where else ""
    if found.marker and found.marker.startswith(MARKER_PREFIX):
        return f"{found.key}{place} belongs to another account of a portal."
    return f"{found.key}{place} exists already and was not made here."
