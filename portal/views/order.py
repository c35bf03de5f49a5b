"""Ordering an item: the form, its live part, drafts, sending, and what happens next."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal import clock
from portal.domain import ordering
from portal.domain.answers import FOR
from portal.domain.preview import preview
from portal.domain.queries import catalog
from portal.domain.queries.catalog import Offer
from portal.domain.queries.requests import find_request
from portal.domain.queries.said import Said
from portal.errors import NotFound
from portal.forms.order import PREFIX, OrderForm
from portal.models.request import ServiceRequest
from portal.permissions import needs
from portal.views import formatting, markdown
from portal.views.confirmation import confirmation
from portal.views.order_fields import Section, person_choice, sections, words
from portal.views.order_panel import panel
from portal.views.saying import say
from portal.web import current_session, only_reads

bp = Blueprint("order", __name__, url_prefix="/order")

ORDERED = ("order", "report")


@bp.get("/<item_id>")
@needs("order")
def show(item_id: str) -> str:
    """Show the form of an item, or what it says when there is nothing to fill in."""
    offer = _offer(item_id)
    if offer.item.kind not in ORDERED:
        return _reading(offer)
    form = _fresh(offer)
    return _page(form, form.refusal)


@bp.post("/<item_id>")
@needs("order")
def send(item_id: str) -> Response | str | tuple[str, int]:
    """Send the order, or keep it as a draft, or show the form again with what was asked for."""
    offer = _offer(item_id)
    form = _sent(offer)
    if {"search", "refresh"} & request.form.keys() or ("enter" in request.form and form.searches):
        return _page(form, form.refusal)
    if form.is_draft:
        draft = _keep(form)
        current_session().commit()
        flash(_("The draft is saved. You find it on the first page."))
        return redirect(url_for("order.show", item_id=item_id, draft=draft.number), 303)
    if form.errors:
        return _page(form, form.errors, failed=True), 422
    made = ordering.submit(
        current_session(),
        offer.version,
        form.cleaned.answers,
        actor=current_user.person,
        beneficiary=form.beneficiary,
        key=f"{current_user.person.id}:{form.key}",
        body_hash=form.body_hash,
        draft=form.draft,
    )
    current_session().commit()
    return redirect(url_for("order.placed", item_id=item_id, number=made.number), 303)


@bp.post("/<item_id>/live")
@needs("order")
@only_reads
def live(item_id: str) -> str:
    """Show the questions and the price as they are with these answers; faults only where one has left."""
    form = _sent(_offer(item_id))
    touched = {name.removeprefix(PREFIX) for name in request.form.getlist("touched")}
    errors = {name: why for name, why in form.errors.items() if name in touched} | form.refusal
    return render_template("order/live.html", **_context(form, errors))


@bp.post("/<item_id>/draft")
@needs("order")
def autosave(item_id: str) -> str:
    """Keep what is typed so far; the page asks for this by itself."""
    form = _sent(_offer(item_id))
    form.is_draft = True
    _keep(form)
    current_session().commit()
    return str(_("Draft saved %(time)s", time=formatting.clock(clock.now())))


@bp.post("/<item_id>/discard")
@needs("order")
def discard(item_id: str) -> Response:
    """Throw a draft away."""
    draft = catalog.find_draft(current_session(), request.form.get("draft", ""), viewer=current_user.person)
    ordering.discard_draft(current_session(), draft, actor=current_user.person)
    current_session().commit()
    flash(_("The draft is thrown away."))
    return redirect(url_for("home.show"), 303)


@bp.get("/<item_id>/sent/<number>")
@needs("order")
def placed(item_id: str, number: str) -> str:
    """Say that the order is placed, and what happens next."""
    case = find_request(current_session(), number, viewer=current_user.person)
    if case.requester_id != current_user.person.id or case.item_key != item_id or case.state == "draft":
        raise NotFound
    return render_template("order/sent.html", **confirmation(current_session(), case))


def _offer(item_id: str) -> Offer:
    return catalog.find_item(current_session(), item_id, viewer=current_user.person)


def _fresh(offer: Offer) -> OrderForm:
    """Make the form for a look: from a draft, like an earlier order, or with answers named in the address."""
    session, person = current_session(), current_user.person
    if number := request.args.get("draft"):
        draft = catalog.find_draft(session, number, viewer=person)
        if draft.item_key != offer.key:
            raise NotFound
        return OrderForm.fresh(session, offer, person, draft=draft)
    known: Mapping[str, Any] = request.args
    for_id = request.args.get("for", type=int)
    if number := request.args.get("again"):
        earlier = find_request(session, number, viewer=person)
        if earlier.requester_id != person.id or earlier.item_key != offer.key:
            raise NotFound
        known, for_id = earlier.answers, None if offer.item.creates else earlier.beneficiary_id
    return OrderForm.fresh(session, offer, person, known=known, for_id=for_id)


def _sent(offer: Offer) -> OrderForm:
    if offer.item.kind not in ORDERED:
        raise NotFound
    session, person = current_session(), current_user.person
    drafts = catalog.drafts_of(session, person, offer.key)
    key = request.form.get("key")
    draft = next((each for each in drafts if each.facts.get("form") == key), None)
    return OrderForm.sent(session, offer, person, request.form, draft)


def _keep(form: OrderForm) -> ServiceRequest:
    draft = ordering.save_draft(
        current_session(),
        form.offer.version,
        form.cleaned.answers,
        actor=form.actor,
        beneficiary=form.beneficiary,
        draft=form.draft,
    )
    draft.facts = {**draft.facts, "form": form.key}
    return draft


def _page(form: OrderForm, errors: Mapping[str, Said], *, failed: bool = False) -> str:
    return render_template("order/show.html", failed=failed, **_context(form, errors))


def _context(form: OrderForm, errors: Mapping[str, Said]) -> dict[str, Any]:
    offer, item = form.offer, form.item
    would = preview(
        form.session,
        item,
        offer.version,
        form.cleaned.answers if not form.is_draft else {},
        actor=form.actor,
        beneficiary=form.beneficiary,
    )
    cards = sections(form, errors)
    found = form.found_for() if form.asks_for else None
    return {
        "form": form,
        "offer": offer,
        "item": item,
        "title": words(item.title),
        "summary": words(item.summary),
        "description": markdown.shown(item.description),
        "category": catalog.category_of(form.session, item.category),
        "words": words,
        "sections": cards,
        "panel": panel(form, would),
        "asked": " ".join(question.name for question in form.cleaned.visible if question.asks),
        "for_found": [person_choice(each, form.actor) for each in found.people] if found else None,
        "for_more": bool(found and found.more),
        "for_error": say(errors[FOR]) if FOR in errors else "",
        "summary_of_errors": _error_lines(form, errors, cards),
        "newer": bool(form.draft and form.version is None and form.draft.version_id != offer.version.id),
        "refreshes": any(each.refreshes for section in cards for each in section.fields) or form.asks_for,
    }


def _error_lines(form: OrderForm, errors: Mapping[str, Said], cards: list[Section]) -> list[tuple[str, str]]:
    """Return the faults in the order of the page, each with the id of its field."""
    places = {each.name.removeprefix(PREFIX): each.id for card in cards for each in card.fields}
    first = [name for name in ("", FOR) if name in errors]
    rest = [name for name in places if name in errors]
    others = [name for name in errors if name not in {*first, *rest}]
    own = (
        ("for" if form.item.order_for == "both" and form.whose == "me" else "for_person")
        if form.asks_for
        else ""
    )
    ids = {FOR: own} | places
    return [(ids.get(name, ""), say(errors[name])) for name in (*first, *others, *rest)]


def _reading(offer: Offer) -> str:
    item = offer.item
    link = words(item.link)[0] if item.link else ""
    return render_template(
        "order/reading.html",
        item=item,
        title=words(item.title),
        summary=words(item.summary),
        body=markdown.shown(item.body or item.description),
        link=link if urlsplit(link).scheme in ("https", "http", "mailto") else "",
        category=catalog.category_of(current_session(), item.category),
        words=words,
    )
