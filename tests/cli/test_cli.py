"""The command line."""

import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from portal import settings as settings_module
from portal.cli import main
from portal.db import open_database
from portal.models.team import Grant

ROOT = Path(__file__).parents[2]
ANSWERS = [
    *("--name", "Beställ", "--organisation", "Länsförvaltningen", "--address", "https://portal.example.org"),
    *("--languages", "nb, en", "--zone", "Europe/Oslo", "--database", "", "--admin", "Root"),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("PORTAL__PORTAL__DATA_DIR", str(tmp_path / "data"))
    return CliRunner()


def test_every_file_is_a_word(run: CliRunner) -> None:
    shown = run.invoke(main, ["--help"])

    assert shown.exit_code == 0
    files = {file.stem for file in (ROOT / "portal" / "cli").glob("[a-z]*.py")}
    assert {"serve", "init"} <= files
    assert files <= set(shown.output.split())


def test_an_unknown_word_is_said(run: CliRunner) -> None:
    assert "No such command" in run.invoke(main, ["fly"]).output


def test_init_makes_a_portal_with_somebody_who_may_do_everything(
    run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "etc" / "portal.toml"

    done = run.invoke(main, ["init", "--config", str(config), *ANSWERS, "--password", "a long password"])

    assert done.exit_code == 0, done.output
    assert tomllib.loads(config.read_text("utf-8"))["portal"] == {
        "name": "Beställ",
        "organisation": "Länsförvaltningen",
        "base_url": "https://portal.example.org",
        "languages": ["nb", "en"],
    } | {"zone": "Europe/Oslo"}
    monkeypatch.setenv("PORTAL_CONFIG", str(config))
    database = open_database(settings_module.load())
    with database.read_session() as session:
        assert session.scalars(sa.select(Grant.right)).all() == ["admin"]
    database.dispose()


def test_init_writes_nothing_over(run: CliRunner, tmp_path: Path) -> None:
    config = tmp_path / "portal.toml"
    config.write_text("# mine")

    done = run.invoke(main, ["init", "--config", str(config), *ANSWERS, "--password", "a long password"])

    assert (done.exit_code, config.read_text()) == (1, "# mine")


def test_init_wants_a_long_password(run: CliRunner) -> None:
    done = run.invoke(main, ["init", *ANSWERS, "--password", "short"])

    assert (done.exit_code, "12 characters" in done.output) == (1, True)


def test_wrong_settings_are_said_in_words(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL__SERVER__PROT", "80")

    done = run.invoke(main, ["serve"])

    assert done.exit_code == 1
    assert "there is no setting server.prot. Did you mean server.port?" in done.output
    assert "Traceback" not in done.output


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Start the portal, and see that it has ended afterwards."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "app.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PORTAL__PORTAL__DATA_DIR": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "Listening" in line:
                break
        yield port, process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_and_ends_when_told(tmp_path: Path, stop: signal.Signals) -> None:
    with serving(tmp_path) as (port, process):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10) as answer:
            assert answer.read() == b"ready\n"
            assert "Server" not in answer.headers
        process.send_signal(stop)
        said = process.stderr.read() if process.stderr else ""

        assert process.wait(10) == 0
        assert "Traceback" not in said


RAW = [
    b"\x00\x01\x02\r\n\r\n",
    b"GET /sign-in\r\n\r\n",
    b"GET /sign-in HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: " + b"\xff" * 20 + b"\r\n\r\n",
    b"GET /%ff%fe%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b; " * 4000 + b"\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: a, b\r\nContent-Length: 1\r\n\r\nx",
    b"BREW /coffee HTTP/1.1\r\nHost: x\r\n\r\n",
]


def test_i16_raw_nonsense_is_answered_without_a_fault_and_the_server_lives(tmp_path: Path) -> None:
    statuses = []
    with serving(tmp_path) as (port, _process):
        for raw in RAW:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
                statuses.append(connection.recv(65536)[9:12])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=10) as answer:
            alive = answer.status

    assert [status for status in statuses if status[:1] == b"5"] == [b"501"]  # an unknown transfer encoding
    assert alive == 200


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = subprocess.run(
            [sys.executable, "app.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PORTAL__PORTAL__DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=30,
        )

    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
