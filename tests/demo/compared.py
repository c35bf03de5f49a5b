"""What the directory says against what the portal has on record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Connector, Found, Wanted
from connectors.kinds import Account as AccountKind
from connectors.kinds import Group, Membership
from portal.domain import accounts
from portal.models.holding import Account


def disagreements(session: Session, connector: Connector) -> list[str]:
    """List every difference, by its sort."""
    ours = {
        (row.kind, row.key): row for row in session.scalars(select(Account).where(Account.state == "live"))
    }
    with connector:
        people = _listed(connector, AccountKind)
        members = _listed(connector, Membership)
        groups = _listed(connector, Group)
    found = ["orphan_account" for key in people if ("account", key) not in ours]
    found += ["group_added_by_hand" for key in members if ("membership", key) not in ours]
    for (kind, key), row in ours.items():
        there = {"account": people, "membership": members, "group": groups}[kind].get(key)
        if there is None:
            found.append(f"missing_{kind}")
        elif there.stable_id != row.stable_id or (kind != "membership" and there.marker != row.marker):
            found.append(f"another_{kind}")
        elif kind == "account":
            found += _changed(accounts.wanted_state(session, row), there.values)
    return sorted(found)


def _listed(connector: Connector, kind: type[Wanted]) -> dict[str, Found]:
    return {each.key: each for each in connector.list(kind)}


def _changed(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    names = [name for name, value in wanted.items() if (value or None) != (_plain(there.get(name)) or None)]
    words = {"enabled": "enabled_past_end", "surname": "changed_name"}
    return [words.get(name, name) for name in names]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
