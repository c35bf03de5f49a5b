"""A directory of people and groups over LDAP with TLS: OpenLDAP and its kin.

An account is an inetOrgPerson named by uid, a group a groupOfNames that keeps one placeholder as member (the
schema wants at least one). Our marker is a `labeledURI`, the id that outlives renaming is `entryUUID`, and an
account that may not sign in carries `pwdAccountLockedTime`.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, Connection
from ldap3.utils.conv import escape_filter_chars as escape

from connectors import dn
from connectors.base import Connector, Found, Point, Ref, Setting, Wanted
from connectors.errors import ConnectorError, Denied, Invalid, Misconfigured
from connectors.kinds import DIRECTORY_KINDS, Account, FirstPassword, Group, Membership
from connectors.ldap_entries import ACCOUNT_TEXTS, GROUP_CLASSES, GROUP_TEXTS, Shape, common_name, field_of
from connectors.ldap_wire import Address, Row, Wire

ENCRYPTIONS = ("ldaps", "starttls")


class Ldap(Connector):
    """A directory over LDAP, always encrypted."""

    key = "ldap"
    title = "LDAP directory"
    settings = (
        Setting("host", "Name of the server, as in its certificate"),
        Setting("port", "Port", type="number", default=636),
        Setting("encryption", "ldaps or starttls", default="ldaps"),
        Setting("ca_file", "File with the authority that signed the certificate"),
        Setting("bind_dn", "Name of the service account"),
        Setting("bind_password", "Its password", secret=True),
        Setting("people_base", "Where accounts lie"),
        Setting("groups_base", "Where groups lie"),
        Setting("placeholder", "Member that keeps a group from being empty", required=False),
        Setting("marker_attribute", "Attribute that carries our marker", default="labeledURI"),
        Setting("locked_attribute", "Attribute that keeps from signing in", default="pwdAccountLockedTime"),
        Setting("locked_value", "Its value", default="000001010000Z"),
        Setting("expires_attribute", "Attribute of the last day (days since 1970)", default="shadowExpire"),
        Setting("timeout", "Seconds to wait for an answer", type="number", default=10),
        Setting("deadline", "Seconds for one connection as a whole", type="number", default=300),
    )
    kinds = DIRECTORY_KINDS
    walls = ("groups",)

    def ready(self) -> None:
        """Refuse settings that would send the password in clear or to the wrong place."""
        c = self.config
        host, encryption = str(c["host"]), str(c["encryption"])
        if "://" in host or encryption not in ENCRYPTIONS or (encryption == "ldaps" and c["port"] == 389):
            raise Misconfigured(
                f"{self.name} is set up for LDAP without encryption: anyone could read the password.",
                field="encryption",
                advice="Write only the server's name as host, and encryption ldaps (port 636) or starttls.",
            )
        if _is_address(host):
            raise Misconfigured(
                f"{self.name} is set up by number ({host}); certificates name names.", field="host"
            )
        ca_file = Path(str(c["ca_file"]))
        if not ca_file.is_file():
            raise Misconfigured(f"{self.name}: the file {ca_file} does not exist.", field="ca_file")
        for name in ("bind_dn", "people_base", "groups_base"):
            if not dn.parts(str(c[name])):
                raise Misconfigured(
                    f"{self.name}: {name} is not a name in a directory: {c[name]}.", field=name
                )
        self.people, self.groups = str(c["people_base"]), str(c["groups_base"])
        self.placeholder = str(c["placeholder"] or c["bind_dn"])
        self.shape = Shape(
            str(c["marker_attribute"]),
            str(c["locked_attribute"]),
            str(c["locked_value"]),
            str(c["expires_attribute"]),
        )
        starttls, bind_dn, password = encryption == "starttls", str(c["bind_dn"]), str(c["bind_password"])
        self.wire = Wire(
            Address(
                self.name,
                host,
                int(c["port"]),
                starttls,
                ca_file,
                bind_dn,
                password,
                c["timeout"],
                c["deadline"],
            )
        )

    def close(self) -> None:
        """End the connection."""
        self.wire.close()

    def check(self) -> Sequence[Point]:
        """Look at name, encryption, sign-in, both bases and the stable id, a line each."""
        points: list[Point] = []
        with self:
            try:
                self.wire.open()
                points.append(
                    Point(True, f"{self.wire.address} answers, encrypted, with a certificate we accept.")
                )
                points.append(Point(True, f"Signed in as {self.wire.address.bind_dn}."))
                for base in (self.people, self.groups):
                    rows = self.wire.search(
                        base, "(objectClass=*)", ["entryUUID"], doing=f"Reading {base}", deep=False
                    )
                    if not rows:
                        points.append(
                            Point(False, f"{base} is not there or may not be read.", "Correct the base.")
                        )
                    elif not rows[0].one("entryUUID"):
                        points.append(
                            Point(False, f"{base} shows no entryUUID.", "Let the service account read it.")
                        )
                    else:
                        points.append(Point(True, f"{base} can be read."))
            except ConnectorError as error:
                points.append(Point(False, f"{error.message} {error.detail}".strip(), error.advice))
        return points

    def find(self, wanted: Wanted) -> Found | None:
        """Look up by user name, group name, or who is in what."""
        if isinstance(wanted, Membership):
            return self._membership(wanted)
        name = wanted.username if isinstance(wanted, Account) else wanted.key
        return self.find_by_field(type(wanted), "username" if isinstance(wanted, Account) else "name", name)

    def find_by_id(self, kind: type[Wanted], stable_id: str) -> Found | None:
        """Look up by entryUUID."""
        return self._one(kind, f"(entryUUID={escape(stable_id)})") if kind in (Account, Group) else None

    def find_by_marker(self, kind: type[Wanted], marker: str) -> Found | None:
        """Look up by our marker."""
        return (
            self._one(kind, f"({self.shape.marker}={escape(marker)})") if kind in (Account, Group) else None
        )

    def find_by_field(self, kind: type[Wanted], name: str, value: str) -> Found | None:
        """Look up by one attribute, case as the directory sees it."""
        attribute = (ACCOUNT_TEXTS if kind is Account else GROUP_TEXTS).get(name)
        if attribute is None or kind not in (Account, Group):
            raise Misconfigured(f"{self.title} cannot look for {kind.kind_name()}.{name}.", field=name)
        return self._one(kind, f"({attribute}={escape(value)})")

    def create(self, wanted: Wanted, marker: str) -> None:
        """Add the entry, the member or the password."""
        if isinstance(wanted, Account):
            name = f"uid={dn.escape(wanted.username)},{self.people}"
            fields = wanted.mentioned()
            attributes = self.shape.write_account(fields, self._name_of)
            attributes |= {"cn": [common_name(fields)], self.shape.marker: [marker]}
            self._add(
                name, self.shape.account_classes(), attributes, f"Creating account {wanted.key} ({name})"
            )
        elif isinstance(wanted, Group):
            name = f"cn={dn.escape(wanted.name)},{self.groups}"
            attributes = self.shape.write_group(wanted.mentioned(), self._name_of)
            attributes |= {"member": [self.placeholder], self.shape.marker: [marker]}
            self._add(name, GROUP_CLASSES, attributes, f"Creating group {wanted.key} ({name})")
        elif isinstance(wanted, Membership):
            account, group = self._name_of(wanted.account, "account"), self._group(wanted.group).where
            doing = f"Putting {wanted.account} into {wanted.group} ({group})"
            self._modify(group, [("member", MODIFY_ADD, [account])], doing)
        elif isinstance(wanted, FirstPassword):
            self._set_password(wanted)

    def update(self, found: Found, wanted: Wanted, changes: Mapping[str, object]) -> None:
        """Rename if the key changed, then replace the other attributes."""
        name, attribute = found.where, "uid" if isinstance(wanted, Account) else "cn"
        key = "username" if isinstance(wanted, Account) else "name"
        doing = f"Changing {wanted.kind_name()} {found.key} ({name})"
        self._inside(name)
        if key in changes:
            rdn = f"{attribute}={dn.escape(str(changes[key]))}"
            self._write(doing, lambda c: c.modify_dn(name, rdn))
            name = f"{rdn},{dn.parent(name)}"
        fields = {k: v for k, v in changes.items() if k != key}
        if isinstance(wanted, Account):
            attributes = self.shape.write_account(fields, self._name_of)
            if fields.keys() & {"given_name", "surname", "display_name"}:
                attributes["cn"] = [common_name({**found.values, **wanted.mentioned()})]
            if attributes.get(self.shape.expires):
                have = {c.lower() for c in found.raw.get("objectclass", ())}
                lacking = [c for c in self.shape.account_classes() if c.lower() not in have]
                attributes |= (
                    {"objectClass": [*found.raw.get("objectclass", ()), *lacking]} if lacking else {}
                )
        else:
            attributes = self.shape.write_group(fields, self._name_of)
        if attributes:
            self._modify(name, [(a, MODIFY_REPLACE, v) for a, v in attributes.items()], doing)

    def delete(self, found: Found, wanted: Wanted) -> None:
        """Delete the entry, or take the member out; the placeholder goes in where a group would be empty."""
        self._inside(found.where)
        if not isinstance(wanted, Membership):
            doing = f"Deleting {wanted.kind_name()} {found.key} ({found.where})"
            try:
                self._write(doing, lambda c: c.delete(found.where))
            except Invalid:
                if self.find_by_id(type(wanted), found.stable_id) is not None:
                    raise
            return
        account = self._name_of(wanted.account, "account")
        doing = f"Taking {wanted.account} out of {wanted.group} ({found.where})"
        row = self.wire.search(found.where, "(objectClass=*)", ["member"], doing=doing, deep=False)
        alone = bool(row) and len(row[0].all("member")) == 1
        changes = [("member", MODIFY_ADD, [self.placeholder])] if alone else []
        self._modify(found.where, [*changes, ("member", MODIFY_DELETE, [account])], doing)

    def list(self, kind: type[Wanted]) -> Iterator[Found]:
        """Yield accounts, groups or memberships, page by page."""
        if kind is Account:
            yield from map(self.shape.account, self._rows(self.people, "(objectClass=inetOrgPerson)"))
        elif kind is Group:
            yield from map(self.shape.group, self._rows(self.groups, "(objectClass=groupOfNames)"))
        elif kind is Membership:
            ids = {dn.parts(r.dn): r for r in self._rows(self.people, "(objectClass=inetOrgPerson)")}
            for row in self._rows(self.groups, "(objectClass=groupOfNames)", "member"):
                for member in row.all("member"):
                    if (person := ids.get(dn.parts(member))) is not None:
                        yield self._link(row, person)
        else:
            yield from super().list(kind)

    def _rows(self, base: str, text: str, *more: str) -> tuple[Row, ...]:
        return self.wire.search(base, text, [*self.shape.attributes(), *more], doing=f"Listing {base}")

    def _one(self, kind: type[Wanted], text: str) -> Found | None:
        base = self.people if kind is Account else self.groups
        doing = f"Looking for {kind.kind_name()} {text} under {base}"
        rows = self.wire.search(base, text, self.shape.attributes(), doing=doing, limit=1)
        if not rows:
            return None
        return self.shape.account(rows[0]) if kind is Account else self.shape.group(rows[0])

    def _account(self, ref: Ref) -> Found | None:
        found = self.find_by_id(Account, ref.stable_id) if ref.stable_id else None
        return found or (self.find_by_field(Account, "username", ref.key) if ref.key else None)

    def _name_of(self, ref: Ref, field: str) -> str:
        found = self._account(ref)
        if found is None:
            raise Invalid(f"{field.capitalize()} {ref} has no account under {self.people}.", field=field)
        return found.where

    def _group(self, name: str) -> Found:
        found = self.find_by_field(Group, "name", name)
        if found is None:
            raise Invalid(f"Group {name} does not exist under {self.groups}.", field="group")
        return found

    def _membership(self, wanted: Membership) -> Found | None:
        account, group = self._account(wanted.account), self.find_by_field(Group, "name", wanted.group)
        if account is None or group is None:
            return None
        doing = f"Looking whether {account.key} is in {group.key}"
        rows = self.wire.search(
            group.where, f"(member={escape(account.where)})", ["cn", "entryUUID"], doing=doing, deep=False
        )
        person = Row(account.where, {"uid": (account.key,), "entryuuid": (account.stable_id,)})
        return self._link(rows[0], person) if rows else None

    def _link(self, group: Row, person: Row) -> Found:
        account = Ref(
            resource=self.name, kind="account", key=person.one("uid"), stable_id=person.one("entryUUID")
        )
        name = group.one("cn")
        stable_id = f"{group.one('entryUUID')}:{account.stable_id}"
        return Found(stable_id, f"{account} / {name}", {"account": account, "group": name}, where=group.dn)

    def _set_password(self, wanted: FirstPassword) -> None:
        name, password = self._name_of(wanted.account, "account"), wanted.password or ""
        self._inside(name)
        try:
            self.wire.set_password(
                name, password, doing=f"Setting the first password of {wanted.account} ({name})"
            )
        except Invalid as error:
            said_so = "not being changed" in error.detail
            if not said_so and not self.wire.can_bind(name, password):
                error.field = "password"
                raise

    def _add(
        self, name: str, classes: Sequence[str], attributes: Mapping[str, Sequence[str]], doing: str
    ) -> None:
        self._inside(name)
        given = {k: [*v] for k, v in attributes.items() if v}
        self._write(doing, lambda c: c.add(name, [*classes], given))

    def _modify(self, name: str, changes: Sequence[tuple[str, str, Sequence[str]]], doing: str) -> None:
        self._inside(name)
        orders: dict[str, list[tuple[str, list[str]]]] = {}
        for attribute, how, values in changes:
            orders.setdefault(attribute, []).append((how, [*values]))
        self._write(doing, lambda c: c.modify(name, orders))

    def _write(self, doing: str, call: Callable[[Connection], object]) -> None:
        try:
            self.wire.write(doing, call)
        except Invalid as error:
            error.field = field_of(error.field)
            raise

    def _inside(self, name: str) -> None:
        """Refuse to write outside the bases, or to the account we are signed in as."""
        own = dn.parts(name) == dn.parts(self.wire.address.bind_dn)
        if own or not (dn.is_inside(name, self.people) or dn.is_inside(name, self.groups)):
            raise Denied(f"{name} lies outside what {self.name} may change ({self.people}; {self.groups}).")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
