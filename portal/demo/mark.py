"""When the demo was made: what came later is the visitor's own doing."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy.orm import Session

from portal import clock
from portal.models.setting import Setting

KEY: Final = "demo.made_at"


def note_made(session: Session) -> None:
    """Write down that the demo is made, on the machine's clock; the first time counts."""
    if session.get(Setting, KEY) is None:
        session.add(Setting(key=KEY, value=clock.now().isoformat()))


def made_at(session: Session) -> datetime:
    """Tell when it was made; before everything, where nobody wrote it down."""
    found = session.get(Setting, KEY)
    return datetime.fromisoformat(found.value) if found is not None else datetime(2000, 1, 1, tzinfo=UTC)
