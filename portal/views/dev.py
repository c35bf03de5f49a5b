"""Every component on one page, for those who develop: only where Flask runs with --debug."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from flask import Blueprint, current_app, flash, render_template, request

from portal.errors import NotFound
from portal.permissions import needs
from portal.views.statuses import STATUSES

bp = Blueprint("dev", __name__, url_prefix="/dev")

NOON: Final = datetime(2026, 11, 20, 12, 10, tzinfo=UTC)


@bp.get("/components")
@needs("public")
def components() -> str:
    """Show each macro, in the frame of somebody who works in IT. `?theme=dark` shows it dark."""
    if not current_app.debug:
        raise NotFound
    flash("Your answer is recorded.")
    return render_template(
        "dev/components.html",
        **_frame(),
        failed=True,
        statuses=STATUSES,
        now=datetime.now(UTC),
        noon=NOON,
        thursday=date(2026, 11, 26),
        five_minutes=timedelta(minutes=5),
        orders=_orders(),
        weeks=[str(week) for week in range(36, 48)],
    )


def _frame() -> dict[str, Any]:
    person = SimpleNamespace(
        name="Mia Berg", initials="MB", language="en", theme=request.args.get("theme", "auto")
    )
    return {
        "current_user": SimpleNamespace(is_authenticated=True, person=person),
        "nav": [
            _entry("Order", "bag", current=True),
            _entry("Requests", "list-check"),
            _entry("What I have", "laptop"),
            _entry("To do", "check2-square", count=2),
        ],
        "nav_staff": [
            _entry("Work queue", count=114, current=True),
            *(_entry(word) for word in ("Catalog", "People", "Connected systems", "Reports", "Audit log")),
        ],
        "demo": {"today": NOON.date(), "clock_url": "#", "mailbox_url": "#", "people_url": "#"},
    }


def _entry(label: str, icon: str = "", *, count: int = 0, current: bool = False) -> dict[str, Any]:
    return {"url": "#", "label": label, "icon": icon, "count": count, "current": current}


def _orders() -> list[SimpleNamespace]:
    rows = [
        ("B26-10482", 'Laptop 14"', "Noah Lind", "in_delivery", 312),
        ("B26-10481", "Account for a new employee", "Elin Sandström", "in_approval", 79),
        ("B26-10466", "Access to the records system", "Amir Rahimi", "needs_attention", 0),
        ("B26-10391", "Mobile subscription", "Karin Lindgren", "delivered", 129),
    ]
    names = ("number", "item", "person", "state", "monthly")
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in rows]
