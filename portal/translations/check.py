"""Holding the translations up to the code: what is missing, superfluous or unsound.

`python -m portal.translations.check`, or with `--update` to bring new texts in for translation.
"""

import re
import sys
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import IO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WHOLE = ("sv", "nb")
"""Languages in which every text must be there; English is the text itself, its file holds only exceptions."""

MARKS = DEFAULT_KEYWORDS | {"_l": None}
LABELS = dict.fromkeys(("Key", "Value", "Until", "Once", "Secret"), (1,))
"""What connectors name their fields with; they know no marker, so the names of these calls are it."""

PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
HEADER = "# Ordna in another language. New texts: python -m portal.translations.check --update"


def extracted() -> Catalog:
    """Collect every marked text of the code and the templates."""
    config = RawConfigParser()
    config.read(HERE / "babel.cfg", encoding="utf-8")
    methods = [(pattern.strip(), method.strip()) for method, pattern in _pairs(config.sections())]
    folders = {pattern.split("/")[0] for pattern, _ in methods}
    found = Catalog(fuzzy=False)
    # Babel's own filter leaves out folders that begin with _, and templates have one
    texts = extract_from_dir(ROOT, methods, keywords=MARKS, directory_filter=_within(folders))
    labels = extract_from_dir(ROOT / "connectors", [("*.py", "python")], keywords=LABELS)
    for folder, results in (("", texts), ("connectors/", labels)):
        for file, _, message, _, context in results:
            found.add(message, locations=[(folder + file, 1)], context=context)
    return found


def _pairs(sections: list[str]) -> Iterator[tuple[str, str]]:
    for section in sections:
        method, _, pattern = section.partition(":")
        yield method, pattern


def _within(folders: set[str]) -> Callable[[str], bool]:
    def wanted(path: str) -> bool:
        parts = Path(path).relative_to(ROOT).parts
        return parts[0] in folders and parts[-1] != "__pycache__"

    return wanted


def read(language: str) -> Catalog:
    """Read the translator's file of a language."""
    with _file(language).open("rb") as handle:
        return read_po(handle, locale=language, domain="messages")


def write(handle: IO[bytes], catalog: Catalog) -> None:
    """Write a translator's file, the same every time: in the order of files, no line numbers, no dates."""
    catalog.header_comment = HEADER
    write_po(handle, catalog, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)


def update(language: str) -> None:
    """Bring new texts in, empty, and take those out that nothing says any more."""
    catalog = read(language)
    template = extracted()
    if language not in WHOLE:
        kept = [m for m in catalog if m.id and m.id in template and _strings(m)[0]]
        template = Catalog(fuzzy=False)
        for message in kept:
            template.add(message.id, locations=message.locations)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    with _file(language).open("wb") as handle:
        write(handle, catalog)


def problems(language: str, template: Catalog) -> list[str]:
    """List what is wrong with a language's file, a sentence each."""
    catalog = read(language)
    found = [f"superfluous: {_id(m)!r}" for m in catalog if m.id and m.id not in template]
    for wanted in template:
        message = catalog.get(wanted.id) if wanted.id else None
        if not wanted.id or (message is None and language not in WHOLE):
            continue
        if message is None or not all(_strings(message)):
            found.append(f"missing: {_id(wanted)!r}")
        elif message.fuzzy:
            found.append(f"fuzzy: {_id(wanted)!r}")
        elif any(_placeholders(text) - _placeholders(_id(wanted)) for text in _strings(message)):
            found.append(f"fills in what is not there: {_id(wanted)!r}")
        elif not _placeholders(_id(wanted)) <= _placeholders(_strings(message)[-1]):
            found.append(f"loses a value: {_id(wanted)!r}")
    return [f"{language}: {each}" for each in found]


def _file(language: str) -> Path:
    return HERE / language / "LC_MESSAGES" / "messages.po"


def _id(message: Message) -> str:
    """Give the text itself; of one with a plural, that."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ("",))


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def main(arguments: list[str]) -> int:
    """Check every language, after bringing new texts in when asked to."""
    languages = sorted(file.parts[-3] for file in HERE.glob("*/LC_MESSAGES/messages.po"))
    if arguments == ["--update"]:
        for language in languages:
            update(language)
    template = extracted()
    found = [each for language in languages for each in problems(language, template)]
    for each in found:
        sys.stderr.write(each + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
