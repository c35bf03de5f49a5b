"""How accounts and groups are written as LDAP entries, and read back from them."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors import dn
from connectors.base import MARKER_PREFIX, Found, Ref
from connectors.ldap_wire import Row

EPOCH = dt.date(1970, 1, 1)

ACCOUNT_TEXTS = {
    "username": "uid",
    "given_name": "givenName",
    "surname": "sn",
    "display_name": "displayName",
    "mail": "mail",
    "phone": "telephoneNumber",
    "mobile": "mobile",
    "title": "title",
    "unit": "ou",
    "employee_number": "employeeNumber",
}
GROUP_TEXTS = {"name": "cn", "description": "description", "mail": "mail"}
GROUP_CLASSES = ("groupOfNames", "extensibleObject")

NameOf = Callable[[Ref, str], str]


@dataclass(frozen=True)
class Shape:
    """Which attributes a directory uses for what is not the same everywhere."""

    marker: str
    locked: str
    locked_value: str
    expires: str

    def account_classes(self) -> tuple[str, ...]:
        """Return the object classes of an account."""
        return ("inetOrgPerson", "shadowAccount") if self.expires == "shadowExpire" else ("inetOrgPerson",)

    def attributes(self) -> tuple[str, ...]:
        """Return everything that is read of an account or a group."""
        more = (self.marker, self.locked, self.expires, "entryUUID", "objectClass", "cn", "manager", "owner")
        return tuple(dict.fromkeys(n for n in (*ACCOUNT_TEXTS.values(), *GROUP_TEXTS.values(), *more) if n))

    def marker_of(self, row: Row) -> str | None:
        """Return our marker, if the entry carries one."""
        return next((v for v in row.all(self.marker) if v.startswith(MARKER_PREFIX)), None)

    def account(self, row: Row) -> Found:
        """Read an account."""
        values: dict[str, Any] = {field: _texts(row, name) for field, name in ACCOUNT_TEXTS.items()}
        values["manager"] = _name_of(row.one("manager"))
        values["enabled"] = not row.one(self.locked)
        values["expires_on"] = _day(row.one(self.expires)) if self.expires else None
        key = dn.first_value(row.dn) if dn.parts(row.dn)[0][0] == "uid" else row.one("uid")
        values["username"] = key
        return Found(row.one("entryUUID"), key, values, self.marker_of(row), row.dn, raw=row.attributes)

    def group(self, row: Row) -> Found:
        """Read a group."""
        values: dict[str, Any] = {field: _texts(row, name) for field, name in GROUP_TEXTS.items()}
        values["owner"] = _name_of(row.one("owner"))
        values["name"] = row.one("cn")
        return Found(
            row.one("entryUUID"), row.one("cn"), values, self.marker_of(row), row.dn, raw=row.attributes
        )

    def write_account(self, fields: Mapping[str, Any], name_of: NameOf) -> dict[str, list[str]]:
        """Turn fields into attributes; an empty list clears."""
        out: dict[str, list[str]] = {}
        for field, value in fields.items():
            if field in ACCOUNT_TEXTS:
                out[ACCOUNT_TEXTS[field]] = [str(value)] if value else []
            elif field == "manager":
                out["manager"] = [name_of(value, field)] if value else []
            elif field == "enabled":
                out[self.locked] = [] if value else [self.locked_value]
            elif field == "expires_on" and self.expires:
                out[self.expires] = [str((value - EPOCH).days + 1)] if value else []
        return out

    def write_group(self, fields: Mapping[str, Any], name_of: NameOf) -> dict[str, list[str]]:
        """Turn fields into attributes; an empty list clears."""
        out: dict[str, list[str]] = {}
        for field, value in fields.items():
            if field in GROUP_TEXTS:
                out[GROUP_TEXTS[field]] = [str(value)] if value else []
            elif field == "owner":
                out["owner"] = [name_of(value, field)] if value else []
        return out


def common_name(fields: Mapping[str, Any]) -> str:
    """Return what a person's entry is called: the display name, or both names."""
    both = f"{fields.get('given_name') or ''} {fields.get('surname') or ''}".strip()
    return str(fields.get("display_name") or both)


def field_of(attribute: str) -> str:
    """Return the field that an attribute is written from, for errors that name the attribute."""
    for field, name in {**ACCOUNT_TEXTS, **GROUP_TEXTS, "manager": "manager", "owner": "owner"}.items():
        if name.lower() == attribute.lower():
            return field
    return ""


def _texts(row: Row, name: str) -> Any:
    values = row.all(name)
    return (values[0] if values else None) if len(values) < 2 else values


def _name_of(name: str) -> str | None:
    """Say who a name means: the user name where it is one."""
    if not name:
        return None
    pieces = dn.parts(name)
    return dn.first_value(name) if pieces and pieces[0][0] == "uid" else name


def _day(text: str) -> dt.date | None:
    """Read a last day: the directory counts the first day after it."""
    if not text.lstrip("-").isdigit() or int(text) < 1:
        return None
    return EPOCH + dt.timedelta(days=int(text) - 1)
