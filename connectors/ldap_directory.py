"""Finding things in a directory: accounts, groups and who is in what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ldap3.utils.conv import escape_filter_chars as escape

from connectors import dn
from connectors.base import Found, Ref, Wanted
from connectors.errors import Invalid
from connectors.kinds import Account, Group
from connectors.ldap_entries import ACCOUNT_TEXTS, GROUP_CLASSES, GROUP_TEXTS, Shape, common_name
from connectors.ldap_wire import Row, Wire

ENTRIES: tuple[type[Wanted], ...] = (Account, Group)
ATTRIBUTES: dict[type[Wanted], Mapping[str, str]] = {Account: ACCOUNT_TEXTS, Group: GROUP_TEXTS}
CLASS_OF = {Account: "inetOrgPerson", Group: "groupOfNames"}


class Directory:
    """The two bases of a directory, read through a wire."""

    def __init__(self, wire: Wire, shape: Shape, people: str, groups: str) -> None:
        self.wire, self.shape, self.people, self.groups = wire, shape, people, groups

    def by_attribute(self, kind: type[Wanted], attribute: str, value: str) -> Found | None:
        """Find the one entry with this value; two are a conflict."""
        text, base = f"({attribute}={escape(value)})", self._base(kind)
        doing = f"Looking for {kind.kind_name()} {text} under {base}"
        rows = self.wire.search(base, text, self.shape.attributes(), doing=doing, limit=1)
        return self._reader(kind)(rows[0]) if rows else None

    def entries(self, kind: type[Wanted]) -> Iterator[Found]:
        """Yield every account or group."""
        yield from map(self._reader(kind), self._rows(kind))

    def account(self, ref: Ref) -> Found | None:
        """Find whom a reference means, by the id that outlives renaming if it has one."""
        found = self.by_attribute(Account, "entryUUID", ref.stable_id) if ref.stable_id else None
        return found or (self.by_attribute(Account, "uid", ref.key) if ref.key else None)

    def name_of(self, ref: Ref, field: str) -> str:
        """Return the distinguished name of whom a reference means."""
        found = self.account(ref)
        if found is None:
            raise Invalid(f"{field.capitalize()} {ref} has no account under {self.people}.", field=field)
        return found.where

    def demand_group(self, name: str) -> Found:
        """Find a group that must be there."""
        found = self.by_attribute(Group, "cn", name)
        if found is None:
            raise Invalid(f"Group {name} does not exist under {self.groups}.", field="group")
        return found

    def membership(self, ref: Ref, group_name: str) -> Found | None:
        """Find an account in a group."""
        account, group = self.account(ref), self.by_attribute(Group, "cn", group_name)
        if account is None or group is None:
            return None
        rows = self.wire.search(
            group.where,
            f"(member={escape(account.where)})",
            ["cn", "entryUUID"],
            doing=f"Looking whether {account.key} is in {group.key}",
            deep=False,
        )
        return self._link(rows[0], account) if rows else None

    def memberships(self) -> Iterator[Found]:
        """Yield every account in every group."""
        people = {dn.parts(row.dn): self.shape.account(row) for row in self._rows(Account)}
        for row in self._rows(Group, "member"):
            members = (people.get(dn.parts(name)) for name in row.all("member"))
            yield from (self._link(row, person) for person in members if person is not None)

    def entry(
        self, wanted: Wanted, marker: str, placeholder: str
    ) -> tuple[Sequence[str], dict[str, list[str]]]:
        """Return the classes and attributes of a new entry."""
        fields = wanted.mentioned()
        if isinstance(wanted, Account):
            attributes = self.shape.write_account(fields, self.name_of)
            more = {"cn": [common_name(fields)], self.shape.marker: [marker]}
            return self.shape.account_classes(), attributes | more
        attributes = self.shape.write_group(fields, self.name_of)
        return GROUP_CLASSES, attributes | {"member": [placeholder], self.shape.marker: [marker]}

    def changes(self, found: Found, wanted: Wanted, fields: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the attributes to replace, so that the fields become as wanted."""
        if not isinstance(wanted, Account):
            return self.shape.write_group(fields, self.name_of)
        attributes = self.shape.write_account(fields, self.name_of)
        if fields.keys() & {"given_name", "surname", "display_name"}:
            attributes["cn"] = [common_name({**found.values, **wanted.mentioned()})]
        if attributes.get(self.shape.expires):
            have = found.raw.get("objectclass", ())
            lower = {name.lower() for name in have}
            lacking = [name for name in self.shape.account_classes() if name.lower() not in lower]
            attributes |= {"objectClass": [*have, *lacking]} if lacking else {}
        return attributes

    def _base(self, kind: type[Wanted]) -> str:
        return self.people if kind is Account else self.groups

    def _reader(self, kind: type[Wanted]) -> Callable[[Row], Found]:
        return self.shape.account if kind is Account else self.shape.group

    def _rows(self, kind: type[Wanted], *more: str) -> tuple[Row, ...]:
        base, text = self._base(kind), f"(objectClass={CLASS_OF[kind]})"
        return self.wire.search(base, text, [*self.shape.attributes(), *more], doing=f"Listing {base}")

    def _link(self, group: Row, person: Found) -> Found:
        resource = self.wire.address.resource
        account = Ref(resource=resource, kind="account", key=person.key, stable_id=person.stable_id)
        name = group.one("cn")
        stable_id = f"{group.one('entryUUID')}:{account.stable_id}"
        return Found(stable_id, f"{account} / {name}", {"account": account, "group": name}, where=group.dn)
