"""Files and the database: which items were changed in the browser since their last export or load."""

from catalog.known import Known
from catalog.loader import parse_item
from catalog.writer import write_item
from portal.domain import items
from portal.models.item import CatalogItem


def fingerprint(text: str) -> str:
    """Return what an item is known by, however its text is laid out; if it cannot be read, by its letters."""
    item = parse_item(text, Known()).item
    return items.digest(write_item(item) if item is not None else text)


def changed_in_browser(item: CatalogItem) -> bool:
    """Tell whether loading a file would write over something that no file has."""
    text = items.text_of(item)
    return bool(text) and fingerprint(text) != item.exported_digest


def mark_in_step(item: CatalogItem) -> None:
    """Note that a file holds the item as it is now: after an export, and after a load."""
    item.exported_digest = fingerprint(items.text_of(item))
