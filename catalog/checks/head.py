"""The item as a whole: its kind, who owns it, what it leads to, and what it gives."""

from pathlib import PurePosixPath

from catalog.known import Known
from catalog.problems import N_, nearest
from catalog.reading import SECTION_NAMES, Reading
from catalog.schema import SECTIONS

FULFILS = frozenset({"task", "ensure", "absent", "set", "order"})


def check(reading: Reading, known: Known) -> None:
    """Look at the head of the item."""
    item, tree = reading.item, reading.tree
    name = PurePosixPath(tree.file.replace("\\", "/")).stem
    if tree.file.endswith((".yaml", ".yml")) and _read(reading, "id") and item.id != name:
        tree.problem(
            ("id",), "id", N_("The id “%(id)s” and the file's name “%(name)s” differ."), id=item.id, name=name
        )
    if known.categories is not None and item.category not in known.categories and _read(reading, "category"):
        _unknown(reading, ("category",), "category", item.category, known.categories)
    for key in ("owner", "information_owner"):
        team = getattr(item, key)
        if team and _read(reading, key) and not known.has_team(team):
            unknown_team(reading, (key,), team, known)
    for language in item.languages_unread:
        if language not in known.languages:
            _unknown(reading, ("languages_unread",), "language", language, frozenset(known.languages))
    _kind(reading)
    _price(reading)
    _holding(reading)


def _read(reading: Reading, key: str) -> bool:
    """Tell whether a key of the head was there and could be read."""
    return key in reading.tree.value and key not in reading.stood_in


def unknown_team(reading: Reading, path: tuple[str | int, ...], team: str, known: Known) -> None:
    """Say that there is no such team."""
    _unknown(reading, path, "team", team, known.team_words())


def _unknown(
    reading: Reading, path: tuple[str | int, ...], code: str, word: str, words: frozenset[str]
) -> None:
    guess = nearest(word, words)
    if guess:
        message = N_("“%(word)s” is not known here. Did you mean “%(guess)s”?")
        reading.tree.problem(path, f"unknown-{code}", message, word=word, guess=guess)
    else:
        message = N_("“%(word)s” is not known here. Known are %(known)s.")
        reading.tree.problem(
            path, f"unknown-{code}", message, word=word, known=", ".join(sorted(words)) or "–"
        )


def _kind(reading: Reading) -> None:
    item, tree = reading.item, reading.tree
    for kind, key in (("information", "body"), ("link", "link")):
        if item.kind == kind and getattr(item, key) is None and key not in tree.value:
            message = N_("An item of the kind %(kind)s needs “%(name)s”.")
            tree.problem(("kind",), "kind", message, kind=kind, name=key)
        if item.kind != kind and key in tree.value:
            message = N_("“%(name)s” belongs to items of the kind %(kind)s only.")
            tree.problem((key,), "kind", message, key=True, kind=kind, name=key)
    if item.kind in ("information", "link"):
        for section in ("questions", *SECTION_NAMES):
            if section in reading.present and tree.value.get(section):
                message = N_("An item of the kind %(kind)s has nothing to order, so no “%(name)s”.")
                tree.problem((section,), "kind", message, key=True, kind=item.kind, name=section)
        return
    written = tree.value.get("steps") or []
    if not any(isinstance(raw, dict) and FULFILS & raw.keys() for raw in written if raw):
        message = N_("Nothing is carried out: no step is a task, ensure, absent, set or order.")
        tree.problem(("steps",) if "steps" in tree.value else (), "no-fulfilment", message)


def _price(reading: Reading) -> None:
    item = reading.item
    if item.price.times:
        number_question(reading, ("price", "times"), item.price.times)


def number_question(reading: Reading, path: tuple[str | int, ...], name: str) -> None:
    """Say so when a multiplier is not a number question."""
    question = reading.item.question(name)
    if question is None and name not in reading.unread:
        _unknown(reading, path, "question", name, frozenset(known.name for known in reading.item.questions))
    elif question is not None and question.type != "number":
        reading.tree.problem(
            path, "times", N_("“%(name)s” is not a number, so it cannot multiply a price."), name=name
        )


def _holding(reading: Reading) -> None:
    item, tree = reading.item, reading.tree
    if item.holding and item.holding.until:
        question = item.question(item.holding.until)
        if question is None and item.holding.until not in reading.unread:
            dates = frozenset(known.name for known in item.questions if known.type == "date")
            _unknown(reading, ("holding", "until"), "question", item.holding.until, dates)
        elif question is not None and question.type != "date":
            message = N_("“%(name)s” is not a date, so nothing can end on it.")
            tree.problem(("holding", "until"), "until", message, name=item.holding.until)
    gives = item.gives_holding or any(
        "ensure" in raw for raw in tree.value.get("steps") or [] if isinstance(raw, dict)
    )
    for section in SECTIONS:
        if reading.steps[section] and not gives:
            message = N_(
                "Nothing is held afterwards, so “%(name)s” never runs. Add “holding:”, or remove it."
            )
            tree.problem((section,), "no-holding", message, key=True, name=section)
