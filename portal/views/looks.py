"""What staff pages share: who looked at whom, texts without secrets, the names of teams."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import resources
from portal.domain import audit
from portal.domain.queries.people import MASKED, may_see_name
from portal.logs import mask
from portal.models.person import Person
from portal.models.team import Team
from portal.settings import Settings, SettingsProblem
from portal.views.saying import say
from portal.web import note, session

SHORTEST_SECRET = 4
"""Shorter than this would black out ordinary words."""


def note_protected(people: Iterable[Person | None], *, on: str) -> None:
    """Note, before the answer, that somebody looks at people with a protected identity."""
    viewer_id = current_user.person.id
    ids = sorted({each.id for each in people if each and each.is_protected and each.id != viewer_id})
    if not ids:
        return

    def add(notes: Session) -> None:
        actor = notes.get(Person, viewer_id)
        for person_id in ids:
            audit.record(notes, notes.get(Person, person_id), "look", actor=actor, page=on)

    note(add, before=True)


def name_of(person: Person) -> str:
    """Name somebody to whoever is asking; a protected name is for few."""
    return person.name if may_see_name(person, current_user.person) else str(_(MASKED))


def masker(settings: Settings) -> Callable[[str], str]:
    """Return what takes secrets out of a text: by their look, and those of connected systems by value."""
    try:
        found = [secret for each in resources.read(settings).values() for secret in _secrets(each)]
    except SettingsProblem:
        found = []

    def masked(text: str) -> str:
        for secret in found:
            text = text.replace(secret, "•••")
        return mask(text)

    return masked


def _secrets(resource: resources.ResourceConfig) -> Iterable[str]:
    """Look up the values that the operator's file keeps elsewhere."""
    try:
        opened = resource.opened()
    except SettingsProblem:
        return
    yield from _differing(resource.config, opened)


def _differing(written: Any, opened: Any) -> Iterable[str]:
    if isinstance(written, dict):
        for name, value in written.items():
            yield from _differing(value, opened[name])
    elif isinstance(written, list):
        for one, other in zip(written, opened, strict=True):
            yield from _differing(one, other)
    elif isinstance(opened, str) and opened != written and len(opened) >= SHORTEST_SECRET:
        yield opened


def team_choices() -> dict[str, str]:
    """Name every team in the reader's language, in the order of their names."""
    rows = [(team.key, say(team.names) or team.key) for team in session.scalars(select(Team))]
    return dict(sorted(rows, key=lambda each: each[1]))
