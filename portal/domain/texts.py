"""Texts of items with their placeholders filled in, one for each language they are written in."""

from collections.abc import Mapping
from typing import Any

from catalog.placeholders import render
from catalog.texts import Texts
from catalog.values import as_text


def rendered(texts: Texts, names: Mapping[str, Any]) -> dict[str, str]:
    """Fill the placeholders of a text in every language; the result is plain data."""
    return {
        language: as_text(render(text, names, language), language) for language, text in texts.root.items()
    }
