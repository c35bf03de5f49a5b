"""Finds the connectors, opens a resource with one, and tells the catalog about their kinds as plain data."""

import difflib
import importlib
import importlib.metadata
import logging
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

import connectors as package
from connectors.base import Connector, Setting, Wanted
from connectors.errors import Misconfigured
from connectors.walls import allowed_kinds, patterns_for

log = logging.getLogger(__name__)

ENTRY_POINTS = "portal.connectors"
RESOURCE_KEYS = ("connector", "title", "mode", "concurrency", "owner", "walls")


@cache
def connectors() -> dict[str, type[Connector]]:
    """Return every connector by its key: those lying in this package and those that are installed."""
    found: dict[str, type[Connector]] = {}
    for kind in [*_lying_here(), *_installed()]:
        if found.setdefault(kind.key, kind) is not kind:
            log.error("Two connectors are called %s; the first is used.", kind.key)
    return found


def open_resource(name: str, config: Mapping[str, Any]) -> Connector:
    """Make the connector of one resource from its table, its secrets looked up; nobody is called."""
    connector = connector_of(name, config)
    given = {k: v for k, v in config.items() if k not in RESOURCE_KEYS}
    names = [s.name for s in connector.settings]
    for unknown in sorted(given.keys() - set(names)):
        near = difflib.get_close_matches(unknown, [*names, *RESOURCE_KEYS], 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise Misconfigured(
            f"{name} has a setting {unknown} that {connector.key} does not know.{hint}", field=unknown
        )
    walls = config.get("walls", {})
    if not isinstance(walls, Mapping):
        raise Misconfigured(f"The walls of {name} must be a table.", field="walls")
    values = {s.name: _value(name, s, given.get(s.name)) for s in connector.settings}
    return connector(name, values, walls)


def connector_of(name: str, config: Mapping[str, Any]) -> type[Connector]:
    """Return the class that a resource's table names."""
    wanted = str(config.get("connector", ""))
    known = connectors()
    if wanted not in known:
        raise Misconfigured(
            f"{name} names the connector {wanted!r}; there are {', '.join(sorted(known))}.", field="connector"
        )
    return known[wanted]


def describe_kinds(name: str, config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Describe the kinds that items may use on a resource, as plain data for the catalog."""
    connector = connector_of(name, config)
    walls = config.get("walls", {})
    allowed = allowed_kinds(connector, walls)
    return {
        k.kind_name(): describe_kind(connector, walls, k) for k in connector.kinds if k.kind_name() in allowed
    }


def describe_kind(connector: type[Connector], walls: Mapping[str, Any], kind: type[Wanted]) -> dict[str, Any]:
    """Describe one kind: how it behaves, and each attribute with label, type, mark and allow-list."""
    schemas = kind.model_json_schema().get("properties", {})
    attributes = {}
    for name in kind.model_fields:
        wall = patterns_for(connector, walls, kind, name)
        attributes[name] = {
            "label": kind.label_of(name),
            "type": _type(schemas.get(name, {})),
            "mark": str(kind.extra_of(name).get("mark") or ""),
            "allowed": None if wall is None else list(wall),
        }
    return {
        "name": kind.kind_name(),
        "title": (kind.__doc__ or "").strip(),
        "link": kind.is_link,
        "once": kind.is_once,
        "one_shot": kind.is_one_shot,
        "key": list(kind.marked("key")),
        "required": list(kind.needed()),
        "attributes": attributes,
    }


def _type(schema: Mapping[str, Any]) -> str:
    """Name a field's type in the words of questions: text, number, yes_no, date, list, ref."""
    options = [o for o in schema.get("anyOf", [schema]) if o.get("type") != "null"]
    one = options[0] if options else {}
    if "$ref" in one or "allOf" in one:
        return "ref"
    if one.get("format") == "date":
        return "date"
    return {"boolean": "yes_no", "integer": "number", "number": "number", "array": "list"}.get(
        one.get("type", ""), "text"
    )


def _value(resource: str, setting: Setting, given: Any) -> Any:
    if given is None or given == "":
        if setting.required and setting.default is None:
            raise Misconfigured(
                f"{resource} lacks the setting {setting.name} ({setting.label}).", field=setting.name
            )
        return setting.default
    if setting.type == "number" and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise Misconfigured(f"The setting {setting.name} of {resource} must be a number.", field=setting.name)
    if setting.type == "yes_no" and not isinstance(given, bool):
        raise Misconfigured(
            f"The setting {setting.name} of {resource} must be true or false.", field=setting.name
        )
    return given


def _lying_here() -> Iterator[type[Connector]]:
    for info in pkgutil.iter_modules(package.__path__):
        if info.name == "conformance":
            continue
        try:
            module = importlib.import_module(f"{package.__name__}.{info.name}")
        except ImportError:
            log.exception("The connector file %s cannot be used.", info.name)
            continue
        yield from _declared_in(module)


def _declared_in(module: ModuleType) -> Iterator[type[Connector]]:
    for thing in vars(module).values():
        if (
            isinstance(thing, type)
            and issubclass(thing, Connector)
            and thing.key
            and thing.__module__ == module.__name__
        ):
            yield thing


def _installed() -> Iterator[type[Connector]]:
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            thing = entry.load()
        except (ImportError, AttributeError):
            log.exception("The installed connector %s cannot be used.", entry.name)
            continue
        if isinstance(thing, type) and issubclass(thing, Connector) and thing.key:
            yield thing
        else:
            log.error("The entry point %s is no connector.", entry.name)
