"""One safe LDAP connection at a time, and the library's errors turned into our kinds.

The library's defaults are unsafe: without a Tls object no certificate is checked, a referral would be sent
our password, and a list cut by the server counts as a success. A broken connection is never used again.
"""

import contextlib
import math
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ldap3 import BASE, NONE, SAFE_SYNC, SUBTREE, Connection, Server, Tls
from ldap3.core import exceptions as x
from ldap3.extend.standard.modifyPassword import ModifyPassword

from connectors.errors import (
    Conflict,
    ConnectorError,
    Misconfigured,
    Unavailable,
    Unknown,
)
from connectors.ldap_errors import BY_CODE, demand_success, said, translate

PAGING = "1.2.840.113556.1.4.319"
PAGE = 500
MISSING = (32, 16)

Change = tuple[str, list[str]]


@dataclass(frozen=True)
class Row:
    """One entry: its name and its attributes, by lower-case name, as texts."""

    dn: str
    attributes: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """Return the first value or an empty text."""
        return next(iter(self.attributes.get(name.lower(), ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value."""
        return self.attributes.get(name.lower(), ())


@dataclass(frozen=True)
class Address:
    """Where a directory is and who we are there."""

    resource: str
    host: str
    port: int
    starttls: bool
    ca_file: Path
    bind_dn: str
    password: str
    timeout: float
    deadline: float

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class _StrictTls(Tls):
    """Lets Python itself check the certificate and the name, and remembers the sockets.

    The library forgets a socket without closing it when the other side hung up first.
    """

    def __init__(self, ca_file: Path) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED, ca_certs_file=str(ca_file))
        self.sockets: list[ssl.SSLSocket] = []

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=connection.server.host, do_handshake_on_connect=do_handshake
        )
        self.sockets.append(connection.socket)


class Wire:
    """A connection that is made when first needed and thrown away at the first trouble."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._connection: Connection | None = None
        self._alarm: threading.Timer | None = None

    def search(
        self,
        base: str,
        text: str,
        attributes: Sequence[str],
        *,
        doing: str,
        deep: bool = True,
        limit: int = 0,
    ) -> tuple[Row, ...]:
        """Read entries page by page; a missing base is a wrong setting if `deep`, an empty answer if not."""
        rows: list[Row] = []
        cookie: Any = None
        while True:
            page = partial(
                self._open().search,
                base,
                text,
                SUBTREE if deep else BASE,
                attributes=list(attributes),
                paged_size=PAGE,
                paged_cookie=cookie,
            )
            result, answer = self._call(doing, page, writes=False)
            if result["result"] in MISSING:
                if not deep:
                    return ()
                raise Misconfigured(f"{doing}: {base} does not exist on {self.address}.", detail=said(result))
            demand_success(result, doing)
            rows += [_row(r) for r in answer or [] if r.get("type") == "searchResEntry"]
            if limit and len(rows) > limit:
                raise Conflict(f"{doing}: {len(rows)} entries answer to {text}; only one may.")
            value = (result.get("controls") or {}).get(PAGING, {}).get("value") or {}
            cookie = value.get("cookie")
            if not cookie:
                return tuple(rows)

    def add(
        self, dn: str, classes: Sequence[str], attributes: Mapping[str, list[str]], *, doing: str
    ) -> None:
        """Make an entry."""
        self._write(doing, lambda c: c.add(dn, list(classes), dict(attributes)))  # type: ignore[no-untyped-call]

    def modify(self, dn: str, changes: Mapping[str, Sequence[Change]], *, doing: str) -> None:
        """Change an entry's attributes."""
        self._write(doing, lambda c: c.modify(dn, {k: [*v] for k, v in changes.items()}))  # type: ignore[no-untyped-call]

    def rename(self, dn: str, rdn: str, *, doing: str) -> None:
        """Give an entry another name in the same place."""
        self._write(doing, lambda c: c.modify_dn(dn, rdn))

    def delete(self, dn: str, *, doing: str) -> None:
        """Take an entry away."""
        self._write(doing, lambda c: c.delete(dn))  # type: ignore[no-untyped-call]

    def set_password(self, dn: str, password: str, *, doing: str) -> None:
        """Let the server set and hash a password."""

        def change(connection: Connection) -> Any:
            order = ModifyPassword(connection, dn, None, password)
            order.send()  # type: ignore[no-untyped-call]
            return True, order.result, None, None

        self._write(doing, change)

    def can_bind(self, dn: str, password: str) -> bool:
        """Say whether somebody can sign in with a password; asked once, for wrong tries are counted."""
        other = Wire(replace(self.address, bind_dn=dn, password=password))
        try:
            other._open()
        except ConnectorError:
            return False
        finally:
            other.close()
        return True

    def open(self) -> None:
        """Connect and sign in, if that has not been done."""
        self._open()

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        if connection is not None:
            _drop(connection)

    def _open(self) -> Connection:
        if self._connection is not None:
            return self._connection
        a = self.address
        doing = f"Connecting to {a} for {a.resource}"
        connection = self._prepared()
        try:
            result = self._sign_in(connection)
        except x.LDAPExceptionError as error:
            _drop(connection)
            translate(error, doing, a, writes=False)
        except OSError as error:
            _drop(connection)
            raise Unavailable(f"{doing} failed.", detail=str(error)) from error
        if result["result"] != 0:
            _drop(connection)
        if result["result"] == 49:
            raise Misconfigured(
                f"{doing}: the sign-in as {a.bind_dn} was refused.",
                detail=said(result),
                advice="Correct the password or unlock the account; until then it is not tried again.",
            )
        if result["result"] != 0:
            kind = BY_CODE.get(result["result"], Misconfigured)
            raise kind(f"{doing}: the sign-in as {a.bind_dn} failed.", detail=said(result))
        self._connection = connection
        self._alarm = threading.Timer(a.deadline, _cut, [connection])
        self._alarm.daemon = True
        self._alarm.start()
        return connection

    def _prepared(self) -> Connection:
        a = self.address
        tls = _StrictTls(a.ca_file)
        server = Server(
            a.host,
            port=a.port,
            use_ssl=not a.starttls,
            tls=tls,
            get_info=NONE,
            connect_timeout=a.timeout,
            allowed_referral_hosts=[],
        )
        return Connection(
            server,
            a.bind_dn,
            a.password,
            client_strategy=SAFE_SYNC,
            receive_timeout=math.ceil(a.timeout),  # the library takes whole seconds only
            auto_referrals=False,
            raise_exceptions=False,
            check_names=False,
        )

    def _sign_in(self, connection: Connection) -> Mapping[str, Any]:
        connection.open(read_server_info=False)
        # without this each sign-in waits 40 ms for the server's acknowledgement of the handshake
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.address.starttls:
            connection.start_tls(read_server_info=False)
        answer: Any = connection.bind(read_server_info=False)
        result: Mapping[str, Any] = answer[1]
        return result

    def _write(self, doing: str, call: Callable[[Connection], Any]) -> None:
        """Make one change; an answer that does not come is Unknown."""
        connection = self._open()
        result, _ = self._call(doing, lambda: call(connection), writes=True)
        demand_success(result, doing)

    def _call(self, doing: str, call: Callable[[], Any], *, writes: bool) -> tuple[dict[str, Any], Any]:
        try:
            _, result, answer, _ = call()
        except x.LDAPExceptionError as error:
            self.close()
            translate(error, doing, self.address, writes=writes)
        except OSError as error:
            self.close()
            kind = Unknown if writes else Unavailable
            raise kind(f"{doing}: the connection to {self.address} broke.", detail=str(error)) from error
        return result, answer


def _row(entry: Mapping[str, Any]) -> Row:
    raw = entry["raw_attributes"]
    texts = {str(k).lower(): tuple(v.decode("utf-8", "replace") for v in values) for k, values in raw.items()}
    return Row(str(entry["dn"]), texts)


def _drop(connection: Connection) -> None:
    """Hang up, politely if that is still possible."""
    tls = connection.server.tls
    sockets = [connection.socket, *(tls.sockets if isinstance(tls, _StrictTls) else ())]
    with contextlib.suppress(x.LDAPExceptionError, OSError):
        connection.unbind()
    for one in sockets:
        if one is not None:
            one.close()


def _cut(connection: Connection) -> None:
    """End a conversation that trickles on for ever."""
    with contextlib.suppress(OSError, AttributeError):
        connection.socket.shutdown(socket.SHUT_RDWR)
