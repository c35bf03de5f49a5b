"""The process that makes the demo's history, beside the portal that shows it; it ends with its parent.

Run as `python -m portal.demo.history --data DIR`. On a new folder it writes what the first page needs, then
the file that the directory is loaded with, and says `first`; then it goes on with the rest. What it says, a
line of JSON each, its parent tells the reader.
"""

import argparse
import gc
import json
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.errors import Unavailable, Unknown
from connectors.ldap import Ldap
from portal import keys
from portal import settings as settings_module
from portal.demo import directory, progress, store
from portal.demo.seed import Seeder
from portal.settings import Settings
from portal.work.world import open_named

LOAD = "directory.ldif"
REST = 0.12
"""Seconds between two parts of history in which others may write; SQLite looks every tenth of one."""


def main() -> None:
    """Make history until all of it is there."""
    parser = argparse.ArgumentParser(prog="portal.demo.history", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the demo")
    data_dir: Path = parser.parse_args().data
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; the parent says when it is done
    if not sys.stdin.buffer.readline():  # the parent says when the tables are there
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = settings_module.load({"PORTAL_CONFIG": str(data_dir / "portal.toml")})
    keys.use(keys.load(settings.text("secret.key"), settings.data_dir))
    gc.disable()  # nothing here makes circles worth looking for, and looking costs a tenth of the time
    known = progress.read_from(settings)
    if known is not None and known.is_whole:
        return
    moment = known.moment if known is not None else datetime.now(UTC)
    with Seeder(settings, moment, synchronous="NORMAL" if known is not None else "OFF") as seeder:
        if known is None:
            seeder.begin(lambda done, of: say("writing", done=done, of=of))
            write_load(seeder, data_dir)
            seeder.base.be_careful()
            known = progress.read(seeder.pen)
            seeder.pen.keep()
        say("first")
        assert known is not None
        mirror = _mirror(seeder, settings, data_dir)
        gc.collect()

        def carried() -> None:
            _patiently(mirror)
            time.sleep(REST)

        seeder.go_on(known, lambda done, of: say("filling", done=done, of=of), carried)
    say("whole")


def write_load(seeder: Seeder, data_dir: Path) -> None:
    """Write what the directory is loaded with; the file takes its name when it is whole."""
    names = store.names_of(directory.details(data_dir, 0))
    draft = data_dir / f"{LOAD}.new"
    draft.touch(mode=0o600)
    entries, _ = seeder.directory(names)
    directory.write_ldif(entries, draft)
    draft.replace(data_dir / LOAD)


def say(what: str, **about: Any) -> None:
    """Tell the parent something."""
    sys.stdout.write(json.dumps({"is": what, **about}) + "\n")
    sys.stdout.flush()


def _mirror(seeder: Seeder, settings: Settings, data_dir: Path) -> store.Mirror:
    while directory.running(data_dir) is None:
        time.sleep(0.1)
    details = directory.running(data_dir)
    assert details is not None
    return mirror_of(seeder, open_named(settings, store.RESOURCE), details)


def mirror_of(seeder: Seeder, connector: Connector, details: directory.Details) -> store.Mirror:
    """Make what carries history into a directory that runs."""
    assert isinstance(connector, Ldap)
    return store.Mirror(seeder.kept, store.names_of(details), connector)


def _patiently(mirror: store.Mirror) -> None:
    """Carry over; a directory that has been taken away for a minute is waited for."""
    while True:
        try:
            mirror.carry()
            return
        except (Unavailable, Unknown):
            time.sleep(2)


def _end_with_parent() -> None:
    """Wait for the pipe from the parent to close, which it does however the parent ends."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
