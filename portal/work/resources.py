"""Connected systems at work: opened for a step, paused when wrongly set up, going on when mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Connector
from connectors.errors import ConnectorError, Misconfigured
from portal import clock
from portal import resources as configured
from portal.domain.resources import carry_on
from portal.domain.transitions import move
from portal.models.work import ResourceStatus
from portal.settings import Settings, SettingsProblem
from portal.work.world import open_named

NOTED_EVERY = timedelta(seconds=30)
"""A system that works is noted so often; a row for each call would be written for nothing."""


@contextmanager
def opened(settings: Settings, name: str) -> Iterator[Connector]:
    """Open a connected system for one step; settings that cannot be read are Misconfigured."""
    try:
        connector = open_named(settings, name)
    except SettingsProblem as problem:
        raise Misconfigured(str(problem)) from problem
    with connector:
        yield connector


def status_of(session: Session, name: str) -> ResourceStatus:
    """Return the row that keeps how a system is doing."""
    row = session.get(ResourceStatus, name)
    if row is None:
        row = ResourceStatus(name=name, state="running", settings_digest="", last_error="")
        session.add(row)
        session.flush()
    return row


def is_paused(session: Session, name: str) -> bool:
    """Say whether a system's tasks wait."""
    state = session.scalars(select(ResourceStatus.state).where(ResourceStatus.name == name)).first()
    return state == "paused"


def digest_of(settings: Settings, name: str) -> str:
    """Tell a system's settings apart, secrets too; empty when they cannot be read."""
    try:
        found = configured.read(settings).get(name)
        return found.digest() if found is not None else ""
    except SettingsProblem:
        return ""


def note(session: Session, settings: Settings, name: str, error: ConnectorError | None) -> bool:
    """Keep how a call went, and say whether the system goes on.

    Wrong settings pause it, once for each set of settings.
    """
    row = status_of(session, name)
    if error is None:
        if row.last_ok_at is None or clock.now() - row.last_ok_at > NOTED_EVERY:
            row.last_ok_at = clock.now()
        return row.state == "running"
    row.last_error, row.last_error_at = str(error)[:2000], clock.now()
    if isinstance(error, Misconfigured) and row.state == "running":
        row.cause = {
            "message": error.message,
            "detail": error.detail,
            "advice": error.advice,
            "field": error.field,
        }
        row.settings_digest = digest_of(settings, name)
        row.paused_at = clock.now()
        move(session, row, "pause", actor=None, note=error.message)
    return row.state == "running"


def carry_on_when_mended(session: Session, settings: Settings) -> list[str]:
    """Let systems go on whose settings have changed since they paused; return their names."""
    mended = []
    for row in session.scalars(select(ResourceStatus).where(ResourceStatus.state == "paused")):
        now = digest_of(settings, row.name)
        if row.settings_digest and now and now != row.settings_digest:
            carry_on(session, row, actor=None)
            mended.append(row.name)
    return mended
