"""Publishing: new versions and their history, copies, what is taken out of the catalog."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from catalog.texts import MAIN
from portal.domain import items
from portal.domain.queries import studio
from portal.errors import Stale
from portal.forms.studio import CopyForm, ReasonForm
from portal.models.item import CatalogItem
from portal.permissions import needs
from portal.views import studio_page as page
from portal.views import studio_shown as shown
from portal.web import current_session, current_settings

bp = Blueprint("publishing", __name__, url_prefix="/studio")

Answer = Response | str | tuple[str, int]


@bp.get("/<key>/publish")
@needs("catalog.publish")
def ask_publish(key: str) -> str:
    """Show what a new version changes, and ask why."""
    return _publishing(page.find(key), ReasonForm(formdata=None))


@bp.post("/<key>/publish")
@needs("catalog.publish")
def publish(key: str) -> Answer:
    """Make the draft the version that is ordered from now on."""
    session, entry, form = current_session(), page.find(key), ReasonForm()
    if not form.validate():
        return _publishing(entry, form), 422
    parsed = studio.parsed_of(session, entry)
    studio.demand(session, entry, "catalog.publish", current_user.person, item=parsed.item)
    if parsed.item is None or parsed.errors:
        return _publishing(entry, form), 422
    if form.revision.data != entry.draft_revision:
        return _publishing(entry, form, is_stale=True), 409
    version = items.publish(
        session,
        key,
        actor=current_user.person,
        reason=form.reason.data,
        text=items.text_of(entry),
        expected=form.revision.data,
    )
    session.commit()
    flash(_("Version %(number)s is published.", number=version.number))
    return redirect(url_for("studio.show", key=key), 303)


@bp.get("/<key>/versions")
@needs("catalog.edit")
def versions(key: str) -> str:
    """Show every version with what it changed and why."""
    entry = page.find(key)
    return render_template(
        "studio/versions.html",
        **page.head(entry, studio.parsed_of(current_session(), entry)),
        history=[
            {
                "version": each.version,
                "by": page.name_of(each.version.published_by),
                "changes": shown.change_texts(each.changes),
                "is_current": each.is_current,
            }
            for each in studio.history_of(current_session(), entry)
        ],
    )


@bp.get("/<key>/versions/<int:number>")
@needs("catalog.edit")
def version(key: str, number: int) -> str:
    """Show the text of one version."""
    entry = page.find(key)
    found = studio.find_version(current_session(), entry, number)
    return render_template(
        "studio/version.html",
        **page.head(entry, studio.parsed_of(current_session(), entry)),
        version=found,
        by=page.name_of(found.published_by),
        lines=studio.lines_of(found.text, []),
    )


@bp.get("/<key>/copy")
@needs("catalog.edit")
def ask_copy(key: str) -> str:
    """Ask what the copy is called."""
    entry = page.find(key)
    parsed = studio.parsed_of(current_session(), entry)
    main = current_settings().main_language
    titles = {}
    if parsed.item is not None:
        titles = {main if each == MAIN else each: text for each, text in parsed.item.title.root.items()}
    return _copying(entry, CopyForm("", titles))


@bp.post("/<key>/copy")
@needs("catalog.edit")
def copy(key: str) -> Answer:
    """Make a draft of a new item that begins as this one."""
    session, entry = current_session(), page.find(key)
    studio.demand(session, entry, "catalog.edit", current_user.person, item=None)
    form = CopyForm.sent(request.form, page.languages(), main=current_settings().main_language)
    if session.get(CatalogItem, form.key) is not None:
        form.errors["key"] = items.KeyTaken.message
    if form.errors:
        return _copying(entry, form), 422
    items.copy(session, key, form.key, actor=current_user.person, title=form.title)
    session.commit()
    flash(_("The copy is a draft. Nobody else sees it until it is published."))
    return redirect(url_for("studio.show", key=form.key), 303)


@bp.get("/<key>/retire")
@needs("catalog.publish")
def ask_retire(key: str) -> str:
    """Ask before an item is taken out of the catalog."""
    return _retiring(page.find(key), ReasonForm(formdata=None))


@bp.post("/<key>/retire")
@needs("catalog.publish")
def retire(key: str) -> Answer:
    """Take an item out of the catalog."""
    session, entry, form = current_session(), page.find(key), ReasonForm()
    studio.demand(session, entry, "catalog.publish", current_user.person, item=None)
    if not form.validate():
        return _retiring(entry, form), 422
    items.retire(
        session, key, actor=current_user.person, reason=form.reason.data, expected=form.revision.data
    )
    session.commit()
    flash(_("The service is retired. It can no longer be ordered."))
    return redirect(url_for("studio.show", key=key), 303)


@bp.post("/<key>/discard")
@needs("catalog.edit")
def discard(key: str) -> Answer:
    """Throw the draft away; what is published stays."""
    session, entry = current_session(), page.find(key)
    studio.demand(session, entry, "catalog.edit", current_user.person, item=None)
    revision = request.form.get("revision", "")
    if not revision.isdecimal():
        raise Stale
    items.discard_draft(session, key, actor=current_user.person, expected=int(revision[:9]))
    session.commit()
    flash(_("The draft is thrown away. This is the published text."))
    return redirect(url_for("studio.show", key=key), 303)


def _publishing(entry: CatalogItem, form: ReasonForm, *, is_stale: bool = False) -> str:
    session = current_session()
    parsed, text = studio.parsed_of(session, entry), items.text_of(entry)
    before = entry.version.text if entry.version else ""
    return render_template(
        "studio/publish.html",
        **page.head(entry, parsed),
        form=form,
        problems=shown.problems_of(studio.lines_of(text, parsed.problems)),
        changes=shown.change_texts(studio.what_changes(entry, parsed.item)) if parsed.item else [],
        differences=studio.compare(before, text) if before else [],
        is_waiting=entry.draft is not None or entry.state == "retired",
        is_stale=is_stale,
        errors=page.errors_of(form),
        failed=request.method == "POST",
    )


def _copying(entry: CatalogItem, form: CopyForm) -> str:
    return render_template(
        "studio/copy.html",
        **page.head(entry, studio.parsed_of(current_session(), entry)),
        form=form,
        codes=page.languages(),
        main=current_settings().main_language,
        errors=[(name, _(said, key=form.key)) for name, said in form.errors.items()],
        failed=bool(form.errors),
    )


def _retiring(entry: CatalogItem, form: ReasonForm) -> str:
    return render_template(
        "studio/retire.html",
        **page.head(entry, studio.parsed_of(current_session(), entry)),
        form=form,
        errors=page.errors_of(form),
        failed=bool(form.errors),
    )
