"""The embedded engine: workers and sweeps inside the one process that also answers pages.

The task rows are the truth; this only wakes up and looks. A commit wakes the dispatcher at once, a tick
each second catches what was due by time. Tasks run in a small thread pool, one at a time on each lane. The
clock's sweeps are APScheduler jobs of a handful, never one per person: a job that was missed while the
process was down simply runs next time, and finds what is due.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Self

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.db import Database, NoteSession
from portal.models.task import Task
from portal.settings import Settings
from portal.work import mail, sweeps
from portal.work.run import Worker

log = logging.getLogger(__name__)

TICK = 1.0
CLOCK_SECONDS = 5
MAIL_SECONDS = 2
SEAL_SECONDS = 15
STUCK_SECONDS = 60


class Engine:
    """Background work of one installation, in threads of this process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Prepare; nothing runs before `start`."""
        self.database, self.settings = database, settings
        self.worker = Worker(database, settings)
        self.pool = ThreadPoolExecutor(settings.number("work.threads"), thread_name_prefix="work")
        self.scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._dispatcher = threading.Thread(target=self._dispatch_for_ever, name="dispatch", daemon=True)

    def start(self) -> None:
        """Begin to look for work."""
        event.listen(Session, "after_commit", self._woken)
        self._every(CLOCK_SECONDS, sweeps.clock_sweep, self.database, self.settings)
        self._every(MAIL_SECONDS, mail.send_due, self.database, self.settings)
        self._every(SEAL_SECONDS, sweeps.seal, self.database)
        self._every(STUCK_SECONDS, sweeps.stuck, self.database)
        self.scheduler.start()
        self._dispatcher.start()

    def _every(self, seconds: int, do: Callable[..., object], *args: object) -> None:
        def guarded() -> None:
            try:
                do(*args)
            except Exception:  # the one broad except around a job: a sweep that fails comes again
                log.exception("%s failed", do.__name__)

        self.scheduler.add_job(guarded, "interval", seconds=seconds, name=do.__name__)

    def stop(self) -> None:
        """Finish what has begun and stop."""
        event.remove(Session, "after_commit", self._woken)
        self._stopping.set()
        self._wake.set()
        self.scheduler.shutdown(wait=True)
        self._dispatcher.join(timeout=10)
        self.pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        """Run beside something, such as the server."""
        self.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        """Stop with it."""
        self.stop()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    def _woken(self, session: Session) -> None:
        if not isinstance(session, NoteSession) and not session.info.get("reads"):
            self._wake.set()

    def _dispatch_for_ever(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(TICK)
            self._wake.clear()
            try:
                self.dispatch()
            except Exception:  # the one broad except around a job: the dispatcher must live
                log.exception("the dispatcher failed")

    def dispatch(self) -> None:
        """Hand every due task whose lane is free to the pool."""
        ids = sweeps.due_tasks(self.database)
        if not ids:
            return
        with self.database.read_session() as session:
            query = select(Task.id, Task.lane).where(Task.id.in_(ids))
            lanes = {row.id: row.lane for row in session.execute(query)}
        for task_id in ids:
            lane = lanes.get(task_id, "")
            with self._lock:
                if lane in self._busy or self._stopping.is_set():
                    continue
                self._busy.add(lane)
            self.pool.submit(self._run, task_id, lane)

    def _run(self, task_id: int, lane: str) -> None:
        try:
            self.worker.run(task_id)
        except Exception:  # the one broad except around a job
            log.exception("task %s failed outside its step", task_id)
        finally:
            with self._lock:
                self._busy.discard(lane)
            self._wake.set()
