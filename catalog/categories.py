"""The doors of the catalog: what items are sorted under, in the order in which they are shown."""

from functools import cache
from pathlib import Path
from typing import Final, Literal

from ruamel.yaml import YAML

from catalog.texts import Part, Slug, Texts

FILE: Final = Path(__file__).parent / "categories.yaml"


class Category(Part):
    """One door: its words, icon and tile colour."""

    id: Slug
    title: Texts
    summary: Texts = Texts(root={})
    icon: Slug = "box-seam"
    colour: Literal["petrol", "plum", "ochre", "blue", "forest", "clay"] = "petrol"


def parse_categories(text: str) -> tuple[Category, ...]:
    """Read a list of categories."""
    return tuple(Category.model_validate(each) for each in YAML(typ="safe").load(text) or ())


@cache
def shipped() -> tuple[Category, ...]:
    """Give the categories that come with the portal."""
    return parse_categories(FILE.read_text(encoding="utf-8"))
