"""What `portal doctor` looks at: each check says how it is, and if it is not well, what to do."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal import clock, keys, migrate
from portal import resources as configured
from portal.cli.resource import points_of
from portal.db import Database
from portal.models.audit import AuditEvent, AuditSeal
from portal.models.task import Task
from portal.models.team import Grant
from portal.models.work import OutboundMail, ResourceStatus
from portal.settings import Settings, SettingsProblem
from portal.work.transports import Smtp, Unreachable

LITTLE: Final = 2 * 1024**3
TOO_LITTLE: Final = 200 * 1024**2
LATE: Final = timedelta(minutes=10)
"""So long may work, letters and seals wait while the portal runs."""


@dataclass(frozen=True)
class Finding:
    """One line: well, worth a look, or wrong; and what to do."""

    state: Literal["ok", "look", "wrong"]
    text: str
    advice: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def well(text: str) -> Finding:
    """Say that something is as it should be."""
    return Finding("ok", text)


def look(text: str, advice: str) -> Finding:
    """Say that something is worth a look."""
    return Finding("look", text, advice)


def wrong(text: str, advice: str) -> Finding:
    """Say that something is wrong."""
    return Finding("wrong", text, advice)


def address(settings: Settings) -> Iterator[Finding]:
    """Look at how people reach the portal."""
    if not settings.is_https and not settings.is_loopback:
        yield look(
            f"People reach the portal at {settings.base_url}: anybody on the way can read along.",
            "Put a proxy with a certificate in front, and set portal.base_url to its https address.",
        )
    else:
        yield well(f"The portal is at {settings.base_url}.")


def key(settings: Settings) -> Iterator[Finding]:
    """Look at the master key, without making one."""
    file = settings.data_dir / "secret-key"
    if not settings.text("secret.key") and not file.exists():
        yield look("There is no master key yet.", "The first start makes one in the data folder; back it up.")
        return
    try:
        keys.use(keys.load(settings.text("secret.key"), settings.data_dir))
    except (keys.KeyProblem, OSError) as problem:
        yield wrong(f"The master key cannot be used: {problem}", "Set secret.key, or restore the key file.")
        return
    if not settings.text("secret.key") and file.stat().st_mode & 0o077:
        yield wrong(f"Others can read {file}.", f"chmod 600 {file}")
    yield well("The master key can be used. Keep a copy of it apart from the backups.")


def disk(settings: Settings) -> Iterator[Finding]:
    """Look at the data folder and the room in it."""
    folder = settings.data_dir
    if not folder.is_dir():
        yield look(f"The data folder {folder} is not there yet.", "The first start makes it.")
        return
    if not os.access(folder, os.W_OK):
        yield wrong(f"The data folder {folder} cannot be written.", "Give it to the portal's own user.")
    free = shutil.disk_usage(folder).free
    room = f"{free / 1024**3:.1f} GB are free in {folder}."
    if free < TOO_LITTLE:
        yield wrong(room, "Make room at once: without it nothing can be saved.")
    elif free < LITTLE:
        yield look(room, "Make room before it runs out.")
    else:
        yield well(room)


def database(settings: Settings) -> Iterator[Finding]:
    """Look whether the database answers and is of this version."""
    found = Database(settings.database_url)
    shown = found.engine.url.render_as_string(hide_password=True)
    if found.is_sqlite and not os.path.exists(found.engine.url.database or ""):  # noqa: PTH110 - a URL's part
        yield look(f"There is no database yet ({shown}).", "Run `portal init`, or start the portal.")
        return
    try:
        version = migrate.version_of(found.engine)
    except sa.exc.SQLAlchemyError as problem:
        reason = str(getattr(problem, "orig", problem)).strip()
        yield wrong(
            f"The database {shown} does not answer: {reason}", "See whether it runs, and database.url."
        )
        return
    finally:
        found.dispose()
    if version == migrate.head():
        yield well(f"The database answers and is of this version ({shown}).")
    else:
        yield wrong(
            f"The database is of version {version or 'none'}, this portal of {migrate.head()}.",
            "Start `portal serve`: it brings the tables to this version. Take a backup first.",
        )


def inside(settings: Settings) -> Iterator[Finding]:
    """Look at what is kept: people with rights, work that waits, letters, history, the clock."""
    found = Database(settings.database_url, zone=settings.zone)
    try:
        if migrate.version_of(found.engine) != migrate.head():
            return
        with found.read_session() as session:
            for each in (_rights, _work, _letters, _history, _clock):
                yield from each(session)
    except sa.exc.SQLAlchemyError:
        return  # said above
    finally:
        found.dispose()


def _rights(session: Session) -> Iterator[Finding]:
    if session.scalars(sa.select(Grant.id).where(Grant.right == "admin").limit(1)).first() is None:
        yield look("Nobody may administer the portal.", "portal role grant PERSON admin")


def _work(session: Session) -> Iterator[Finding]:
    for row in session.scalars(sa.select(ResourceStatus).where(ResourceStatus.state == "paused")):
        why = str((row.cause or {}).get("message") or row.last_error)
        yield wrong(f"{row.name} is paused: {why}", "Correct its settings; it goes on by itself.")
    paused = sa.select(ResourceStatus.name).where(ResourceStatus.state == "paused")
    late = session.scalar(
        sa.select(sa.func.count(Task.id)).where(
            Task.is_automatic,
            Task.state.in_(("ready", "running")),
            Task.not_before < clock.now() - LATE,
            Task.resource.not_in(paused),
        )
    )
    if late:
        yield wrong(f"{late} automatic steps are due and nobody does them.", "Start `portal serve`.")
    else:
        yield well("No automatic step is left lying.")


def _letters(session: Session) -> Iterator[Finding]:
    waiting = session.scalar(
        sa.select(sa.func.count(OutboundMail.id)).where(
            OutboundMail.state == "queued", OutboundMail.created_at < clock.now() - LATE
        )
    )
    if waiting:
        yield look(
            f"{waiting} letters have waited for a while.", "See the mail settings, and that the portal runs."
        )
    since = clock.now() - timedelta(days=7)
    failed = session.scalar(
        sa.select(sa.func.count(OutboundMail.id)).where(
            OutboundMail.state == "failed", OutboundMail.created_at > since
        )
    )
    if failed:
        yield look(
            f"{failed} letters of the last week could not be sent.", "See the addresses in the audit log."
        )


def _history(session: Session) -> Iterator[Finding]:
    sealed = session.scalar(sa.select(sa.func.max(AuditSeal.event_id))) or 0
    oldest = session.scalar(sa.select(sa.func.min(AuditEvent.at)).where(AuditEvent.id > sealed))
    if oldest is not None and clock.now() - oldest > LATE:
        yield look(
            "The audit log has not been sealed for a while.",
            "Start `portal serve`; then `portal audit verify`.",
        )
    else:
        yield well("The audit log is sealed.")


def _clock(session: Session) -> Iterator[Finding]:
    newest = session.scalar(sa.select(sa.func.max(AuditEvent.at)))
    if newest is not None and newest > clock.now() + timedelta(minutes=1):
        yield wrong(
            "This machine's clock is behind: the log has later times.", "Set the clock (chrony, timesyncd)."
        )
    else:
        yield well(f"The clock says {clock.now().astimezone(clock.zone(session)):%Y-%m-%d %H:%M %Z}.")
    ahead = clock.offset_days(session)
    if ahead:
        yield look(f"The working clock is {ahead} days ahead.", "Only a demo turns it.")


def systems(settings: Settings) -> Iterator[Finding]:
    """Ask every connected system how it feels."""
    try:
        found = configured.read(settings)
    except SettingsProblem as problem:
        for line in problem.problems:
            yield wrong(line, "Correct the file of connected systems; it is read again by itself.")
        return
    if not found:
        yield look("No system is connected.", "Name the file of them in files.resources.")
    for name in sorted(found):
        for point in points_of(settings, name):
            advice = point.advice or "See docs of the connector, and the operator's file."
            yield well(f"{name}: {point.text}") if point.ok else wrong(f"{name}: {point.text}", advice)


def mail(settings: Settings) -> Iterator[Finding]:
    """Look whether letters can leave."""
    folder = settings.file("mail.folder")
    if folder is not None:
        if folder.is_dir() and not os.access(folder, os.W_OK):
            yield wrong(
                f"The folder for letters {folder} cannot be written.", "Give it to the portal's own user."
            )
        else:
            yield look(f"Letters are put into {folder}, not sent.", "Set mail.host when they are to be sent.")
    elif not settings.text("mail.host"):
        yield look("There is no mail server: letters wait.", "Set mail.host.")
    else:
        try:
            Smtp(settings).check()
        except Unreachable as problem:
            yield wrong(f"Mail: {problem}", "See mail.host, mail.port, mail.security and the sign-in.")
        else:
            yield well(f"The mail server {settings.text('mail.host')} takes letters.")


CHECKS: Final[tuple[Check, ...]] = (address, key, disk, database, inside, systems, mail)
