"""Finding what to order: by category, as one list, by search."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal.domain.queries import catalog
from portal.permissions import needs
from portal.views.formatting import page_language
from portal.views.item_cards import cards, doors
from portal.views.order_fields import words
from portal.web import current_session, note

bp = Blueprint("catalog", __name__)


@bp.get("/catalog")
@needs("order")
def index() -> str:
    """List everything that can be ordered, by category."""
    session, person = current_session(), current_user.person
    offers = catalog.items_for(session, person)
    shelves = [
        (door, cards(session, person, [each for each in offers if each.item.category == door.key]))
        for door in doors(session, offers)
    ]
    return render_template("catalog/index.html", shelves=shelves)


@bp.get("/catalog/<category>")
@needs("order")
def category(category: str) -> str:
    """Show the items of a category."""
    session, person = current_session(), current_user.person
    found = catalog.find_category(session, category)
    offers = catalog.items_for(session, person, category=category)
    return render_template(
        "catalog/category.html",
        category=found,
        title=words(found.title),
        summary=words(found.summary),
        cards=cards(session, person, offers),
    )


@bp.get("/search")
@needs("order")
def search() -> str:
    """Show what a search finds; the first page asks for the same while somebody writes."""
    session, person = current_session(), current_user.person
    text = request.args.get("q", "")[:200].strip()
    result = catalog.search(catalog.items_for(session, person), text)
    as_fragment = "X-Fragment" in request.headers
    if text and not result.hits and not as_fragment:
        missed = catalog.miss(text, page_language())
        note(lambda notes: notes.add(missed))
    return render_template(
        "catalog/results.html" if as_fragment else "catalog/search.html",
        text=text,
        hits=cards(session, person, result.hits),
        nearest=cards(session, person, result.nearest),
    )
