"""What is different between two versions of an item, in sentences for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.problems import N_
from catalog.reading import SECTION_NAMES
from catalog.schema import CatalogItem, Choice, Question, Step
from catalog.texts import Part, Texts
from catalog.values import as_text
from catalog.writer import as_plain

WORDS: Mapping[str, str] = {
    "kind": N_("Kind"),
    "title": N_("Title"),
    "summary": N_("Summary"),
    "description": N_("Description"),
    "category": N_("Category"),
    "icon": N_("Icon"),
    "keywords": N_("Search words"),
    "owner": N_("Owner"),
    "order_for": N_("For whom it is ordered"),
    "available_to": N_("Who can order"),
    "sensitive": N_("Sensitive"),
    "price": N_("Price"),
    "promise": N_("Promised time"),
    "minutes_by_hand": N_("Minutes by hand"),
    "information_owner": N_("Information owner"),
    "languages_unread": N_("Languages nobody has read yet"),
    "link": N_("Address"),
    "body": N_("Text"),
    "holding": N_("What one has afterwards"),
}
"""How the parts of an item are called; others are called by their key."""

PLACES: Mapping[str, str] = {
    "on_end": N_("at the end"),
    "on_suspend": N_("when paused"),
    "on_resume": N_("when resumed"),
    "on_extend": N_("when extended"),
    "on_change": N_("when changed"),
}


@dataclass(frozen=True)
class Change:
    """One difference: what it is about, and a sentence whose texts are shown in the reader's language."""

    about: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, gettext: Callable[[str], str] = str, language: str = "") -> str:
        """Say it in the reader's language."""
        said = {key: self._say(key, value, gettext, language) for key, value in self.params.items()}
        return gettext(self.message) % said

    def _say(self, key: str, value: Any, gettext: Callable[[str], str], language: str) -> str:
        if key in ("what", "where"):
            return gettext(value)
        return _shown(value, language)


def changes(before: CatalogItem, after: CatalogItem) -> list[Change]:
    """List what is different, the head first, then questions and steps in their order."""
    found = list(_head(before, after))
    found += _entries("question", before.questions, after.questions, lambda question: question.name)
    for section in SECTION_NAMES:
        old, new = getattr(before, section) or (), getattr(after, section) or ()
        found += _entries("step", old, new, lambda step: step.id, PLACES.get(section, ""))
    return found


def _head(before: CatalogItem, after: CatalogItem) -> Iterator[Change]:
    for name in CatalogItem.model_fields:
        if name in ("format", "id", "questions", *SECTION_NAMES):
            continue
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _changed(name, {"what": WORDS.get(name, name)}, old, new)


def _changed(about: str, params: Mapping[str, Any], old: Any, new: Any) -> Change:
    if _is_empty(old):
        return Change(about, N_("%(what)s: added “%(after)s”."), {**params, "after": new})
    if _is_empty(new):
        return Change(about, N_("%(what)s: removed “%(before)s”."), {**params, "before": old})
    return Change(
        about, N_("%(what)s: from “%(before)s” to “%(after)s”."), {**params, "before": old, "after": new}
    )


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", ())


def _entries(
    about: str,
    before: Sequence[Any],
    after: Sequence[Any],
    key: Callable[[Any], str],
    where: str = "",
) -> Iterator[Change]:
    """Compare two lists of questions or steps by their names."""
    old, new = {key(entry): entry for entry in before}, {key(entry): entry for entry in after}
    for name, entry in old.items():
        if name not in new:
            yield Change(
                f"{about} {name}", _sentence(about, "removed", where), {"name": _name(entry), "where": where}
            )
    for name, entry in new.items():
        if name not in old:
            yield Change(
                f"{about} {name}", _sentence(about, "added", where), {"name": _name(entry), "where": where}
            )
        elif entry != old[name]:
            yield from _within(f"{about} {name}", old[name], entry)
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        message = (
            N_("The questions stand in another order.")
            if about == "question"
            else N_("The steps stand in another order.")
        )
        yield Change(about, message)


def _sentence(about: str, what: str, where: str) -> str:
    if about == "question":
        return N_("New question: “%(name)s”.") if what == "added" else N_("Question removed: “%(name)s”.")
    if where:
        return (
            N_("New step %(where)s: “%(name)s”.")
            if what == "added"
            else N_("Step removed %(where)s: “%(name)s”.")
        )
    return N_("New step: “%(name)s”.") if what == "added" else N_("Step removed: “%(name)s”.")


def _within(about: str, old: Question | Step, new: Question | Step) -> Iterator[Change]:
    """Say which of a question's or step's keys differ."""
    was, now = _flat(as_plain(old)), _flat(as_plain(new))
    for key in dict.fromkeys((*was, *now)):
        if was.get(key) != now.get(key):
            params = {"name": _name(new), "key": key, "before": was.get(key), "after": now.get(key)}
            if key not in was:
                message = N_("“%(name)s”: %(key)s added, “%(after)s”.")
            elif key not in now:
                message = N_("“%(name)s”: %(key)s removed, it was “%(before)s”.")
            else:
                message = N_("“%(name)s”: %(key)s from “%(before)s” to “%(after)s”.")
            yield Change(about, message, params)


def _flat(value: Mapping[str, Any], under: str = "") -> dict[str, Any]:
    """Write nested keys in one line each, as in approve.by; texts in their languages stay together."""
    found: dict[str, Any] = {}
    for key, entry in value.items():
        name = f"{under}.{key}" if under else key
        if isinstance(entry, Mapping) and not set(entry) <= {"sv", "nb", "en"}:
            found.update(_flat(entry, name))
        else:
            found[name] = entry
    return found


def _name(entry: Question | Step) -> Any:
    return entry.label if entry.label is not None else entry.id


def _shown(value: Any, language: str) -> str:
    """Write a value as an author would."""
    if isinstance(value, Texts):
        return value.get(language)
    if isinstance(value, Choice):
        return value.shown(language)
    if isinstance(value, Part):
        return _shown(as_plain(value), language)
    if isinstance(value, Mapping):
        if value and set(value) <= {"sv", "nb", "en"}:
            return str(value.get(language) or next(iter(value.values())))
        return ", ".join(f"{key} {_shown(entry, language)}" for key, entry in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_shown(entry, language) for entry in value)
    return as_text(value, language)
