"""A portal started afresh as `portal serve` starts it: how soon it answers, how much memory it holds, and how
it compares with Flask alone on the same server.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from portal import keys
from portal.bench.pages import examples, signed_in
from portal.settings import Settings

LATEST = 60
PORTAL = [sys.executable, "-c", "from portal.cli import main; main()"]


@dataclass(frozen=True)
class Compared:
    """A page beside a bare Flask page of the same size: medians in milliseconds."""

    page: str
    size: int
    ours: float
    bare: float

    @property
    def share(self) -> float:
        """How many of bare Flask's requests a second are left."""
        return self.bare / self.ours


@dataclass(frozen=True)
class Started:
    """What a fresh process needs; memory in MiB, 0 where the system does not tell."""

    seconds: float
    at_start: float
    pages: int
    after: float
    compared: list[Compared]


def measure(settings: Settings, *, pages: int, rounds: int) -> Started:
    """Start a portal on this data, ask for its first page, then for many, and end it."""
    port, secret = _free_port(), keys.token()
    settings.take({"server.port": (port, "bench"), "secret.key": (secret, "bench")})
    keys.use(keys.Keys([secret]))
    with signed_in(settings) as (app, client, person):
        kept = client.get_cookie(str(app.config["SESSION_COOKIE_NAME"]))
        headers = {"Cookie": f"{kept.key}={kept.value}" if kept else ""}
        case = f"/requests/{examples(app, person)['number'][0]}"
    shown = [
        "/",
        case,
        "/catalog",
        "/requests",
        "/mine",
        "/todo",
        "/people",
        f"/people/{person.id}",
        "/studio",
    ]
    began = perf_counter()
    with _process([*PORTAL, "serve"], _environment(settings, secret)) as started:
        _wait(port, "/sign-in", started)
        seconds, at_start = perf_counter() - began, _memory(started.pid)
        connection = HTTPConnection("127.0.0.1", port, timeout=LATEST)
        for number in range(pages):
            _get(connection, shown[number % len(shown)], headers)
        after = _memory(started.pid)
        compared = _compare(connection, headers, {"home page": "/", "case page": case}, rounds)
        connection.close()
    return Started(seconds, at_start, pages, after, compared)


def _compare(
    ours: HTTPConnection, headers: dict[str, str], paths: dict[str, str], rounds: int
) -> list[Compared]:
    """Ask both servers in turn, so that both have the same luck with the machine."""
    sizes = [len(_get(ours, path, headers)) for path in paths.values()]
    port = _free_port()
    with _process([sys.executable, "-m", "portal.bench.bare", str(port), *map(str, sizes)], _paths()) as bare:
        _wait(port, "/0", bare)
        theirs = HTTPConnection("127.0.0.1", port, timeout=LATEST)
        found = []
        for index, (name, path) in enumerate(paths.items()):
            times = [
                (_timed(ours, path, headers), _timed(theirs, f"/{index}", {})) for _ in range(max(rounds, 2))
            ]
            one, other = (median(column) * 1000 for column in zip(*times, strict=True))
            found.append(Compared(name, sizes[index], one, other))
        theirs.close()
    return found


def _get(connection: HTTPConnection, path: str, headers: dict[str, str]) -> bytes:
    connection.request("GET", path, headers=headers)
    return connection.getresponse().read()


def _timed(connection: HTTPConnection, path: str, headers: dict[str, str]) -> float:
    began = perf_counter()
    _get(connection, path, headers)
    return perf_counter() - began


def _paths() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}


def _environment(settings: Settings, secret: str) -> dict[str, str]:
    port = str(settings.number("server.port"))
    ours = {
        "PORTAL_SECRET_KEY": secret,
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL__PORTAL__DATA_DIR": str(settings.data_dir),
        "PORTAL__PORTAL__BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL__SERVER__HOST": "127.0.0.1",
        "PORTAL__SERVER__PORT": port,
        "PORTAL__LOG__LEVEL": "error",
    }
    return {name: value for name, value in _paths().items() if not name.startswith("PORTAL_")} | ours


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    started = subprocess.Popen(command, env=environment)  # noqa: S603 - our own words, no shell
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=LATEST)


def _wait(port: int, path: str, started: "subprocess.Popen[bytes]") -> None:
    latest = perf_counter() + LATEST
    while perf_counter() < latest and started.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=LATEST)
        try:
            if _get(connection, path, {}):
                return
        except OSError:
            sleep(0.02)
        finally:
            connection.close()
    raise RuntimeError("The server did not start.")


def _memory(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:  # no such file on this system
        return 0.0
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
    return int(found[1]) / 1024 if found else 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
