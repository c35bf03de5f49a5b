"""The demo's directory: a real LDAP server in a process of its own, LDAPS only, which ends with its parent.

Run it as `python -m portal.demo.directory --data DIR --port N`; our own code uses `start` and `wait_ready`.
"""

import argparse
import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "localhost"
BASE = "dc=lansforvaltningen,dc=example"
UNITS = ("people", "groups", "services")


@dataclass(frozen=True)
class Details:
    """Where the directory is and how the portal signs in to it."""

    host: str
    port: int
    ca_file: Path
    base: str
    people_base: str
    groups_base: str
    bind_dn: str
    password_file: Path

    @property
    def password(self) -> str:
        """Read the service account's password."""
        return self.password_file.read_text(encoding="utf-8").strip()

    def config(self) -> dict[str, Any]:
        """Give the settings of a resource that uses this directory."""
        return {**self.config_without_password(), "bind_password": self.password}

    def config_without_password(self) -> dict[str, Any]:
        """Give the same for a file, where the password is named by its own file."""
        return {
            "connector": "ldap",
            "host": self.host,
            "port": self.port,
            "ca_file": str(self.ca_file),
            "bind_dn": self.bind_dn,
            "people_base": self.people_base,
            "groups_base": self.groups_base,
        }


def details(data_dir: Path, port: int, base: str = BASE) -> Details:
    """Say where a directory's things lie."""
    people, groups, services = (f"ou={unit},{base}" for unit in UNITS)
    tls, password_file = data_dir / "tls" / "ca.pem", data_dir / "directory.password"
    return Details(HOST, port, tls, base, people, groups, f"cn=portal,{services}", password_file)


def start(
    data_dir: Path, port: int = 0, *, base: str = BASE, load: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start the directory as a child that ends when this process does, however this one ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    _ready_file(data_dir).unlink(missing_ok=True)
    command = [sys.executable, "-W", "ignore", "-m", "portal.demo.directory", "--with-parent"]
    command += ["--data", str(data_dir.resolve()), "--port", str(port), "--base", base]
    command += ["--load", str(load.resolve())] if load else []
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment())  # noqa: S603 - our own module


def environment() -> dict[str, str]:
    """Give a child the environment in which it finds our modules."""
    here = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(p for p in (here, os.environ.get("PYTHONPATH", "")) if p)
    return {**os.environ, "PYTHONPATH": path}


def wait_ready(data_dir: Path, process: subprocess.Popen[bytes], seconds: float = 60) -> Details:
    """Wait until the directory answers; say so if it ended instead."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(
                f"The directory ended with {process.returncode}; see {data_dir / 'directory.log'}."
            )
        try:
            said = json.loads(_ready_file(data_dir).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            time.sleep(0.05)
            continue
        return details(data_dir, said["port"], said["base"])
    raise RuntimeError(f"The directory was not ready within {seconds:.0f} seconds.")


def running(data_dir: Path) -> Details | None:
    """Say where the directory of this folder answers, if it has been started."""
    try:
        said = json.loads(_ready_file(data_dir).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return details(data_dir, said["port"], said["base"])


def take_away(data_dir: Path, seconds: float) -> None:
    """Let the directory hang up on everybody for a while; 0 brings it back."""
    (data_dir / "directory.away").write_text(str(time.time() + seconds), encoding="ascii")


def away_until(data_dir: Path) -> float:
    """Return the moment until which it is away, on the machine's clock; 0 if it is not."""
    try:
        until = float((data_dir / "directory.away").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
    return until if until > time.time() else 0


def main(arguments: list[str] | None = None) -> None:
    """Serve until told to stop."""
    options = _options(arguments)
    # imported here so that those who only start the process need neither Twisted nor its two seconds
    from twisted.internet import reactor as twisted_reactor
    from twisted.internet import ssl
    from twisted.python import log

    from portal.demo import directory_tls
    from portal.demo.directory_server import DirectoryFactory
    from portal.demo.directory_store import Store

    data_dir: Path = options.data
    data_dir.mkdir(parents=True, exist_ok=True)
    reactor: Any = twisted_reactor
    log.addObserver(_ErrorLog(data_dir / "directory.log"))
    store = Store(data_dir / "directory.jsonl")
    where = details(data_dir, options.port, options.base)
    if options.with_parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; the parent says when it is done
        threading.Thread(target=_end_with_parent, args=(reactor,), daemon=True).start()
    _fill(store, where, _awaited(options.load))
    _, server_file = directory_tls.ensure(data_dir / "tls", HOST)
    factory = DirectoryFactory(store, where.base, where.bind_dn, data_dir / "directory.away")
    certificate = ssl.PrivateCertificate.loadPEM(server_file.read_bytes())  # type: ignore[no-untyped-call]
    port = reactor.listenSSL(options.port, factory, certificate.options(), interface=options.host)
    draft = _ready_file(data_dir).with_suffix(".new")
    draft.write_text(json.dumps({"port": port.getHost().port, "pid": os.getpid(), "base": where.base}))
    draft.replace(_ready_file(data_dir))
    reactor.run(installSignalHandlers=not options.with_parent)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="portal.demo.directory", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder for entries, password and certificates"
    )
    parser.add_argument("--port", type=int, default=6636, help="LDAPS port; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--base", default=BASE, help="name of the whole directory")
    parser.add_argument("--load", type=Path, help="LDIF whose entries are added first, when it is there")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


def _awaited(load: Path | None) -> Path | None:
    """Wait for the file that is still being written; it takes its name when it is whole."""
    while load is not None and not load.exists():
        time.sleep(0.05)
    return load


def _fill(store: Any, where: Details, load: Path | None) -> None:
    """Make the first entries of a new directory, and what a file brings."""
    if not where.password_file.exists():
        where.password_file.touch(mode=0o600)
        where.password_file.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    if not store.has(where.base):
        name = where.base.partition(",")[0].partition("=")[2]
        store.add(where.base, {"objectClass": ["domain"], "dc": [name]}, is_root=True)
    for unit in UNITS:
        dn = f"ou={unit},{where.base}"
        if not store.has(dn):
            store.add(dn, {"objectClass": ["organizationalUnit"], "ou": [unit]})
    service = {"objectClass": ["organizationalRole"], "cn": ["portal"], "userPassword": [where.password]}
    if store.has(where.bind_dn):
        store.modify(where.bind_dn, [("replace", "userPassword", [where.password])])
    else:
        store.add(where.bind_dn, service)
    for dn, attributes in read_ldif(load) if load else ():
        if not store.has(dn):
            store.add(dn, attributes)


def read_ldif(file: Path) -> Iterator[tuple[str, Mapping[str, list[str]]]]:
    """Yield the entries of an LDIF file."""
    unfolded = file.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\n ", "")
    for block in unfolded.split("\n\n"):
        dn, attributes = "", dict[str, list[str]]()
        for line in block.splitlines():
            name, sign, rest = line.partition(":")
            if not sign or line.startswith("#") or name == "version":
                continue
            is_coded = rest.startswith(":")
            value = base64.b64decode(rest[1:]).decode("utf-8", "replace") if is_coded else rest.strip()
            if name.lower() == "dn":
                dn = value
            else:
                attributes.setdefault(name, []).append(value)
        if dn:
            yield dn, attributes


def write_ldif(entries: Iterator[tuple[str, Mapping[str, list[str]]]], file: Path) -> None:
    """Write entries as LDIF, every value coded so that none needs care."""
    with file.open("w", encoding="ascii") as out:
        for dn, attributes in entries:
            lines = [("dn", dn), *((name, v) for name, values in attributes.items() for v in values)]
            out.writelines(f"{n}:: {base64.b64encode(v.encode()).decode()}\n" for n, v in lines)
            out.write("\n")


class _ErrorLog:
    """Keeps what goes wrong, and nothing of what goes right."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, event: Mapping[str, Any]) -> None:
        if event.get("isError"):
            with self._file.open("a", encoding="utf-8") as out:
                out.write(f"{event.get('why') or ''} {event.get('failure') or event.get('message')}\n")


def _end_with_parent(reactor: Any) -> None:
    """Wait for the pipe from the parent to close, which it does however the parent ends."""
    while sys.stdin.buffer.read(4096):
        pass
    if not reactor.running:
        os._exit(0)
    reactor.callFromThread(reactor.stop)


def _ready_file(data_dir: Path) -> Path:
    return data_dir / "directory.ready"


if __name__ == "__main__":
    main()
