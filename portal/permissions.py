"""Who may open which page: one line a route. A route without a line stops the start.

`public` asks nothing, `signed_in`, `order` and `approve` ask for a signed-in person, `demo` for a running
demo; the others are rights that somebody was given (`portal.rights`). What may be done with one certain
thing, the verbs ask.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import demo_mode
from portal.errors import NotAllowed, NotFound
from portal.rights import EVERYONES, GRANTED

P = ParamSpec("P")
R = TypeVar("R")

RIGHTS: Final = {"public", "demo", *EVERYONES, *GRANTED}

PERMISSIONS: Final[dict[str, str]] = {
    # signing in and out, what somebody prefers
    "signin.show": "public",
    "signin.password": "public",
    "signin.demo_code": "public",
    "signin.demo_person": "demo",
    "signin.out": "public",
    "preferences.language": "public",
    "preferences.theme": "public",
    # following what was ordered; whose it is, the queries say
    "requests.index": "signed_in",
    "requests.show": "signed_in",
    "requests.live": "signed_in",
    "requests.write": "signed_in",
    "requests.answer": "signed_in",
    "requests.remind": "signed_in",
    "requests.ask_withdraw": "signed_in",
    "change.show": "signed_in",
    "change.send": "signed_in",
    "change.live": "signed_in",
    "requests.withdraw": "signed_in",
    # what somebody has, what waits for them
    "mine.index": "signed_in",
    "mine.people": "signed_in",
    "mine.ask_end": "signed_in",
    "mine.end": "signed_in",
    "mine.ask_extend": "signed_in",
    "mine.extend": "signed_in",
    "todo.index": "signed_in",
    "extensions.show": "signed_in",
    "extensions.answer": "signed_in",
    # deciding; what comes from a letter stands on the letter's link
    "approvals.index": "approve",
    "approvals.look": "approve",
    "approvals.approve_several": "approve",
    "approvals.show": "approve",
    "approvals.decide": "approve",
    "approvals.landing": "public",
    "approvals.decide_by_link": "public",
    "extensions.landing": "public",
    "extensions.answer_by_link": "public",
    "passwords.show": "public",
    "passwords.open_once": "public",
    # finding and ordering
    "home.show": "order",
    "catalog.index": "order",
    "catalog.category": "order",
    "catalog.search": "order",
    "order.show": "order",
    "order.send": "order",
    "order.live": "order",
    "order.autosave": "order",
    "order.discard": "order",
    "order.placed": "order",
    # the work queue
    "work.index": "work",
    "work.show": "work",
    "work.take": "work",
    "work.hand_over": "work",
    "work.ask": "work",
    "work.done": "work",
    "work.retry": "work",
    "work.ask_by_hand": "work",
    "work.by_hand": "work",
    "work.ask_skip": "work",
    "work.skip": "work",
    "work.ask_undo": "work",
    "work.undo": "work",
    # the demo's own pages
    "demo.index": "demo",
    "demo.mailbox": "demo",
    "demo.letter": "demo",
    "demo.frame": "demo",
    "demo.clock": "demo",
    "demo.turn": "demo",
    "demo.directory_page": "demo",
    "demo.take_away": "demo",
    # writing and publishing what can be ordered
    "studio.index": "catalog.edit",
    "studio.show": "catalog.edit",
    "studio.save": "catalog.edit",
    "studio.live": "catalog.edit",
    "studio.ask_try": "catalog.edit",
    "studio.attempt": "catalog.edit",
    "studio.live_try": "catalog.edit",
    "publishing.ask_publish": "catalog.publish",
    "publishing.publish": "catalog.publish",
    "publishing.versions": "catalog.edit",
    "publishing.version": "catalog.edit",
    "publishing.ask_copy": "catalog.edit",
    "publishing.copy": "catalog.edit",
    "publishing.ask_retire": "catalog.publish",
    "publishing.retire": "catalog.publish",
    "publishing.discard": "catalog.edit",
    # connected systems, settings in force
    "resources.index": "resources.view",
    "resources.try_now": "resources.operate",
    "settings.index": "settings.view",
    # people
    "people.index": "people.view",
    "people.show": "people.view",
    # the audit log
    "audit.index": "audit.view",
    "audit.download": "audit.view",
    # reports
    "reports.index": "reports.view",
    "reports.download": "reports.view",
    # how the portal feels
    "health.live": "public",
    "health.ready": "public",
    # what pages are dressed in
    "assets.show": "public",
    # every component on one page; not there unless Flask runs with --debug
    "dev.components": "public",
}


class RouteWithoutRight(RuntimeError):
    """Somebody added a page and did not say who may open it."""


def needs(right: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Name the right of the view below; the table decides, and a test sees that they agree."""
    if right not in RIGHTS:
        raise ValueError(f"There is no right {right}.")

    def name_it(view: Callable[P, R]) -> Callable[P, R]:
        view.needs = right  # type: ignore[attr-defined]  # a mark for the start-up check
        return view

    return name_it


def init_app(app: Flask) -> None:
    """Ask for the route's right before every view. Call when all blueprints are registered."""
    refuse_undeclared(app)
    app.before_request(_ask)


def refuse_undeclared(app: Flask, table: dict[str, str] | None = None) -> None:
    """Stop the start unless every route has exactly one line, and the same as its view names."""
    table = PERMISSIONS if table is None else table
    problems = []
    for endpoint, view in sorted(app.view_functions.items()):
        right, named = table.get(endpoint), getattr(view, "needs", None)
        if right is None:
            problems.append(f'    "{endpoint}": "{named or "…"}",')
        elif right not in RIGHTS:
            problems.append(f"    {endpoint}: there is no right {right}")
        elif named not in (None, right):
            problems.append(f"    {endpoint}: the view says {named}, the table {right}")
    if problems:
        raise RouteWithoutRight("These routes need a line in portal/permissions.py:\n" + "\n".join(problems))


def may(right: str) -> bool:
    """Tell whether who is asking has a right somewhere; for menus and templates."""
    if right == "public":
        return True
    if right == "demo":
        return demo_mode.lets_in()
    return bool(current_user.is_authenticated) and current_user.rights.has(right)


def _ask() -> ResponseReturnValue | None:
    if request.endpoint is None:  # no such page; the router's own error follows
        return None
    right = PERMISSIONS[request.endpoint]
    if right == "demo" and not demo_mode.lets_in():
        raise NotFound
    if right in ("public", "demo"):
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined,no-any-return]  # flask-login's
    if not current_user.rights.has(right):
        raise NotAllowed
    return None
