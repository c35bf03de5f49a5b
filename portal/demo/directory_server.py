"""The demo's directory as an LDAP server: ldaptor speaks the protocol, the store decides.

Everyone who has signed in may read, only the service account may write, and passwords are never shown.
"""

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ldaptor.protocols import pureber, pureldap
from ldaptor.protocols.ldap.ldapserver import BaseLDAPServer
from twisted.internet import protocol

from portal.demo.directory_names import RefusedError, path_of
from portal.demo.directory_store import OPERATIONAL, Entry, Store, is_password

PROTOCOL_ERROR, SIZE_LIMIT, STRONGER_AUTH, CRITICAL = 2, 4, 7, 12
BAD_CREDENTIALS, NO_RIGHT, UNWILLING = 49, 50, 53
PAGING = b"1.2.840.113556.1.4.319"
PASSWORD_MODIFY = b"1.3.6.1.4.1.4203.1.11.1"
HOW = {0: "add", 1: "delete", 2: "replace"}


def text(value: Any) -> str:
    """Read what came over the wire."""
    raw = value.value if hasattr(value, "value") else value
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


class DirectoryProtocol(BaseLDAPServer):
    """One conversation."""

    factory: "DirectoryFactory"
    who = ""

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Let nobody in while the directory is away."""
        super().connectionMade()
        self._here()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Answer, unless the directory went away or the message is none."""
        if not self._here():
            return
        try:
            super().dataReceived(data)
        except Exception:  # whatever a stranger sends, the conversation ends and the server goes on
            self.transport.abortConnection()

    def handle(self, message: Any) -> None:
        """Answer one request; a refusal is an answer too."""
        name = type(message.value).__name__
        if name in ("LDAPUnbindRequest", "LDAPAbandonRequest"):
            if name == "LDAPUnbindRequest":
                self.transport.loseConnection()
            return
        answers: dict[str, tuple[Any, Any]] = {
            "LDAPBindRequest": (self._bind, pureldap.LDAPBindResponse),
            "LDAPSearchRequest": (self._search, pureldap.LDAPSearchResultDone),
            "LDAPAddRequest": (self._add, pureldap.LDAPAddResponse),
            "LDAPModifyRequest": (self._modify, pureldap.LDAPModifyResponse),
            "LDAPModifyDNRequest": (self._rename, pureldap.LDAPModifyDNResponse),
            "LDAPDelRequest": (self._delete, pureldap.LDAPDelResponse),
            "LDAPExtendedRequest": (self._extended, pureldap.LDAPExtendedResponse),
        }
        verb, response = answers.get(name, (self._unwilling, pureldap.LDAPExtendedResponse))
        code, said = 0, ""
        try:
            self._tolerate(message.controls)
            verb(message.value, lambda op: self.queue(message.id, op))
        except RefusedError as refusal:
            code, said = refusal.code, refusal.text
        self.queue(message.id, response(resultCode=code, errorMessage=said))

    def _here(self) -> bool:
        if not self.factory.is_away():
            return True
        self.transport.abortConnection()
        return False

    def _tolerate(self, controls: Iterable[tuple[bytes, Any, Any]] | None) -> None:
        for control, is_critical, _ in controls or ():
            if is_critical and control != PAGING:
                raise RefusedError(CRITICAL, f"unknown control {text(control)}")

    def _bind(self, request: Any, reply: Callable[[Any], None]) -> None:
        self.who = ""
        if request.sasl:
            raise RefusedError(STRONGER_AUTH, "only simple sign-in over TLS is known here")
        dn, password = text(request.dn), text(request.auth)
        if not dn and not password:
            return
        try:
            entry = self.factory.store.get(dn)
        except RefusedError:
            raise RefusedError(BAD_CREDENTIALS) from None
        kept = entry.values("userPassword")
        is_locked = bool(entry.values("pwdAccountLockedTime"))
        if is_locked or not password or not any(is_password(password, k) for k in kept):
            raise RefusedError(BAD_CREDENTIALS)
        self.who = entry.dn

    def _search(self, request: Any, reply: Callable[[Any], None]) -> None:
        base, scope = text(request.baseObject), int(request.scope)
        wanted = [text(a).lower() for a in request.attributes]
        if not base and scope == 0:
            reply(pureldap.LDAPSearchResultEntry(b"", self.factory.about()))
            return
        if not self.who:
            raise RefusedError(NO_RIGHT, "sign in first")
        limit = int(request.sizeLimit or 0)
        for sent, entry in enumerate(self.factory.found(base, scope, request.filter)):
            if limit and sent >= limit:
                raise RefusedError(SIZE_LIMIT)
            reply(pureldap.LDAPSearchResultEntry(entry.dn.encode(), _shown(entry, wanted)))

    def _add(self, request: Any, reply: Callable[[Any], None]) -> None:
        self._demand_writer()
        attributes: dict[str, list[str]] = {}
        for name, values in request.attributes:
            attributes.setdefault(text(name), []).extend(text(v) for v in values)
        self.factory.store.add(text(request.entry), attributes)

    def _modify(self, request: Any, reply: Callable[[Any], None]) -> None:
        self._demand_writer()
        changes = []
        for change in request.modification:
            how, (name, *values) = HOW[change[0].value], change[1]
            changes.append((how, text(name), [text(v) for v in values[0]] if values else []))
        self.factory.store.modify(text(request.object), changes)

    def _rename(self, request: Any, reply: Callable[[Any], None]) -> None:
        self._demand_writer()
        superior = None if request.newSuperior is None else text(request.newSuperior)
        self.factory.store.rename(text(request.entry), text(request.newrdn), superior)

    def _delete(self, request: Any, reply: Callable[[Any], None]) -> None:
        self._demand_writer()
        self.factory.store.delete(text(request.value))

    def _extended(self, request: Any, reply: Callable[[Any], None]) -> None:
        if request.requestName != PASSWORD_MODIFY:
            raise RefusedError(PROTOCOL_ERROR, f"unknown request {text(request.requestName)}")
        context = pureber.BERDecoderContext(
            inherit=pureldap.LDAPBERDecoderContext_LDAPPasswordModifyRequest(
                inherit=pureber.BERDecoderContext()
            )
        )
        (parts,) = pureber.berDecodeMultiple(request.requestValue, context)
        given = {type(p).__name__.rpartition("_")[2]: text(p) for p in parts}
        dn, password = given.get("userIdentity", self.who), given.get("newPasswd", "")
        if not self.who or (path_of(dn) != path_of(self.who) and not self._is_writer()):
            raise RefusedError(NO_RIGHT)
        if not password:
            raise RefusedError(UNWILLING, "no password is made up here")
        self.factory.store.modify(dn, [("replace", "userPassword", [password])])

    def _unwilling(self, request: Any, reply: Callable[[Any], None]) -> None:
        raise RefusedError(UNWILLING, f"{type(request).__name__} is not known here")

    def _is_writer(self) -> bool:
        return bool(self.who) and path_of(self.who) == path_of(self.factory.service_dn)

    def _demand_writer(self) -> None:
        if not self._is_writer():
            raise RefusedError(NO_RIGHT, "only the service account may write")


class DirectoryFactory(protocol.ServerFactory):
    """What all conversations share."""

    noisy = False
    protocol = DirectoryProtocol

    def __init__(self, store: Store, base: str, service_dn: str, away: Path) -> None:
        self.store, self.base, self.service_dn, self._away = store, base, service_dn, away

    def is_away(self) -> bool:
        """Say whether somebody took the directory away for a while."""
        try:
            return time.time() < float(self._away.read_text(encoding="ascii") or 0)
        except (OSError, ValueError):
            return False

    def about(self) -> list[tuple[bytes, list[bytes]]]:
        """Describe the server itself."""
        return [
            (b"objectClass", [b"top"]),
            (b"supportedLDAPVersion", [b"3"]),
            (b"namingContexts", [self.base.encode()]),
            (b"supportedControl", [PAGING]),
            (b"supportedExtension", [PASSWORD_MODIFY]),
        ]

    def found(self, base: str, scope: int, question: Any) -> Iterable[Entry]:
        """Yield what answers to a filter, by the index where the filter names an indexed value."""
        among = self._candidates(question)
        for path, entry in self.store.below(base, scope):
            if (among is None or path in among) and self._fits(entry, question):
                yield entry

    def _candidates(self, question: Any) -> set[tuple[str, ...]] | None:
        if isinstance(question, pureldap.LDAPFilter_equalityMatch):
            return self.store.with_value(text(question.attributeDesc), text(question.assertionValue))
        if isinstance(question, pureldap.LDAPFilter_and):
            known = [c for part in question if (c := self._candidates(part)) is not None]
            return min(known, key=len) if known else None
        return None

    def _fits(self, entry: Entry, q: Any) -> bool:
        if isinstance(q, pureldap.LDAPFilter_and):
            return all(self._fits(entry, part) for part in q)
        if isinstance(q, pureldap.LDAPFilter_or):
            return any(self._fits(entry, part) for part in q)
        if isinstance(q, pureldap.LDAPFilter_not):
            return not self._fits(entry, q.value)
        if isinstance(q, pureldap.LDAPFilter_present):
            return text(q).lower() == "objectclass" or bool(entry.values(text(q)))
        if isinstance(q, pureldap.LDAPFilter_substrings):
            return self._fits_pattern(entry, q)
        if not hasattr(q, "attributeDesc"):
            raise RefusedError(UNWILLING, "this sort of filter is not known here")
        name = text(q.attributeDesc)
        value = self.store.folded(name, text(q.assertionValue))
        if name.lower() == "userpassword":
            return False
        if isinstance(q, pureldap.LDAPFilter_greaterOrEqual):
            return self.store.matches(entry, name, lambda v: v >= value)
        if isinstance(q, pureldap.LDAPFilter_lessOrEqual):
            return self.store.matches(entry, name, lambda v: v <= value)
        return self.store.matches(entry, name, lambda v: v == value)

    def _fits_pattern(self, entry: Entry, q: Any) -> bool:
        name, pattern = text(q.type), ""
        for part in q.substrings:
            piece = re.escape(text(part).casefold())
            if isinstance(part, pureldap.LDAPFilter_substrings_initial):
                pattern = f"{piece}{pattern}"
            elif isinstance(part, pureldap.LDAPFilter_substrings_final):
                pattern = f"{pattern}.*{piece}\\Z"
            else:
                pattern = f"{pattern}.*{piece}"
        return self.store.matches(entry, name, lambda v: re.match(pattern, v, re.DOTALL) is not None)


def _shown(entry: Entry, wanted: list[str]) -> list[tuple[bytes, list[bytes]]]:
    out = []
    for name, values in entry.attributes.items():
        lower = name.lower()
        is_operational = lower in OPERATIONAL
        everything = ("+" if is_operational else "*") in wanted or (not wanted and not is_operational)
        if lower != "userpassword" and (everything or lower in wanted):
            out.append((name.encode(), [v.encode() for v in values]))
    return out
