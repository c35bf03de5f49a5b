"""Signing in and out."""

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug import Response

from portal import auth, demo_mode, passwords
from portal.errors import NotFound
from portal.forms.signin import CodeForm, PasswordForm
from portal.models.person import Person
from portal.permissions import needs
from portal.web import current_database, current_session, current_settings

bp = Blueprint("signin", __name__)


@bp.get("/sign-in")
@needs("public")
def show() -> str:
    """Show the ways to sign in."""
    return _page(PasswordForm(), CodeForm())


@bp.post("/sign-in")
@needs("public")
def password() -> Response | tuple[str, int]:
    """Sign in with a user name and a password."""
    settings = current_settings()
    if not settings.flag("signin.local"):
        raise NotFound
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form, CodeForm()), 422
    person_id = passwords.check_password(
        current_database(), settings, form.username.data, form.password.data, request.remote_addr or ""
    )
    if person_id is None:
        form.password.errors = [_("The user name or the password is wrong.")]
        return _page(form, CodeForm()), 422
    return _go_in(person_id, "password")


@bp.post("/sign-in/code")
@needs("public")
def demo_code() -> Response | tuple[str, int]:
    """Open the demo on another machine than the one it runs on."""
    if demo_mode.running() is None:
        raise NotFound
    form = CodeForm()
    passwords.refuse_after_failures(
        current_database(), current_settings(), "demo code", request.remote_addr or ""
    )
    if not form.validate_on_submit() or not demo_mode.give_code(form.code.data):
        passwords.remember_failure(current_database(), "demo code", request.remote_addr or "")
        form.code.errors = [_("That is not the code. It stands where the demo was started.")]
        return _page(PasswordForm(formdata=None), form), 422
    return redirect(auth.safe_next(request.args.get("next")), 303)


@bp.post("/sign-in/as/<int:person_id>")
@needs("demo")
def demo_person(person_id: int) -> Response:
    """Be one of the demo's people."""
    demo = demo_mode.running()
    if demo is None or person_id not in {each.person_id for each in demo.people(current_session())}:
        raise NotFound
    return _go_in(person_id, "demo")


@bp.post("/sign-out")
@needs("public")
def out() -> Response:
    """Sign out, here and on the server."""
    if current_user.is_authenticated:
        auth.end(current_session())
        current_session().commit()
        flash(_("You are signed out."))
    return redirect("/sign-in", 303)


def _go_in(person_id: int, method: str) -> Response:
    session = current_session()
    if current_user.is_authenticated:
        auth.end(session)
    person = session.get(Person, person_id)
    if person is None or person.is_disabled or person.is_hidden:
        raise NotFound
    auth.begin(session, person, method=method)
    session.commit()
    return redirect(auth.safe_next(request.args.get("next")), 303)


def _page(form: PasswordForm, code: CodeForm) -> str:
    demo = demo_mode.running()
    open_demo = demo is not None and demo_mode.lets_in()
    settings = current_settings()
    errors = [(name, words[0]) for each in (code, form) for name, words in each.errors.items()]
    return render_template(
        "signin.html",
        errors=errors,
        failed=bool(errors),
        form=form,
        code_form=code,
        asks_for_code=demo is not None and not open_demo,
        people=demo.people(current_session()) if demo and open_demo else [],
        next=auth.safe_next(request.args.get("next")),
        is_local=settings.flag("signin.local"),
        is_unprotected=not settings.is_https and not settings.is_loopback,
    )
