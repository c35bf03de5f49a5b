"""Examples of the kinds that directories share, with names nobody has."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from connectors.base import Connector
from connectors.conformance import Example
from connectors.ensure import apply, plan, plan_absent


def new_name(start: str = "t") -> str:
    """Return a name that nobody has."""
    return f"{start}{uuid.uuid4().hex[:10]}"


def noah(name: str = "", **more: Any) -> dict[str, Any]:
    """Return what is wanted of Noah's account."""
    return {"username": name or new_name(), "given_name": "Noah", "surname": 'Öst, +"#"', **more}


def make(connector: Connector, kind: str, wanted: dict[str, Any], marker: str = "") -> str:
    """Make an object and return its stable id."""
    marker = marker or f"ordna:{uuid.uuid4()}"
    return apply(connector, plan(connector, kind, wanted, marker=marker), marker).stable_id


def _making(objects: Sequence[tuple[str, dict[str, Any], str]]) -> Callable[[Connector], None]:
    def before(connector: Connector) -> None:
        for kind, wanted, marker in objects:
            make(connector, kind, wanted, marker)

    return before


def _taking(objects: Sequence[tuple[str, dict[str, Any], str]]) -> Callable[[Connector], None]:
    def after(connector: Connector) -> None:
        for kind, wanted, marker in reversed(objects):
            apply(connector, plan_absent(connector, kind, wanted, marker=marker), marker)

    return after


def directory_examples() -> list[Example]:
    """Return an account, a group and a membership."""
    person, group = noah(), {"name": new_name("g ")}
    objects = [
        (kind, wanted, f"ordna:{uuid.uuid4()}") for kind, wanted in (("account", person), ("group", group))
    ]
    return [
        Example(
            "account",
            noah(mail="noah@example.test", title="Ranger", enabled=False, expires_on="2027-08-31"),
            change={"enabled": True, "expires_on": "2027-09-30", "surname": "Öst-Berg"},
            clear="title",
        ),
        Example(
            "group",
            {"name": new_name("g, "), "description": "All"},
            change={"description": "Some"},
            clear="description",
        ),
        Example(
            "membership",
            {"account": person["username"], "group": group["name"]},
            before=_making(objects),
            after=_taking(objects),
        ),
    ]
