"""Tables as files: CSV that every spreadsheet opens, and in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from werkzeug import Response

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe(value: Any) -> str:
    """Write a cell so that no spreadsheet takes it for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Answer with a file. The mark at its beginning tells spreadsheets that it is UTF-8."""

    def lines() -> Iterable[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";")
        yield "\ufeff"
        for row in (header, *rows):
            writer.writerow([safe(cell) for cell in row])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    # read at once: the request's database session is closed before an answer is streamed
    body = "".join(lines())
    return Response(
        body,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
