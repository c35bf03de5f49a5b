"""A resource's walls: which kinds and which names items may use, whoever wrote them."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from connectors.base import Connector, Wanted


def allowed_kinds(connector: Connector | type[Connector], walls: Mapping[str, Any]) -> tuple[str, ...]:
    """List the kinds that items may use; all of the connector's where the resource states none."""
    names = tuple(kind.kind_name() for kind in connector.kinds)
    stated = walls.get("kinds")
    return names if stated is None else tuple(n for n in names if n in stated)


def patterns_for(
    connector: Connector | type[Connector], walls: Mapping[str, Any], kind: type[Wanted], name: str
) -> tuple[str, ...] | None:
    """Return what a field's value may look like (`intranet-*`), or None where there is no wall.

    A wall that the connector asks for and the resource does not state lets nothing through.
    """
    wall = str(kind.extra_of(name).get("wall") or "")
    if not wall or (wall not in walls and wall not in connector.walls):
        return None
    return tuple(str(p) for p in walls.get(wall, ()))


def check_walls(connector: Connector, kind: str, wanted: Mapping[str, Any]) -> list[str]:
    """Say in sentences what lies outside the walls of an opened resource; an empty list is inside."""
    return check_stated_walls(connector, connector.stated_walls, kind, wanted, resource=connector.name)


def check_stated_walls(
    connector: Connector | type[Connector],
    walls: Mapping[str, Any],
    kind: str,
    wanted: Mapping[str, Any],
    *,
    resource: str = "",
) -> list[str]:
    """Say the same of a resource that is not opened, for literal values while an item is written."""
    place = resource or connector.title
    if kind not in allowed_kinds(connector, walls):
        allowed = ", ".join(allowed_kinds(connector, walls)) or "none"
        return [f"{place} does not let items use {kind}; it allows {allowed}."]
    model = next(k for k in connector.kinds if k.kind_name() == kind)
    outside = []
    for name, value in wanted.items():
        if name not in model.model_fields or value is None:
            continue
        allowed_values = patterns_for(connector, walls, model, name)
        if allowed_values is not None and not _matches(str(value), allowed_values):
            listed = ", ".join(allowed_values) or "nothing"
            outside.append(
                f"{model.label_of(name)} {value!s} is outside the walls of {place}, which allow {listed}."
            )
    return outside


def _matches(value: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(value.casefold(), pattern.casefold()) for pattern in patterns)
