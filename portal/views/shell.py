"""The frame around every page: menus, counts, languages, the organisation's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from portal import demo_mode
from portal.domain.queries import counts, work
from portal.i18n import N_
from portal.permissions import PERMISSIONS, may
from portal.views import assets
from portal.web import current_session, current_settings

OWN_NAMES: Final = {"sv": "Svenska", "nb": "Norsk bokmål", "en": "English"}


@dataclass(frozen=True)
class Entry:
    """One line of a menu: where it leads, its word and icon, which paths belong to it, what is counted."""

    path: str
    label: str
    icon: str = ""
    beneath: tuple[str, ...] = ()
    counts: str = ""


MAIN: Final = (
    Entry("/", N_("Order"), "bag", ("/catalog", "/order")),
    Entry("/requests", N_("Cases"), "list-check", ("/requests",)),
    Entry("/mine", N_("What I have"), "laptop", ("/mine",)),
    Entry("/todo", N_("To do"), "check2-square", ("/todo", "/approvals"), "todo"),
)
STAFF: Final = (
    Entry("/work", N_("Work queue"), "", ("/work",), "work"),
    Entry("/studio", N_("Catalog"), "", ("/studio",)),
    Entry("/people", N_("People"), "", ("/people",)),
    Entry("/resources", N_("Connected systems"), "", ("/resources",)),
    Entry("/reports", N_("Reports"), "", ("/reports",)),
    Entry("/audit", N_("Audit log"), "", ("/audit",)),
    Entry("/settings", N_("Settings"), "", ("/settings",)),
)


def init_app(app: Flask) -> None:
    """Give every template what the frame needs. Call when all blueprints are registered."""
    app.extensions["menu_rights"] = {
        entry.path: right for entry in (*MAIN, *STAFF) if (right := _right_of(app, entry.path))
    }
    app.context_processor(_frame)


def _right_of(app: Flask, path: str) -> str | None:
    """Tell what right a menu's page asks for; nothing if there is no such page."""
    try:
        endpoint, _values = app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return None
    return PERMISSIONS.get(endpoint)


def _frame() -> dict[str, Any]:
    settings = current_settings()
    logo = settings.file("portal.logo")
    signed_in = bool(current_user.is_authenticated)
    demo = demo_mode.running()
    counts = _counts() if signed_in else {}
    return {
        "portal": {
            "name": settings.text("portal.name"),
            "organisation_name": settings.text("portal.organisation") or settings.text("portal.name"),
            "logo": assets.asset(f"logo{logo.suffix.lower()}") if logo else "",
            "service_desk_phone": settings.text("portal.service_desk_phone"),
            "service_desk_url": _mailto(settings.text("portal.service_desk_mail")),
            "accessibility_url": settings.text("portal.accessibility_url"),
        },
        "nav": _menu(MAIN, counts) if signed_in else [],
        "nav_staff": _menu(STAFF, counts) if signed_in else [],
        "account": {
            "language_url": url_for("preferences.language"),
            "theme_url": url_for("preferences.theme"),
            "logout_url": url_for("signin.out"),
            "links": [],
        },
        "languages": [(code, OWN_NAMES[code]) for code in settings.names("portal.languages")],
        "demo": demo.banner(current_session()) if demo and demo_mode.lets_in() else None,
    }


def _menu(entries: tuple[Entry, ...], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    rights: Mapping[str, str] = current_app.extensions["menu_rights"]
    return [
        {
            "url": entry.path,
            "label": _(entry.label),
            "icon": entry.icon,
            "count": counts.get(entry.counts, 0),
            "current": request.path == entry.path
            or request.path.startswith(tuple(f"{each}/" for each in entry.beneath)),
        }
        for entry in entries
        if entry.path in rights and may(rights[entry.path])
    ]


def _counts() -> Mapping[str, int]:
    """Count what waits for the reader, once a request."""
    if "_counts" not in g:
        session, person = current_session(), current_user.person
        with session.no_autoflush:  # a page that says what went wrong does not write it first
            g._counts = {"todo": counts.todo(session, person)}
            if may("work"):
                g._counts["work"] = work.count(session, person)
    return cast(Mapping[str, int], g._counts)


def _mailto(address: str) -> str:
    return f"mailto:{address}" if address else ""
