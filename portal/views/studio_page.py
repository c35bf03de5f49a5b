"""The parts that the studio's pages are made of."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from catalog.loader import Parsed
from portal.domain import items
from portal.domain.queries import studio
from portal.domain.queries.people import MASKED, may_see_name
from portal.forms.studio import chosen_person, form_as
from portal.models.item import CatalogItem
from portal.models.person import Person
from portal.rights import allowed
from portal.views import studio_shown as shown
from portal.views.order_fields import words
from portal.web import current_session, current_settings

ORDERED = ("order", "report")


def find(key: str) -> CatalogItem:
    """Find the item of the page."""
    return studio.find_entry(current_session(), key, viewer=current_user.person)


def check(entry: CatalogItem, text: str) -> Parsed:
    """Read a text that would be the item's."""
    return items.check(current_session(), text, file=items.file_of(entry.key))


def languages() -> list[str]:
    """List the portal's languages."""
    return list(current_settings().names("portal.languages"))


def name_of(person: Person | None) -> str:
    """Name somebody who has written or published."""
    if person is None:
        return str(_("The portal"))
    return person.name if may_see_name(person, current_user.person) else str(_(MASKED))


def errors_of(form: Any) -> list[tuple[str, str]]:
    """Return the faults of a form with the ids of their fields; those of hidden ones have none."""
    return [(name if name in ("text", "reason") else "", str(said[0])) for name, said in form.errors.items()]


def head(entry: CatalogItem, parsed: Parsed) -> dict[str, Any]:
    """Return what stands above every page about an item."""
    item = parsed.item or (items.load(entry.version) if entry.version else None)
    errors, person = len(parsed.errors), current_user.person
    return {
        "entry": entry,
        "title": words(item.title) if item else (entry.key, ""),
        "is_ordered": item is not None and item.kind in ORDERED,
        "draft_by": name_of(entry.draft_by) if entry.draft_at else "",
        "error_count": errors,
        "errors_pill": ngettext("%(num)s error", "%(num)s errors", errors) if errors else "",
        "next_number": entry.version.number + 1 if entry.version else 1,
        "may_publish": allowed(current_session(), person, "catalog.publish", category=entry.category),
    }


def editor(
    entry: CatalogItem,
    text: str,
    revision: int,
    *,
    tried: bool = False,
    is_stale: bool = False,
    errors: list[tuple[str, str]] | None = None,
) -> str:
    """Make the page on which an item is written."""
    found = parts(entry, text, tried=tried or is_stale)
    return render_template(
        "studio/show.html",
        **found,
        **head(entry, found["parsed"]),
        revision=revision,
        is_stale=is_stale,
        differences=studio.compare(items.text_of(entry), text) if is_stale else [],
        errors=errors or [],
        failed=bool(errors) or is_stale,
    )


def parts(entry: CatalogItem, text: str, *, tried: bool) -> dict[str, Any]:
    """Return what changes while an item is written: numbers, problems, the form as somebody meets it."""
    session, viewer = current_session(), current_user.person
    parsed = check(entry, text)
    lines = studio.lines_of(text, parsed.problems)
    problems = shown.problems_of(lines)
    chosen = chosen_person(session, viewer, request.form)
    found: dict[str, Any] = {
        "parsed": parsed,
        "text": text,
        "lines": lines,
        "spare": range(len(lines) + 1, len(lines) + 1 + shown.SPARE),
        "problems": problems,
        "problem_count": shown.count_of(problems),
        "has_form": False,
        **shown.person_search(chosen),
    }
    if parsed.item is not None and not parsed.errors and parsed.item.kind in ORDERED:
        form = form_as(session, entry, text, parsed.item, chosen.person, request.form if tried else None)
        found |= {"has_form": True, **shown.form_parts(form, {})}
    return found


def trial(entry: CatalogItem, *, tried: bool = False, complains: bool = False) -> str | tuple[str, int]:
    """Make the page on which an item is tried; 422 when the answers would not do."""
    found = trial_parts(entry, tried=tried, complains=complains)
    failed = bool(found["faults"])
    made = render_template("studio/try.html", failed=failed, **found)
    return (made, 422) if failed else made


def trial_parts(entry: CatalogItem, *, tried: bool, complains: bool) -> dict[str, Any]:
    """Return the form as somebody meets it, and what an order with these answers would lead to."""
    session, viewer = current_session(), current_user.person
    parsed, text = studio.parsed_of(session, entry), items.text_of(entry)
    chosen = chosen_person(session, viewer, request.form)
    found: dict[str, Any] = {
        **head(entry, parsed),
        **shown.person_search(chosen),
        "trial": None,
        "faults": [],
        "problems": shown.problems_of(studio.lines_of(text, parsed.errors)),
    }
    if parsed.item is None or parsed.errors or parsed.item.kind not in ORDERED:
        return found
    form = form_as(session, entry, text, parsed.item, chosen.person, request.form if tried else None)
    errors = {name: why for name, why in form.errors.items() if name} if complains else {}
    found |= shown.form_parts(form, errors)
    faults = shown.error_lines(form, found["sections"], errors)
    return found | {"trial": shown.trial_of(form), "faults": faults}
