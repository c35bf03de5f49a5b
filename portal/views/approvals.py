"""Deciding: from the link in a letter, signed in, or several at once."""

import logging

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal.domain import approvals, items, links, messages
from portal.domain.queries import approvals as asked
from portal.domain.queries.answers import shown_answers
from portal.domain.queries.case import title_of
from portal.domain.queries.now import REASONS
from portal.domain.queries.requests import may_see
from portal.domain.queries.todo import Ask
from portal.domain.queries.todo import asked as asked_of
from portal.errors import NotAllowed, NotFound
from portal.forms.decision import DecisionForm
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.work import Link
from portal.permissions import needs
from portal.views.case_page import hue_of
from portal.web import only_reads, session

bp = Blueprint("approvals", __name__)
Page = str | tuple[str, int]
log = logging.getLogger(__name__)

ANOTHER = N_(
    "This link was sent to somebody else. What waits for you, you find under To do. "
    "If it was forwarded to you, ask the one who sent it to answer."
)


@bp.get("/approve/<token>")
@needs("public")
def landing(token: str) -> Response | Page:
    """Show what a letter asks about. Opening it decides nothing, however often."""
    link, approval = asked.find_linked(session, token)
    person = _meant(link)
    if not links.is_open(link):
        return _expired(approval)
    if asked.needs_sign_in(session, approval, person) and not current_user.is_authenticated:
        return redirect(
            url_for("signin.show", next=url_for("approvals.show", number=approval.request.number))
        )
    chosen = request.args.get("answer", "")
    return _page(approval, person, DecisionForm(formdata=None), token=token, chosen=chosen)


@bp.post("/approve")
@needs("public")
def decide_by_link() -> Response | Page:
    """Say yes or no, or ask, by the token of a letter."""
    form = DecisionForm()
    link, approval = asked.find_linked(session, form.token.data or "")
    person = _meant(link)
    if not links.is_open(link):
        return _expired(approval)
    if asked.needs_sign_in(session, approval, person) and not current_user.is_authenticated:
        raise NotAllowed(N_("Sign in to answer this. You find it under To do."))
    refusal = _refusal(approval, person, form, token=form.token.data)
    if refusal is not None:
        return refusal
    _answer(approval, person, form, channel="link")
    return redirect(url_for("approvals.landing", token=form.token.data), 303)


@bp.get("/requests/<number>/decide")
@needs("approve")
def show(number: str) -> Page:
    """Show what one is asked about a case."""
    approval = asked.find_approval(session, number, viewer=current_user.person)
    chosen = request.args.get("answer", "")
    return _page(approval, current_user.person, DecisionForm(formdata=None), chosen=chosen)


@bp.post("/requests/<number>/decide")
@needs("approve")
def decide(number: str) -> Response | Page:
    """Say yes or no, or ask."""
    person = current_user.person
    approval = asked.find_approval(session, number, viewer=person)
    form = DecisionForm()
    refusal = _refusal(approval, person, form)
    if refusal is not None:
        return refusal
    _answer(approval, person, form, channel="web")
    left = len(asked_of(session, person))
    return redirect(url_for("todo.index") if left else url_for("approvals.show", number=number), 303)


@bp.get("/approvals")
@needs("approve")
def index() -> str:
    """List what one is asked, to tick several at once."""
    return render_template("approvals/index.html", asks=_asks(), errors=[], failed=False)


@bp.post("/approvals/look")
@needs("approve")
@only_reads
def look() -> Page:
    """Show the ticked ones together before they are approved."""
    ticked = set(request.form.getlist("approval"))
    chosen = [each for each in _asks() if _ref(each.approval) in ticked]
    if not chosen:
        errors = [("approval", _("Tick at least one order."))]
        return render_template("approvals/index.html", asks=_asks(), errors=errors, failed=True), 422
    return render_template(
        "approvals/confirm.html", asks=chosen, refs=[_ref(each.approval) for each in chosen]
    )


@bp.post("/approvals")
@needs("approve")
def approve_several() -> Response:
    """Approve those that were shown together; one that has changed since stops them all."""
    ticked = request.form.getlist("approval")[:100]
    waiting = {str(each.id): each for each in approvals.waiting_for(session, current_user.person)}
    for ref in ticked:
        number, _dot, revision = ref.partition(".")
        approval = waiting.get(number)
        if approval is None or not revision.isdecimal():
            raise approvals.Changed
        approvals.decide(
            session, approval, "approve", actor=current_user.person, revision=int(revision[:9]), channel="web"
        )
    session.commit()
    flash(_("Your answers are recorded."))
    return redirect(url_for("todo.index"), 303)


def _asks() -> list[Ask]:
    return asked_of(session, current_user.person)


def _ref(approval: Approval) -> str:
    return f"{approval.id}.{approval.revision}"


def _meant(link: Link) -> Person:
    """Return the person a letter was for; somebody who is signed in as another is refused."""
    person = link.person
    if person is None or person.is_disabled or person.is_hidden:
        raise NotFound
    if current_user.is_authenticated and current_user.person.id != person.id:
        log.warning("person %s opened a link of person %s", current_user.person.id, person.id)
        raise NotAllowed(ANOTHER)
    return person


def _refusal(approval: Approval, person: Person, form: DecisionForm, *, token: str = "") -> Page | None:
    """Return the page that says why this answer does not count, or None when it does."""
    if not asked.can_be_answered(session, approval, person):
        return _page(approval, person, DecisionForm(formdata=None), token=token, status=409)
    if not form.validate():
        return _page(approval, person, form, token=token, status=422)
    if form.revision.data != approval.request.revision:
        return _page(approval, person, form, token=token, status=409, has_changed=True)
    return None


def _answer(approval: Approval, person: Person, form: DecisionForm, *, channel: str) -> None:
    comment = (form.comment.data or "").strip()
    if form.decision.data == "ask":
        messages.send_back(session, approval.request, actor=person, question=comment)
        said = _("Your question is sent. You are asked again when the answer has come.")
    else:
        approvals.decide(
            session,
            approval,
            form.decision.data,
            actor=person,
            revision=form.revision.data,
            comment=comment,
            channel=channel,
        )
        said = _("Your answer is recorded.")
    session.commit()
    flash(said)


def _page(
    approval: Approval,
    person: Person,
    form: DecisionForm,
    *,
    token: str = "",
    chosen: str = "",
    status: int = 200,
    has_changed: bool = False,
) -> Page:
    """Show what is asked, or what became of it, in the same place."""
    about = approval.request
    item = items.load(about.version)
    open_ = asked.can_be_answered(session, approval, person)
    errors = [
        (name, str(words[0]))
        for name, words in form.errors.items()
        if name in ("comment", "decision", "revision")
    ]
    fields = {"decision": "comment", "revision": "comment"}
    body = render_template(
        "approvals/show.html",
        approval=approval,
        request_=about,
        item=item,
        hue=hue_of(session, item),
        title=title_of(about),
        reader=person,
        answers=shown_answers(session, about, item),
        background=asked.background(session, approval) if open_ else [],
        ready_on=asked.ready_by(session, approval) if open_ else None,
        reason=REASONS.get(approval.reason, REASONS["rule"]),
        is_open=open_,
        may_ask=open_ and asked.can_be_sent_back(session, approval),
        record=None if open_ else asked.record_of(session, approval),
        record_comment=approval.comment if approval.state in ("approved", "rejected") else "",
        case_url=url_for("requests.show", number=about.number) if _may_open(approval) else "",
        chosen=form.decision.data or (chosen if chosen in ("approve", "reject", "ask") else ""),
        form=form,
        token=token,
        has_changed=has_changed,
        errors=[(fields.get(name, name), words) for name, words in errors],
        failed=bool(errors),
    )
    return body if status == 200 else (body, status)


def _may_open(approval: Approval) -> bool:
    return current_user.is_authenticated and may_see(session, approval.request, current_user.person)


def _expired(approval: Approval) -> tuple[str, int]:
    """Say that a link is too old; those who may see the case are told how it is."""
    may = _may_open(approval)
    return render_template(
        "approvals/expired.html",
        request_=approval.request,
        title=title_of(approval.request) if may else None,
        record=asked.record_of(session, approval) if may and approval.state != "waiting" else None,
        may_see=may,
        is_waiting=may and asked.can_be_answered(session, approval, current_user.person),
    ), 410
