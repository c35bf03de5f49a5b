"""Texts: every language there, no language twice, and no word that other programs read as something else."""

from collections.abc import Iterator

from catalog.known import Known
from catalog.problems import N_, nearest
from catalog.reading import SECTION_NAMES, Reading, texts_of
from catalog.texts import MAIN, Texts
from catalog.tree import Path, ambiguous

FREE = frozenset({"default", "with", "set", "values"})
"""Under these keys an explicit null has a meaning: empty, cleared."""


def check(reading: Reading, known: Known) -> None:
    """Look at every text of the item."""
    for path, text in _all(reading):
        _languages(reading, known, path, text)
    tree = reading.tree
    for path, value in tree.bare.items():
        if tree.at(path) is None and value.lower() in ("", "~", "null") and not FREE & set(path) and path:
            message = N_("Nothing stands here. Leave the key out, or write what it should be.")
            if tree.place(path) not in {(told.line, told.column) for told in tree.problems}:
                tree.problem(path, "yaml-word", message)
    for path in ambiguous(tree, ()):
        message = N_("“%(word)s” without quotation marks is read as yes or no by many programs. Quote it.")
        tree.problem(path, "yaml-word", message, warn=True, word=tree.bare[path])


def _all(reading: Reading) -> Iterator[tuple[Path, Texts]]:
    head = reading.item.model_copy(update={"questions": (), **dict.fromkeys(SECTION_NAMES, ())})
    for path, text in texts_of(head):
        if path[0] in reading.tree.value and path[0] not in reading.stood_in:
            yield path, text
    for index, question in reading.questions:
        yield from ((reading.question_path(index, path), text) for path, text in texts_of(question))
    for section in SECTION_NAMES:
        for index, step in reading.steps[section]:
            yield from ((reading.step_path(section, index, path), text) for path, text in texts_of(step))


def _languages(reading: Reading, known: Known, path: Path, text: Texts) -> None:
    tree, meant = reading.tree, set()
    for language, words in text.root.items():
        if language != MAIN and language not in known.languages:
            guess = (
                "nb"
                if language in ("no", "nn") and "nb" in known.languages
                else nearest(language, list(known.languages))
            )
            meant.add(guess)
            message = N_("There is no language “%(language)s”. There are %(known)s.")
            if guess:
                message = N_("There is no language “%(language)s”. Did you mean “%(guess)s”?")
            tree.problem(
                (*path, language), "language", message, key=True, language=language, guess=guess,
                known=", ".join(known.languages),
            )  # fmt: skip
        elif not words.strip():
            tree.problem((*path, language), "empty-text", N_("This text is empty."))
    there = {known.main_language if language == MAIN else language for language in text.root} | meant
    missing = [language for language in known.languages if language not in there]
    if known.main_language in missing:
        message = N_("The text is missing in the main language, %(language)s.")
        tree.problem(path, "translation", message, language=known.main_language)
        missing.remove(known.main_language)
    if missing:
        message = N_("The text is missing in %(languages)s.")
        tree.problem(path, "translation", message, warn=True, languages=", ".join(missing))
