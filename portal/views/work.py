"""The work queue, and the page of each task in it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from catalog.steps.task import Result
from portal.domain import messages, tasks
from portal.domain.queries import work
from portal.domain.queries.case import Case, title_of
from portal.domain.queries.requests import find_request, may_see
from portal.domain.queries.task import TaskPage, find_task
from portal.errors import NotAllowed, NotFound
from portal.forms.message import MessageForm
from portal.forms.task import HandOverForm, Results, WhyForm, read_results
from portal.models.request import ServiceRequest
from portal.permissions import may, needs
from portal.views import looks
from portal.views.saying import say
from portal.web import current_settings, session

bp = Blueprint("work", __name__, url_prefix="/work")


@bp.get("")
@needs("work")
def index() -> str:
    """List what waits for hands: one's own, one's teams', what nobody has taken."""
    person = current_user.person
    tab = request.args.get("tab", "team")
    tab = tab if tab in work.TABS else "team"
    teams = work.teams_seen(session, person)
    team = request.args.get("team", "")
    team = team if team in teams and tab != "mine" else ""
    after = request.args.get("after", "")
    page = work.queue(session, person, tab=tab, team=team, after=after)
    kept: dict[str, Any] = {"tab": tab} | ({"team": team} if team else {})
    undos = [] if tab == "mine" or team else work.undos(session, person)
    return render_template(
        "work/index.html",
        tab=tab,
        team=team,
        teams=sorted(((key, say(names)) for key, names in teams.items()), key=lambda each: each[1]),
        team_names={key: say(names) for key, names in teams.items()},
        counts={
            each: work.count(session, person, each, "" if each == "mine" else team) for each in work.TABS
        },
        page=page,
        undos=[(each, title_of(each, person)) for each in undos],
        paused=work.paused(session),
        sees_systems=may("resources.view"),
        name_of=looks.name_of,
        next_url=url_for("work.index", after=page.after, **kept) if page.after else "",
        first_url=url_for("work.index", **kept) if after else "",
    )


@bp.get("/<int:task_id>")
@needs("work")
def show(task_id: int) -> str:
    """Show a task: what to do, what was ordered, what to note."""
    page = _find(task_id)
    looks.note_protected([page.request.beneficiary], on="task")
    return _page(page)


@bp.post("/<int:task_id>/take")
@needs("work")
def take(task_id: int) -> Response:
    """Say that one is on it."""
    page = _find(task_id)
    tasks.take(session, page.task, actor=current_user.person)
    session.commit()
    flash(_("The task is yours now."))
    return redirect(url_for("work.show", task_id=task_id), 303)


@bp.post("/<int:task_id>/hand-over")
@needs("work")
def hand_over(task_id: int) -> Response | tuple[str, int]:
    """Give a task back to its team, or to another."""
    page = _find(task_id)
    form = HandOverForm(looks.team_choices())
    if not form.validate_on_submit():
        return _page(page, hand_over=form), 422
    note = (form.note.data or "").strip()
    tasks.hand_over(session, page.task, actor=current_user.person, team=form.team.data)
    if note:
        messages.write(session, page.request, actor=current_user.person, text=note, is_internal=True)
    session.commit()
    flash(_("The task is handed over to %(team)s.", team=looks.team_choices()[form.team.data]))
    return redirect(url_for("work.index"), 303)


@bp.post("/<int:task_id>/ask")
@needs("work")
def ask(task_id: int) -> Response | tuple[str, int]:
    """Put a question to the one who ordered."""
    page = _find(task_id)
    _demand(page, "ask")
    form = MessageForm()
    if not form.validate_on_submit():
        return _page(page, question=form), 422
    tasks.ask_requester(session, page.task, actor=current_user.person, text=form.text.data)
    session.commit()
    flash(_("Your question is sent."))
    return redirect(url_for("work.show", task_id=task_id), 303)


@bp.post("/<int:task_id>/done")
@needs("work")
def done(task_id: int) -> Response | tuple[str, int]:
    """Say that it is done, with its results."""
    page = _find(task_id)
    lines = len(page.task.payload.get("checklist") or ())
    results = read_results(
        session, page.results, request.form, item=page.case.item, actor=current_user.person, lines=lines
    )
    if results.errors and "done" in page.actions:
        return _page(page, results=results), 422
    tasks.complete(
        session, page.task, actor=current_user.person, results=results.kept, checked=results.checked
    )
    session.commit()
    flash(_("The task is done."))
    return redirect(url_for("work.index", tab=request.form.get("tab") or None), 303)


@bp.post("/<int:task_id>/retry")
@needs("work")
def retry(task_id: int) -> Response:
    """Try a failed step again."""
    page = _find(task_id)
    tasks.retry(session, page.task, actor=current_user.person)
    session.commit()
    flash(_("The step is tried again. It may take a moment."))
    if may_see(session, page.request, current_user.person):
        return redirect(url_for("requests.show", number=page.request.number), 303)
    return redirect(url_for("work.index"), 303)


@bp.get("/<int:task_id>/by-hand")
@needs("work")
def ask_by_hand(task_id: int) -> str:
    """Ask how a step was done by hand."""
    page = _find(task_id)
    _demand(page, "by_hand")
    return _why("work/by_hand.html", page, WhyForm(formdata=None))


@bp.post("/<int:task_id>/by-hand")
@needs("work")
def by_hand(task_id: int) -> Response | tuple[str, int]:
    """Note that a step was done by hand."""
    page = _find(task_id)
    _demand(page, "by_hand")
    form = WhyForm()
    if not form.validate_on_submit():
        return _why("work/by_hand.html", page, form), 422
    tasks.by_hand(session, page.task, actor=current_user.person, result={}, reason=form.reason.data)
    session.commit()
    flash(_("Noted as done by hand. The case goes on."))
    return redirect(url_for("work.index"), 303)


@bp.get("/<int:task_id>/skip")
@needs("work")
def ask_skip(task_id: int) -> str:
    """Ask before a step is left out."""
    page = _find(task_id)
    _demand(page, "skip")
    return _why("work/skip.html", page, WhyForm(formdata=None))


@bp.post("/<int:task_id>/skip")
@needs("work")
def skip(task_id: int) -> Response | tuple[str, int]:
    """Go on without a step."""
    page = _find(task_id)
    _demand(page, "skip")
    form = WhyForm()
    if not form.validate_on_submit():
        return _why("work/skip.html", page, form), 422
    tasks.skip(session, page.task, actor=current_user.person, reason=form.reason.data)
    session.commit()
    flash(_("The step is skipped. The case goes on."))
    return redirect(url_for("work.index"), 303)


@bp.get("/undo/<number>")
@needs("work")
def ask_undo(number: str) -> str:
    """Ask whether what a closed order made is taken back."""
    found = _find_undo(number)
    case = Case(session, found)
    return render_template(
        "work/undo.html",
        request_=found,
        title=title_of(found, current_user.person),
        steps=[case.label(each.step) for each in case.process.steps],
    )


@bp.post("/undo/<number>")
@needs("work")
def undo(number: str) -> Response:
    """Agree to take back what a closed order made."""
    found = _find_undo(number)
    tasks.carry_out_undo(session, found, actor=current_user.person)
    session.commit()
    flash(_("What was made is being taken back."))
    return redirect(url_for("requests.show", number=number), 303)


def _find(task_id: int) -> TaskPage:
    return find_task(session, task_id, viewer=current_user.person)


def _find_undo(number: str) -> ServiceRequest:
    found = find_request(session, number, viewer=current_user.person)
    if not found.facts.get("awaits_agent"):
        raise NotFound
    return found


def _demand(page: TaskPage, action: str) -> None:
    if action not in page.actions:
        raise NotAllowed


def _page(
    page: TaskPage,
    *,
    results: Results | None = None,
    hand_over: HandOverForm | None = None,
    question: MessageForm | None = None,
) -> str:
    teams = looks.team_choices()
    question = question or MessageForm(formdata=None)
    errors = [(f"result-{name}", say(why)) for name, why in results.errors.items()] if results else []
    errors += [("text", str(why)) for why in _first(question.text.errors)]
    if hand_over:
        errors += [("team", str(why)) for why in _first(hand_over.team.errors)]
        errors += [("note", str(why)) for why in _first(hand_over.note.errors)]
    return render_template(
        "work/show.html",
        page=page,
        results=results,
        values=_values(page, results),
        hand_over=hand_over,
        question=question,
        teams=teams,
        title_of_case=title_of(page.request, current_user.person),
        sees_case=may_see(session, page.request, current_user.person),
        masked=looks.masker(current_settings()),
        looks_of=_looks_of,
        errors=errors,
        failed=bool(errors),
    )


def _looks_of(result: Result, value: Any) -> Any:
    """Write a result as it is read: the label of a choice, a day in words."""
    if result.type == "date" and isinstance(value, str) and value:
        return date.fromisoformat(value)
    labels = {each.value: each.label for each in result.choices}
    return labels.get(value, value) if isinstance(value, str) else value


def _values(page: TaskPage, results: Results | None) -> dict[str, Any]:
    if results is not None:
        return dict(results.typed)
    return {each.name: page.result_of(each.name) for each in page.results}


def _first(errors: Iterable[object]) -> list[object]:
    return list(errors)[:1]


def _why(template: str, page: TaskPage, form: WhyForm) -> str:
    errors = [("reason", str(why)) for why in _first(form.reason.errors)]
    return render_template(
        template,
        page=page,
        form=form,
        masked=looks.masker(current_settings()),
        title_of_case=title_of(page.request, current_user.person),
        errors=errors,
        failed=bool(errors),
    )
