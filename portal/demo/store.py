"""The directory in memory that history is made in, and its way into the demo's directory.

`fill` and `restore` put into memory what is there before, `entries` writes all of it as LDIF, and `Mirror`
carries what later history changes into the directory that runs already.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE
from ldap3.utils.conv import escape_filter_chars as escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import dn, memory
from connectors.kinds import Account as AccountKind
from connectors.kinds import Group as GroupKind
from connectors.ldap import Ldap
from connectors.ldap_entries import GROUP_CLASSES, Shape, common_name
from portal.demo import sources
from portal.demo.directory import Details
from portal.demo.staff import Staff
from portal.models.holding import Account

RESOURCE = "staff-directory"
STORE = "demo-history"
SHAPE = Shape("labeledURI", "pwdAccountLockedTime", "000001010000Z", "shadowExpire")

Row = dict[str, Any]
Entry = tuple[str, dict[str, list[str]]]


def fill(store: memory.Store, staff: Staff) -> None:
    """Put the groups into memory that are there whatever anybody orders."""
    rows = {each["name"]: each["description"] for each in sources.organisation()["groups"]}
    rows |= {unit.group: unit.name for unit in staff.units.values() if unit.group}
    kept = store.objects.setdefault("group", {})
    for name, description in rows.items():
        row_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"group:{name}"))
        kept[row_id] = _row(row_id, name, None, {"name": name, "description": description})


def restore(session: Session, store: memory.Store) -> None:
    """Put every live object that the portal knows of into memory."""
    for account in session.scalars(
        select(Account).where(Account.state == "live", Account.resource == RESOURCE)
    ):
        put(store, account)


def put(store: memory.Store, account: Account) -> None:
    """Put an object that the portal knows of into memory, and say nothing of it in the ledger."""
    marker = None if account.kind == "membership" else account.marker
    row = _row(account.stable_id, account.key, marker, dict(account.values))
    store.objects.setdefault(account.kind, {})[account.stable_id] = row


def _row(row_id: str, key: str, marker: str | None, values: Mapping[str, Any]) -> Row:
    return {"id": row_id, "key": key.casefold(), "marker": marker, "values": dict(values)}


def membership(store: memory.Store, account: Mapping[str, Any], group: str) -> tuple[str, str, Row]:
    """Return key, stable id and values of somebody's place in a group."""
    found = next(row for row in store.objects["group"].values() if row["key"] == group.casefold())
    values = {"account": dict(account), "group": group}
    return f"{account['key']} / {group}", f"{found['id']}:{account['stable_id']}", values


def settle_ids(session: Session, store: memory.Store) -> None:
    """Give memberships the stable ids that the directory will know them by."""
    groups = {row["key"]: row["id"] for row in store.objects["group"].values()}
    people = {row["key"]: row["id"] for row in store.objects["account"].values()}
    for account in session.scalars(
        select(Account).where(
            Account.resource == RESOURCE,
            Account.kind == "membership",
            Account.state == "live",
            ~Account.stable_id.contains(":"),
        )
    ):
        old = account.stable_id
        person, group = account.values["account"]["key"], account.values["group"]
        account.stable_id = f"{groups[group.casefold()]}:{people[person.casefold()]}"
        row = store.objects["membership"].pop(old, None)
        if row is not None:
            store.objects["membership"][account.stable_id] = {**row, "id": account.stable_id}
    session.flush()


class Names:
    """What things are called in the directory."""

    def __init__(self, people_base: str, groups_base: str, placeholder: str) -> None:
        self.people, self.groups, self.placeholder = people_base, groups_base, placeholder

    def account(self, key: str) -> str:
        """Name somebody's entry."""
        return f"uid={dn.escape(key)},{self.people}"

    def group(self, name: str) -> str:
        """Name a group's entry."""
        return f"cn={dn.escape(name)},{self.groups}"

    def attributes(self, kind: str, row: Row) -> dict[str, list[str]]:
        """Write an object as the connector would, with the id that memory gave it."""
        values = {name: value for name, value in row["values"].items() if value not in (None, "")}
        marker = {"labeledURI": [row["marker"]]} if row["marker"] else {}
        if kind == "account":
            fields = AccountKind.read(values).mentioned()
            written = SHAPE.write_account(fields, lambda ref, _: self.account(str(ref)))
            classes = list(SHAPE.account_classes())
            more: dict[str, list[str]] = {"cn": [common_name(fields)]}
        else:
            fields = GroupKind.read(values).mentioned()
            written = SHAPE.write_group(fields, lambda ref, _: self.account(str(ref)))
            classes, more = list(GROUP_CLASSES), {}
        whole = {"objectClass": classes, **written, **more, **marker, "entryUUID": [row["id"]]}
        return {name: list(values) for name, values in whole.items() if values}


def names_of(details: Details) -> Names:
    """Return what things are called in a directory."""
    return Names(details.people_base, details.groups_base, details.bind_dn)


def entries(store: memory.Store, names: Names) -> Iterator[Entry]:
    """Yield everything in memory as entries, groups last with who is in them."""
    for row in store.objects.get("account", {}).values():
        yield names.account(row["values"]["username"]), names.attributes("account", row)
    members: dict[str, list[str]] = {}
    for row in store.objects.get("membership", {}).values():
        members.setdefault(row["values"]["group"], []).append(names.account(row["values"]["account"]["key"]))
    for row in store.objects.get("group", {}).values():
        name = row["values"]["name"]
        inside = [names.placeholder, *members.get(name, ())]
        yield names.group(name), {**names.attributes("group", row), "member": inside}


def named_since(store: memory.Store, place: int) -> list[tuple[str, str]]:
    """Return the objects that the ledger names after a place, each once."""
    return list(dict.fromkeys((kind, key) for _, kind, key in store.ledger[place:]))


class Mirror:
    """Carries what history has changed in memory into the directory that runs."""

    def __init__(self, store: memory.Store, names: Names, ldap: Ldap) -> None:
        self.store, self.names, self.ldap = store, names, ldap
        self.done = len(store.ledger)

    def carry(self) -> int:
        """Make everything so that the ledger names since the last time; return how many objects that were."""
        upto = len(self.store.ledger)
        fresh = named_since(self.store, self.done)
        ranked = [(kind, key) for wanted in ORDER for kind, key in fresh if kind == wanted]
        with self.ldap:
            for kind, key in ranked:
                self._make_so(kind, key)
        self.done = upto
        return len(ranked)

    def _make_so(self, kind: str, key: str) -> None:
        rows = self.store.objects.get(kind, {}).values()
        row = next((row for row in rows if row["key"] == key.casefold()), None)
        if kind == "membership":
            self._place(*key.split(" / ", 1), inside=row is not None)
        else:
            self._write(kind, key, row)

    def _place(self, person: str, group: str, *, inside: bool) -> None:
        """Put somebody into a group, or take them out."""
        name, member = self.names.group(group), self.names.account(person)
        doing, wire = f"Filling in {person} in {group}", self.ldap.wire
        there = wire.search(name, f"(member={escape(member)})", ["cn"], doing=doing, deep=False)
        if inside and not there:
            wire.modify(name, {"member": [(MODIFY_ADD, [member])]}, doing=doing)
        elif there and not inside:
            wire.modify(name, {"member": [(MODIFY_DELETE, [member])]}, doing=doing)

    def _write(self, kind: str, key: str, row: Row | None) -> None:
        """Make an account or a group as memory has it, or take it away."""
        name = self.names.account(key) if kind == "account" else self.names.group(key)
        found = self.ldap.find_by_field(AccountKind if kind == "account" else GroupKind, KEYS[kind], key)
        doing, wire = f"Filling in {kind} {key}", self.ldap.wire
        if row is None:
            if found is not None:
                wire.delete(name, doing=doing)
            return
        attributes = self.names.attributes(kind, row)
        classes = attributes.pop("objectClass")
        if found is None:
            if kind == "group":
                attributes["member"] = [self.names.placeholder]
            wire.add(name, classes, attributes, doing=doing)
            return
        wanted = {each: attributes.get(each, []) for each in (*MANAGED, *attributes)}
        changes = {each: [(MODIFY_REPLACE, values)] for each, values in wanted.items() if each not in FIXED}
        wire.modify(name, changes, doing=doing)


ORDER = ("account", "group", "membership")
KEYS = {"account": "username", "group": "name"}
MANAGED = ("telephoneNumber", "mobile", SHAPE.locked, SHAPE.expires)
"""What an account may lose again."""
FIXED = ("entryUUID", "uid", "cn")
