"""Distinguished names: escaped, taken apart and compared without trusting what people typed."""

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.dn import parse_dn

_SPECIAL = set('\\,+"<>;=#\x00')


def escape(value: str) -> str:
    """Write a value so that it stays one value inside a name, whatever it holds."""
    out = []
    for place, char in enumerate(value):
        at_edge = char == " " and place in (0, len(value) - 1)
        if char in _SPECIAL or at_edge or (char != " " and not char.isprintable()):
            out += [f"\\{byte:02x}" for byte in char.encode()]
        else:
            out.append(char)
    return "".join(out)


def unescape(value: str) -> str:
    """Undo every way of escaping a value."""
    out = bytearray()
    place = 0
    while place < len(value):
        char = value[place]
        if char != "\\" or place + 1 >= len(value):
            out += char.encode()
            place += 1
            continue
        pair = value[place + 1 : place + 3]
        if len(pair) == 2 and all(c in "0123456789abcdefABCDEF" for c in pair):
            out += bytes([int(pair, 16)])
            place += 3
        else:
            out += value[place + 1].encode()
            place += 2
    return out.decode("utf-8", "replace")


def parts(dn: str) -> tuple[tuple[str, str], ...]:
    """Take a name apart into (attribute, value), lower-cased and unescaped; () if it is no name."""
    try:
        rows = parse_dn(dn, escape=False, strip=True) if dn else []
    except LDAPInvalidDnError:
        return ()
    return tuple((str(name).lower(), unescape(str(value)).casefold()) for name, value, _ in rows)


def parent(dn: str) -> str:
    """Return the name of what an entry lies in."""
    rows = parse_dn(dn, escape=False, strip=False)
    for place, (_, _, separator) in enumerate(rows):
        if separator == ",":
            return "".join(f"{a}={v}{s}" for a, v, s in rows[place + 1 :])
    return ""


def first_value(dn: str) -> str:
    """Return the value that names the entry itself."""
    rows = parse_dn(dn, escape=False, strip=True)
    return unescape(str(rows[0][1]))


def is_inside(dn: str, base: str) -> bool:
    """Say whether an entry lies below a base."""
    inner, outer = parts(dn), parts(base)
    return bool(outer) and len(inner) > len(outer) and inner[-len(outer) :] == outer
