"""What is logged, and what never is: the tokens of links and the values of secrets."""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

MASKS: Final = (
    # a link in a letter carries its token in the path or the query
    (re.compile(r"(/(?:approve|extend|password|links?|l)/)[\w\-]{16,}"), r"\1•••"),
    (
        re.compile(r"\b(token|password|secret|csrf_token|code)(['\"]?\s*[=:]\s*['\"]?)[^\s'\"&,;)}]+", re.I),
        r"\1\2•••",
    ),
    (re.compile(r"(Bearer\s+)[\w\-.~+/]+=*", re.I), r"\1•••"),
    (re.compile(r"(://[^/\s:@]+:)[^@\s/]+@"), r"\1•••@"),
    # 256 bits in our way of writing them, wherever they turn up
    (re.compile(r"(?<![\w\-])[\w\-]{43}(?![\w\-])"), "•••"),
)


def mask(text: str) -> str:
    """Take out of a text what must not be written down."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


class MaskedLine(logging.Formatter):
    """One readable line, masked."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        return mask(super().format(record))


def write_json(**fields: object) -> None:
    """Write one line of JSON to the log, masked."""
    fields = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}
    line = json.dumps({key: _plain(value) for key, value in fields.items()}, ensure_ascii=False)
    logging.getLogger("portal.json").error(line)


def write_fault(reference: str, problem: BaseException, **fields: object) -> None:
    """Log a mistake of ours under the reference number that the person was shown."""
    write_json(
        reference=reference,
        problem=type(problem).__name__,
        trace="".join(traceback.format_exception(problem)),
        **fields,
    )


def set_up(level: str = "info") -> None:
    """Log to standard error: lines for people, and JSON as it is."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskedLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("apscheduler", "waitress.queue"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    json_handler = logging.StreamHandler(sys.stderr)
    json_handler.setFormatter(logging.Formatter("%(message)s"))
    json_log = logging.getLogger("portal.json")
    json_log.handlers[:] = [json_handler]
    json_log.propagate = False


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask(str(value))
