"""Finding items by what people type: forms of words, beginnings, parts of compounds, slips of the finger."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from catalog.schema import CatalogItem

LONGEST: Final = 200
MOST_WORDS: Final = 8
ALIKE: Final = 0.78
FITS: Final = 3.0
"""The least score with which an item is a hit; weaker ones are only nearest."""

_WORD = re.compile(r"[a-z0-9@]+")
_LETTERS = str.maketrans({"æ": "a", "ø": "o", "ß": "ss", "ð": "d", "đ": "d"})
_ENDINGS = (
    "ningarna", "ingarna", "erna", "arna", "orna", "aren", "ing", "are", "ene", "ane", "ade", "ar",
    "er", "or", "en", "et", "na", "s", "a", "e", "t", "n",
)  # fmt: skip
_EMPTY = frozenset(
    {
        "jag", "vill", "ha", "behover", "en", "ett", "et", "ei", "den", "det", "att", "och", "i", "pa",
        "till", "for", "av", "med", "min", "mitt", "mina", "hur", "kan", "man", "som", "fa", "har",
        "du", "vi", "og", "er", "til", "jeg", "trenger", "vil", "hvordan", "a", "an", "the", "to", "my",
        "need", "want", "how", "do", "of", "and", "in", "on", "new", "ny", "nytt", "bestall",
        "bestalla", "bestill", "order",
    }
)  # fmt: skip
"""Words, folded, that say nothing of what is looked for."""


@dataclass(frozen=True)
class Entry:
    """An item with the words it can be found by, and how much each kind of word tells."""

    key: str
    phrases: tuple[str, ...]
    words: tuple[tuple[str, float], ...]


def folded(text: str) -> str:
    """Write a text in small letters without marks: å is a, Ø is o."""
    bare = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(each for each in bare if not unicodedata.combining(each))


def words_in(text: str) -> list[str]:
    """List the words of a text, folded."""
    return _WORD.findall(folded(text).replace("-", ""))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Take one common ending of Swedish, Norwegian or English off a word that is long enough."""
    for ending in _ENDINGS:
        if len(word) - len(ending) >= 4 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def entry_of(item: CatalogItem) -> Entry:
    """Read the words of an item in every language: its title and keywords tell most."""
    weighted: dict[str, float] = {}

    def add(texts: Iterable[str], weight: float) -> None:
        for text in texts:
            for word in words_in(text):
                weighted[word] = max(weight, weighted.get(word, 0))

    add(item.summary.root.values(), 1.0)
    add(item.keywords, 3.0)
    add(item.title.root.values(), 4.0)
    phrases = {" ".join(words_in(text)) for text in (*item.keywords, *item.title.root.values())}
    return Entry(item.id, tuple(sorted(phrases)), tuple(weighted.items()))


def ranked(query: str, entries: Sequence[Entry]) -> list[tuple[str, float]]:
    """Score every entry that has anything to do with a query, the best first."""
    asked = words_in(query[:LONGEST])[:MOST_WORDS]
    telling = [word for word in asked if word not in _EMPTY] or asked
    if not telling:
        return []
    phrase = " ".join(asked)
    scores = [(entry.key, _score(entry, telling, phrase)) for entry in entries]
    return sorted(((key, score) for key, score in scores if score > 0), key=lambda each: (-each[1], each[0]))


def _score(entry: Entry, asked: Sequence[str], phrase: str) -> float:
    found = [max((_match(word, own) * weight for own, weight in entry.words), default=0) for word in asked]
    met = sum(1 for each in found if each > 0)
    score = sum(found) * met / len(asked)
    if phrase in entry.phrases:
        score += 6
    elif len(phrase) > 3 and any(known.startswith(phrase) for known in entry.phrases):
        score += 3
    return score


@lru_cache(maxsize=50_000)
def _match(asked: str, own: str) -> float:
    """Say how well a word that was typed stands for a word of an item, from 0 to 2."""
    if asked == own:
        return 2.0
    short, long = stem(asked), stem(own)
    if short == long:
        return 1.8
    if own.startswith(asked) and len(asked) >= 2:
        return 1.4 if len(asked) >= 3 else 0.8
    if len(long) >= 4 and short.startswith(long):
        return 1.2
    if len(short) >= 4 and (own.endswith(asked) or long.endswith(short)):
        return 1.1  # the last part of a compound carries its meaning
    if len(long) >= 4 and asked.endswith(own):
        return 1.0
    if len(short) >= 5 and short in own:
        return 0.8
    if min(len(asked), len(own)) >= 4 and abs(len(asked) - len(own)) <= 2 and asked[0] == own[0]:
        alike = SequenceMatcher(None, asked, own).ratio()
        return alike if alike >= ALIKE else 0
    return 0
