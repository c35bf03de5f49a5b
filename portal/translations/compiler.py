"""Turning the translators' files into what gettext reads. Uses Babel only: the build runs it too."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> list[Path]:
    """Compile every `.po` that is newer than its `.mo`, and tell which were made."""
    made = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as handle:
            catalogue = read_po(handle, locale=source.parts[-3])
        fresh = target.with_suffix(f".{os.getpid()}")  # several processes may do this at the same time
        with fresh.open("wb") as handle:
            write_mo(handle, catalogue)
        fresh.replace(target)
        made.append(target)
    return made
