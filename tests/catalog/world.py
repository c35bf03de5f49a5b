"""What the tests' items may refer to: one directory, the teams and lists of the shipped catalog."""

from collections.abc import Mapping
from typing import Any

from catalog.known import KindInfo, Known, ResourceInfo

TEXT = {"anyOf": [{"type": "string"}, {"type": "null"}]}
FLAG = {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
DAY = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
REF = {"$ref": "#/$defs/Ref"}

ACCOUNT_TEXTS = ("username", "given_name", "surname", "display_name", "mail", "phone", "mobile", "title", "unit")
KINDS: Mapping[str, KindInfo] = {
    "account": KindInfo(
        "account",
        {**dict.fromkeys(ACCOUNT_TEXTS, TEXT), "employee_number": TEXT, "manager": REF, "enabled": FLAG, "expires_on": DAY},
        key=("username",),
        needed=("username", "given_name", "surname"),
        until=frozenset({"expires_on"}),
    ),
    "membership": KindInfo(
        "membership", {"account": REF, "group": TEXT}, key=("account", "group"), needed=("account", "group"), link=True
    ),
    "group": KindInfo(
        "group",
        {"name": TEXT, "description": TEXT, "mail": TEXT, "owner": REF},
        key=("name",),
        needed=("name",),
    ),
    "first-password": KindInfo(
        "first-password",
        {"account": REF, "password": TEXT},
        key=("account",),
        needed=("account", "password"),
        supplied=frozenset({"account", "password"}),
        once=True,
    ),
}


def known(**parts: Any) -> Known:
    """Give a world with one directory; parts replace what is in it."""
    world = Known(
        resources={"staff-directory": ResourceInfo(KINDS, "The staff directory")},
        teams=frozenset({"it-accounts", "service-desk", "approval-desk", "caretakers", "it-security", "records-owner"}),
        lists={
            "programs": (
                {"value": "visio", "label": {"sv": "Visio"}, "price": {"monthly": 60}, "group": "lic-visio"},
                {"value": "project", "label": {"sv": "Project"}, "price": {"monthly": 320}, "group": "lic-project"},
            )
        },
        items=frozenset({"laptop", "shared-mailbox"}),
        categories=frozenset({"accounts", "devices", "access"}),
        letters=frozenset({"welcome", "ready"}),
    )
    return world.changed(**parts)
