"""The installation as plain data for the verbs: systems with their kinds, policies, calendar.

The connectors are known here and to nobody below.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from catalog.categories import shipped
from catalog.known import KindInfo, Known, ResourceInfo
from connectors.base import Connector
from connectors.errors import ConnectorError, Misconfigured
from connectors.registry import connector_of, describe_kinds, open_resource
from connectors.walls import check_stated_walls
from portal import resources as configured
from portal.db import Database, open_database
from portal.domain.world import LeaveRule, Policy, World
from portal.i18n import text
from portal.resources import ResourceConfig
from portal.settings import Settings

SHIPPED = Path(__file__).parents[1] / "config"
BESIDE = Path(__file__).parents[2] / "config"


def shipped_config(name: str) -> Path:
    """Return a file that comes with the portal: inside it when installed, beside it in a checkout."""
    inside = SHIPPED / name
    return inside if inside.exists() else BESIDE / name


def build_world(settings: Settings) -> World:
    """Read what the verbs must know of the installation."""
    found = configured.read(settings)
    return World(
        known=known_of(found, settings),
        policies=read_policies(settings.file("files.lifecycle") or shipped_config("lifecycle.yaml")),
        modes={name: each.mode for name, each in found.items()},
        concurrency={name: each.concurrency for name, each in found.items()},
        calendar=settings.text("portal.calendar"),
        link_days=settings.number("links.days"),
        base_url=settings.base_url,
        main_language=settings.main_language,
        resend_working_days=settings.number("orders.sent_back_days"),
        signin_for_approvals=settings.flag("signin.for_approvals"),
    )


def open_portal(settings: Settings, *, synchronous: str = "FULL") -> Database:
    """Open the database that the settings name, its sessions knowing the installation's world."""
    database = open_database(settings, synchronous=synchronous)
    database.tell(world=build_world(settings))
    return database


def read_policies(path: Path) -> dict[str, Policy]:
    """Read the lifecycle policies, one for each form of employment."""
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return {form: _policy(form, row) for form, row in data["forms"].items()}


def _policy(form: str, row: Mapping[str, Any]) -> Policy:
    return Policy(
        form=form,
        label=row.get("label", {}),
        needs_last_day=row.get("needs_last_day", False),
        longest_months=row.get("longest_months", 0),
        remind_days=tuple(row.get("remind_days", ())),
        remind_to=tuple(row.get("remind_to", ("manager",))),
        can_extend=row.get("can_extend", False),
        bundle=row.get("bundle", False),
        grace_days=row.get("grace_days", 90),
        leave={kind: LeaveRule(each.get("pause_after_days")) for kind, each in row.get("leave", {}).items()},
    )


def known_of(found: Mapping[str, ResourceConfig], settings: Settings) -> Known:
    """Describe the connected systems and their kinds for the catalog."""
    return Known(
        resources={name: _resource_info(each, settings.main_language) for name, each in found.items()},
        letters=letter_names(),
        categories=frozenset(each.id for each in shipped()),
        languages=tuple(settings.names("portal.languages")),
        main_language=settings.main_language,
    )


def letter_names() -> frozenset[str]:
    """Return the letters that items may name: templates without an underscore."""
    inside = SHIPPED.with_name("templates")
    folder = (inside if inside.is_dir() else BESIDE.with_name("templates")) / "mail"
    return frozenset(file.stem for file in folder.glob("[a-z]*.html"))


def _resource_info(config: ResourceConfig, language: str) -> ResourceInfo:
    table = table_of(config)
    title = text(config.title, language, main=language)
    titles = {} if isinstance(config.title, str) else dict(config.title)
    try:
        described = describe_kinds(config.name, table)
        connector = connector_of(config.name, table)
    except ConnectorError:
        return ResourceInfo(title=title, titles=titles)

    def outside(kind: str, wanted: Mapping[str, Any]) -> str | None:
        sentences = check_stated_walls(connector, table.get("walls", {}), kind, wanted, resource=config.name)
        return " ".join(sentences) or None

    return ResourceInfo(
        kinds={name: _kind_info(each) for name, each in described.items()},
        title=title,
        titles=titles,
        allowed_kinds=frozenset(described),
        outside=outside,
    )


TYPES = {
    "yes_no": "boolean",
    "number": "number",
    "date": "string",
    "list": "array",
    "ref": "object",
    "text": "string",
}


def _kind_info(described: Mapping[str, Any]) -> KindInfo:
    attributes = described["attributes"]

    def marked(mark: str) -> frozenset[str]:
        return frozenset(name for name, about in attributes.items() if about["mark"] == mark)

    return KindInfo(
        name=described["name"],
        fields={n: {"type": TYPES[a["type"]], "title": a["label"]} for n, a in attributes.items()},
        key=tuple(described["key"]),
        needed=tuple(described["required"]),
        once_fields=marked("once"),
        until=marked("until"),
        supplied=marked("secret"),
        link=described["link"],
        once=described["once"],
        one_shot=described["one_shot"],
    )


def table_of(config: ResourceConfig) -> dict[str, Any]:
    """Return a system's table as the registry reads it; secrets are still references."""
    return {"connector": config.connector, "mode": config.mode, **config.config}


def open_named(settings: Settings, name: str) -> Connector:
    """Open a connected system from the operator's file as it is now; secrets are looked up here.

    Raises Misconfigured.
    """
    found = configured.read(settings)
    if name not in found:
        raise Misconfigured(f"No connected system is called {name}.")
    return open_resource(name, {"connector": found[name].connector, **found[name].opened()})
