"""A directory of people and groups over LDAP with TLS: OpenLDAP and its kin.

An account is an inetOrgPerson named by uid, a group a groupOfNames that keeps one placeholder as member (the
schema wants at least one). Our marker is a `labeledURI`, the id that outlives renaming is `entryUUID`, and an
account that may not sign in carries `pwdAccountLockedTime`.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE

from connectors import dn
from connectors.base import Connector, Found, Point, Setting, Wanted
from connectors.errors import ConnectorError, Denied, Invalid, Misconfigured
from connectors.kinds import DIRECTORY_KINDS, Account, FirstPassword, Membership
from connectors.ldap_directory import ATTRIBUTES, ENTRIES, Directory
from connectors.ldap_entries import Shape, field_of
from connectors.ldap_wire import Address, Change, Wire

ENCRYPTIONS = ("ldaps", "starttls")
WAS_LOCKED = "was-locked:first-password"
SHAPE = ("marker_attribute", "locked_attribute", "locked_value", "expires_attribute")


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
        self.placeholder = str(c["placeholder"] or c["bind_dn"])
        shape = Shape(*(str(c[n]) for n in SHAPE))
        address = Address(
            resource=self.name,
            host=host,
            port=int(c["port"]),
            starttls=encryption == "starttls",
            ca_file=ca_file,
            bind_dn=str(c["bind_dn"]),
            password=str(c["bind_password"]),
            timeout=c["timeout"],
            deadline=c["deadline"],
        )
        self.wire = Wire(address)
        self.directory = Directory(self.wire, shape, str(c["people_base"]), str(c["groups_base"]))

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
                    Point(True, f"{self.wire.address} answers, encrypted, its certificate is good.")
                )
                points.append(Point(True, f"Signed in as {self.wire.address.bind_dn}."))
                points += [self._check_base(base) for base in (self.directory.people, self.directory.groups)]
            except ConnectorError as error:
                points.append(Point(False, f"{error.message} {error.detail}".strip(), error.advice))
        return points

    def find(self, wanted: Wanted) -> Found | None:
        """Look up by user name, group name, or who is in what."""
        if isinstance(wanted, Membership):
            return self.directory.membership(wanted.account, wanted.group)
        return self.find_by_field(type(wanted), type(wanted).marked("key")[0], wanted.key)

    def find_by_id(self, kind: type[Wanted], stable_id: str) -> Found | None:
        """Look up by entryUUID."""
        return self.directory.by_attribute(kind, "entryUUID", stable_id) if kind in ENTRIES else None

    def find_by_marker(self, kind: type[Wanted], marker: str) -> Found | None:
        """Look up by our marker."""
        return (
            self.directory.by_attribute(kind, self.directory.shape.marker, marker)
            if kind in ENTRIES
            else None
        )

    def find_by_field(self, kind: type[Wanted], name: str, value: str) -> Found | None:
        """Look up by one attribute, case as the directory sees it."""
        attribute = ATTRIBUTES.get(kind, {}).get(name)
        if attribute is None:
            raise Misconfigured(f"{self.title} cannot look for {kind.kind_name()}.{name}.", field=name)
        return self.directory.by_attribute(kind, attribute, value)

    def create(self, wanted: Wanted, marker: str) -> None:
        """Add the entry, the member or the password."""
        if isinstance(wanted, Membership):
            account = self.directory.name_of(wanted.account, "account")
            group = self.directory.demand_group(wanted.group).where
            doing = f"Putting {wanted.account} into {wanted.group} ({group})"
            self._modify(group, {"member": [(MODIFY_ADD, [account])]}, doing)
        elif isinstance(wanted, FirstPassword):
            self._set_password(wanted)
        else:
            self._add(wanted, marker)

    def update(self, found: Found, wanted: Wanted, changes: Mapping[str, Any]) -> None:
        """Rename if the key changed, then replace the other attributes."""
        name, (key,) = found.where, type(wanted).marked("key")
        doing = f"Changing {wanted.kind_name()} {found.key} ({name})"
        self._inside(name)
        if key in changes:
            rdn = f"{ATTRIBUTES[type(wanted)][key]}={dn.escape(changes[key])}"
            self.wire.rename(name, rdn, doing=doing)
            name = f"{rdn},{dn.parent(name)}"
        fields = {k: v for k, v in changes.items() if k != key}
        attributes = self.directory.changes(found, wanted, fields)
        if attributes:
            self._modify(name, {a: [(MODIFY_REPLACE, v)] for a, v in attributes.items()}, doing)

    def delete(self, found: Found, wanted: Wanted) -> None:
        """Delete the entry, or take the member out; the placeholder goes in where a group would be empty."""
        self._inside(found.where)
        if isinstance(wanted, Membership):
            account = self.directory.name_of(wanted.account, "account")
            doing = f"Taking {wanted.account} out of {wanted.group} ({found.where})"
            row = self.wire.search(found.where, "(objectClass=*)", ["member"], doing=doing, deep=False)
            alone = bool(row) and len(row[0].all("member")) == 1
            first = [(MODIFY_ADD, [self.placeholder])] if alone else []
            self._modify(found.where, {"member": [*first, (MODIFY_DELETE, [account])]}, doing)
            return
        try:
            self.wire.delete(found.where, doing=f"Deleting {wanted.kind_name()} {found.key} ({found.where})")
        except Invalid:
            if self.find_by_id(type(wanted), found.stable_id) is not None:
                raise

    def list(self, kind: type[Wanted]) -> Iterator[Found]:
        """Yield accounts, groups or memberships, page by page."""
        if kind is Membership:
            yield from self.directory.memberships()
        elif kind in ENTRIES:
            yield from self.directory.entries(kind)
        else:
            yield from super().list(kind)

    def _check_base(self, base: str) -> Point:
        rows = self.wire.search(base, "(objectClass=*)", ["entryUUID"], doing=f"Reading {base}", deep=False)
        if not rows:
            return Point(False, f"{base} is not there or may not be read.", "Correct the base or the rights.")
        if not rows[0].one("entryUUID"):
            return Point(False, f"{base} shows no entryUUID.", "Let the service account read it.")
        return Point(True, f"{base} can be read.")

    def _add(self, wanted: Wanted, marker: str) -> None:
        (key,) = type(wanted).marked("key")
        base = self.directory.people if isinstance(wanted, Account) else self.directory.groups
        name = f"{ATTRIBUTES[type(wanted)][key]}={dn.escape(wanted.key)},{base}"
        classes, attributes = self.directory.entry(wanted, marker, self.placeholder)
        self._inside(name)
        with _naming_fields():
            doing = f"Creating {wanted.kind_name()} {wanted.key} ({name})"
            self.wire.add(name, classes, {k: v for k, v in attributes.items() if v}, doing=doing)

    def _set_password(self, wanted: FirstPassword) -> None:
        """Set it and keep a locked account locked: OpenLDAP unlocks when a password is set.

        A note on the entry says that it was locked until it is again, so that the next try mends one that was
        cut between.
        """
        found = self.directory.account(wanted.account)
        if found is None:
            raise Invalid(f"{wanted.account} has no account under {self.directory.people}.", field="account")
        shape, name = self.directory.shape, found.where
        doing = f"Setting the first password of {wanted.account} ({name})"
        is_noted = WAS_LOCKED in found.raw.get(shape.marker.lower(), ())
        is_locked = is_noted or not found.values["enabled"]
        password = wanted.password or ""
        if is_locked and not is_noted:
            self._modify(name, {shape.marker: [(MODIFY_ADD, [WAS_LOCKED])]}, doing)
        self._inside(name)
        try:
            self.wire.set_password(name, password, doing=doing)
        except Invalid as error:
            # a server that keeps a history refuses the same password again, which is what a retry sends
            if "not being changed" not in error.detail and not self.wire.can_bind(name, password):
                error.field = "password"
                raise
        finally:
            if is_locked:
                lock = [(MODIFY_REPLACE, [shape.locked_value])]
                self._modify(name, {shape.locked: lock, shape.marker: [(MODIFY_DELETE, [WAS_LOCKED])]}, doing)

    def _modify(self, name: str, changes: Mapping[str, Sequence[Change]], doing: str) -> None:
        self._inside(name)
        with _naming_fields():
            self.wire.modify(name, changes, doing=doing)

    def _inside(self, name: str) -> None:
        """Refuse to write outside the bases, or to the account we are signed in as."""
        bases = (self.directory.people, self.directory.groups)
        own = dn.parts(name) == dn.parts(self.wire.address.bind_dn)
        if own or not any(dn.is_inside(name, base) for base in bases):
            raise Denied(f"{name} lies outside what {self.name} may change ({'; '.join(bases)}).")


@contextmanager
def _naming_fields() -> Iterator[None]:
    """Let an error that names an attribute name our field instead."""
    try:
        yield
    except Invalid as error:
        error.field = field_of(error.field)
        raise


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
