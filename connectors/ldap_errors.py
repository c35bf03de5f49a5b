"""What the LDAP library's errors and a server's result codes mean to us."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ldap3.core import exceptions as x

from connectors.errors import Conflict, ConnectorError, Denied, Invalid, Misconfigured, Unavailable, Unknown

BY_CODE: dict[int, type[ConnectorError]] = {
    **dict.fromkeys((3, 51, 52, 80), Unavailable),
    **dict.fromkeys((20, 68), Conflict),
    50: Denied,
    **dict.fromkeys((4, 8, 10, 11, 13, 48, 49), Misconfigured),
}
ADVICE = {
    4: "The server cut the list; let the service account read without a size limit.",
    10: "The server points elsewhere (a referral), which is never followed; name a base that it holds.",
    11: "The server cut the list; let the service account read without a limit.",
    50: "Give the service account the right to write there.",
}
UNCERTAIN = (
    x.LDAPSocketReceiveError,
    x.LDAPSessionTerminatedByServerError,
    x.LDAPSocketSendError,
    x.LDAPResponseTimeoutError,
    x.LDAPCommunicationError,
)
BAD_INPUT = (
    x.LDAPInvalidDnError,
    x.LDAPInvalidFilterError,
    x.LDAPAttributeError,
    x.LDAPObjectClassError,
    x.LDAPInvalidValueError,
)


def translate(error: Exception, doing: str, address: object, *, writes: bool) -> NoReturn:
    """Turn one of the library's errors into one of ours."""
    text = str(error)
    if isinstance(error, x.LDAPSocketOpenError | x.LDAPCertificateError | x.LDAPStartTLSError):
        if "certificate" in text.lower():
            raise Misconfigured(
                f"{doing}: the certificate of {address} is not accepted; no password was sent.",
                detail=text,
                advice="Check ca_file, the host's name and the certificate's last day.",
            ) from error
        raise Unavailable(f"{doing}: {address} does not answer.", detail=text) from error
    if isinstance(error, UNCERTAIN):
        kind = Unknown if writes else Unavailable
        raise kind(f"{doing}: the connection to {address} broke.", detail=text) from error
    if isinstance(error, BAD_INPUT):
        raise Invalid(f"{doing}: a value cannot be sent.", detail=text) from error
    raise Misconfigured(f"{doing} failed.", detail=text) from error


def demand_success(result: Mapping[str, Any], doing: str) -> None:
    """Raise what a result code means, unless it is success."""
    code = int(result["result"])
    if code == 0:
        return
    kind = BY_CODE.get(code, Invalid)
    named = re.match(r"\W*([A-Za-z]+)[:\s]", str(result.get("message") or ""))
    field = named.group(1) if named and kind is Invalid else ""
    raise kind(f"{doing} was refused.", field=field, detail=said(result), advice=ADVICE.get(code, ""))


def said(result: Mapping[str, Any]) -> str:
    """Give the server's own words."""
    message = str(result.get("message") or "").strip()
    return f"{result.get('description')} ({result.get('result')}){': ' + message if message else ''}"
