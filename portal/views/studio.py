"""The studio: what can be ordered, written and tried in the browser."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal.domain import items
from portal.domain.queries import studio
from portal.domain.queries.studio import Wish
from portal.domain.world import world_of
from portal.forms.studio import EditForm
from portal.permissions import needs
from portal.views import studio_page as page
from portal.views import studio_shown as shown
from portal.views.order_fields import words
from portal.web import current_session, only_reads

bp = Blueprint("studio", __name__, url_prefix="/studio")

Answer = Response | str | tuple[str, int]


@bp.get("")
@needs("catalog.edit")
def index() -> str:
    """List what can be ordered, and what is being written."""
    session = current_session()
    wish = Wish(*(request.args.get(name, "")[:100] for name in ("q", "state", "category", "trouble")))
    listed = studio.list_items(session, current_user.person, wish)
    categories = {each.id: each for each in world_of(session).categories}
    return render_template(
        "studio/index.html",
        listed=sorted(listed, key=lambda each: words(each.title)[0].casefold()),
        wish=wish,
        is_filtered=wish != Wish(),
        categories=[{"value": each.id, "label": words(each.title)[0]} for each in categories.values()],
        words=words,
        team_name=shown.team_name,
    )


@bp.get("/<key>")
@needs("catalog.edit")
def show(key: str) -> str:
    """Show an item as text, its problems beside its lines, and the form as somebody meets it."""
    entry = page.find(key)
    return page.editor(entry, items.text_of(entry), entry.draft_revision)


@bp.post("/<key>")
@needs("catalog.edit")
def save(key: str) -> Answer:
    """Keep the text as a draft; or only look at it, when a name was looked for or the form was filled in."""
    session, entry, form = current_session(), page.find(key), EditForm()
    text = form.text.data or ""
    if not form.validate():
        return page.editor(entry, text, form.revision.data or 0, errors=page.errors_of(form)), 422
    if not {"save", "then", "over"} & request.form.keys():
        return page.editor(entry, text, form.revision.data, tried=True)
    studio.demand(session, entry, "catalog.edit", current_user.person, item=page.check(entry, text).item)
    if text == items.text_of(entry):
        flash(_("The text is the same as before, so nothing was saved."), "info")
        return _onwards(key)
    if (form.over.data or form.revision.data) != entry.draft_revision:
        return page.editor(entry, text, form.revision.data, is_stale=True), 409
    items.save_draft(session, key, text, actor=current_user.person, expected=entry.draft_revision)
    session.commit()
    flash(_("The draft is saved."))
    return _onwards(key)


@bp.post("/<key>/live")
@needs("catalog.edit")
@only_reads
def live(key: str) -> str:
    """Give the problems and the form of the text as it is being written."""
    form = EditForm()
    return render_template("studio/live.html", **page.parts(page.find(key), form.text.data or "", tried=True))


@bp.get("/<key>/try")
@needs("catalog.edit")
def ask_try(key: str) -> Answer:
    """Show what an order would lead to, with the answers that stand there from the beginning."""
    return page.trial(page.find(key))


@bp.post("/<key>/try")
@needs("catalog.edit")
@only_reads
def attempt(key: str) -> Answer:
    """Show what an order with these answers would lead to. Nothing is written."""
    return page.trial(page.find(key), tried=True, complains="try" in request.form)


@bp.post("/<key>/try/live")
@needs("catalog.edit")
@only_reads
def live_try(key: str) -> str:
    """Give the form and what it would lead to, as it is being filled in."""
    return render_template(
        "studio/live_try.html", **page.trial_parts(page.find(key), tried=True, complains=False)
    )


def _onwards(key: str) -> Response:
    """Go where the author wanted to go after saving."""
    then = {"try": "studio.ask_try", "publish": "publishing.ask_publish"}
    return redirect(url_for(then.get(request.form.get("then", ""), "studio.show"), key=key), 303)
