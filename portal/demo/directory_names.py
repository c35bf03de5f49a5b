"""Names of entries, taken apart so that those that mean the same are equal."""

BAD_NAME = 34

Path_ = tuple[str, ...]  # a name taken apart, the entry's own part first


class RefusedError(Exception):
    """The directory says no, with a result code of the protocol."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def split(dn: str) -> list[str]:
    """Part a name at the commas that are not escaped."""
    parts, part, escaped = [], "", False
    for char in dn:
        if char == "," and not escaped:
            parts.append(part)
            part = ""
            continue
        part += char
        escaped = char == "\\" and not escaped
    return [p.strip() for p in [*parts, part] if p.strip()]


def unescape(text: str) -> str:
    """Undo the escaping of a value in a name."""
    out, place = bytearray(), 0
    raw = text.encode()
    while place < len(raw):
        pair = raw[place + 1 : place + 3]
        if raw[place] != ord("\\"):
            out.append(raw[place])
            place += 1
        elif len(pair) == 2 and all(c in b"0123456789abcdefABCDEF" for c in pair):
            out.append(int(pair, 16))
            place += 3
        else:
            out += pair[:1]
            place += 2
    return out.decode("utf-8", "replace")


def path_of(dn: str) -> Path_:
    """Take a name apart so that names that mean the same are equal."""
    out = []
    for part in split(dn):
        name, sign, value = part.partition("=")
        if not sign or not name.strip():
            raise RefusedError(BAD_NAME, f"{dn} is not a name")
        out.append(f"{name.strip().lower()}={fold(unescape(value.strip()))}")
    return tuple(out)


def fold(value: str) -> str:
    """Make values that the directory takes for the same equal."""
    return " ".join(value.casefold().split()) or value
