"""Everything that waits for the one who is signed in, in one list."""

from flask import Blueprint, current_app, render_template, url_for
from flask_login import current_user

from portal import clock
from portal.domain import org
from portal.domain.queries.case import title_of
from portal.domain.queries.todo import Job, todo_of
from portal.permissions import needs
from portal.web import session

bp = Blueprint("todo", __name__, url_prefix="/todo")


@bp.get("")
@needs("signed_in")
def index() -> str:
    """List what waits: approvals first, then questions, tasks, last days."""
    person = current_user.person
    return render_template(
        "todo/index.html",
        todo=todo_of(session, person),
        title_of=title_of,
        today=clock.today(session),
        stands_in_for=org.stand_ins_for(session, person),
        stand_ins=org.stand_ins_of(session, person),
        task_url=task_url,
    )


def task_url(job: Job) -> str:
    """Lead to a task: its own page."""
    if "work.show" in current_app.view_functions:
        return url_for("work.show", task_id=job.task.id)
    assert job.task.request is not None
    return url_for("requests.show", number=job.task.request.number)
