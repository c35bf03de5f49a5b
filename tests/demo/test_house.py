"""The demo as a whole: its folder is its own, it goes on where it was, and ends all it started."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import demo_mode
from portal.demo.house import House, NotOurs
from portal.settings import Settings
from tests.demo_fixture import SECRET

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_folder_of_a_real_portal_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "portal.db").write_bytes(b"real")

    with pytest.raises(NotOurs, match="no demo"):
        House(tmp_path, "127.0.0.1", free_port()).check(reset=True)
    assert (tmp_path / "portal.db").read_bytes() == b"real"


def test_a_port_that_is_taken_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])

        with pytest.raises(NotOurs, match=f"Port {port}"):
            House(tmp_path, "127.0.0.1", port).check(reset=False)
    assert [*tmp_path.iterdir()] == []


def test_a_reset_takes_only_what_a_demo_has_left(tmp_path: Path) -> None:
    house = House(tmp_path, "127.0.0.1", free_port())
    house.settle(6636)
    (tmp_path / "portal.db-wal").write_bytes(b"")
    (tmp_path / "mail").mkdir()
    (tmp_path / "notes.txt").write_text("mine")

    house.check(reset=True)

    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_settings_of_the_demo_are_read_back(tmp_path: Path) -> None:
    settings = House(tmp_path, "127.0.0.1", 8123).settle(6636)

    assert isinstance(settings, Settings)
    assert settings.base_url == "http://127.0.0.1:8123"
    assert settings.file("mail.folder") == tmp_path / "mail"
    assert (tmp_path / "portal.toml").stat().st_mode & 0o777 == 0o600


def test_a_code_for_another_machine_is_easy_to_type() -> None:
    assert demo_mode.new_code().isdecimal()


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Start the demo as `make demo` does."""
    command = [sys.executable, "-W", "ignore", "app.py", "demo", "--port", str(port), "--data", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "The demo is at" in line:
                    break
            yield process
        finally:
            process.kill()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_the_demo_goes_on_and_ends_with_all_it_started(
    how: signal.Signals, demo_seed: Path, tmp_path: Path
) -> None:
    folder, port = tmp_path / "data", free_port()
    shutil.copytree(demo_seed, folder)
    (folder / "secret-key").write_text(SECRET)
    began = time.monotonic()

    with running(folder, port) as process:
        spent = time.monotonic() - began
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in") as page:
            text = page.read().decode()
        while not (folder / "directory.ready").exists():
            time.sleep(0.1)
        directory = json.loads((folder / "directory.ready").read_text())["pid"]
        os.kill(process.pid, how)
        process.wait(30)

    assert "Ingrid Holm" in text
    assert spent < 60  # ten seconds where nothing else runs
    end = time.monotonic() + 20
    while is_alive(directory) and time.monotonic() < end:
        time.sleep(0.1)
    assert not is_alive(directory)
