"""The demo's directory as a process: it keeps its word, ends with its parent, and OpenLDAP's tools work."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.ensure import plan
from connectors.errors import Denied, Unavailable
from connectors.registry import open_resource
from portal.demo import directory
from portal.demo.directory_names import RefusedError
from portal.demo.directory_store import Store
from tests.connectors.examples import make, noah
from tests.peers.embedded import Embedded
from tests.peers.require import need


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(10)
    if process.stdin:
        process.stdin.close()


def test_what_was_said_yes_to_outlives_a_kill(tmp_path: Path) -> None:
    process = directory.start(tmp_path)
    try:
        where = directory.wait_ready(tmp_path, process)
        resource = open_resource("staff-directory", {**where.config(), "walls": {"groups": ["*"]}})
        wanted = noah("noaost", mail="noah@example.test")
        stable_id = make(resource, "account", wanted, "ordna:1")
        make(resource, "group", {"name": "rangers"})
        make(resource, "membership", {"account": "noaost", "group": "rangers"})
    finally:
        _end(process)
    with (tmp_path / "directory.jsonl").open("a") as torn:
        torn.write('[[["uid=half')

    process = directory.start(tmp_path)
    try:
        where = directory.wait_ready(tmp_path, process)
        resource = open_resource("staff-directory", {**where.config(), "walls": {"groups": ["*"]}})
        assert plan(resource, "account", wanted, marker="ordna:1", stable_id=stable_id).action == "nothing"
        link = {"account": "noaost", "group": "rangers"}
        assert plan(resource, "membership", link, marker="ordna:m").action == "nothing"
    finally:
        _end(process)


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = textwrap.dedent(
        f"""
        import pathlib, time
        from portal.demo import directory
        folder = pathlib.Path({str(tmp_path)!r})
        process = directory.start(folder)
        directory.wait_ready(folder, process)
        print(process.pid, flush=True)
        time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as starter:
        assert starter.stdout
        child = int(starter.stdout.readline())
        starter.send_signal(signal.SIGKILL)
        starter.wait(10)

        assert _has_ended(child)


def _has_ended(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def _ldapsearch(where: directory.Details, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        need("ldapsearch", "ldap-utils"),
        "-LLL",
        "-x",
        "-H",
        f"ldaps://{where.host}:{where.port}",
        *more,
    ]
    environment = {**os.environ, "LDAPTLS_CACERT": str(where.ca_file)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_openldaps_own_tool_reads_it_and_sees_no_password(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config())
    wanted = noah()
    make(resource, "account", wanted)
    make(resource, "first-password", {"account": wanted["username"], "password": "canary-4711"})
    where, text = embedded.details, f"(uid={wanted['username'].upper()})"

    said = _ldapsearch(
        where, "-D", where.bind_dn, "-y", str(where.password_file), "-b", where.people_base, text, "*", "+"
    )

    assert (said.returncode, said.stderr) == (0, "")
    assert f"uid: {wanted['username']}" in said.stdout
    assert "entryUUID: " in said.stdout
    assert "userPassword" not in said.stdout
    assert "canary-4711" not in (embedded.folder / "directory.jsonl").read_text()


def test_nobody_reads_without_signing_in(embedded: Embedded) -> None:
    said = _ldapsearch(embedded.details, "-b", embedded.details.base)

    assert said.returncode == 50
    assert "dn:" not in said.stdout


def test_somebody_may_read_and_not_write(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config())
    wanted = noah()
    make(resource, "account", wanted)
    make(resource, "first-password", {"account": wanted["username"], "password": "canary-4711"})
    name = f"uid={wanted['username']},{embedded.details.people_base}"
    noahs = open_resource("staff-directory", embedded.config(bind_dn=name, bind_password="canary-4711"))

    assert plan(noahs, "account", {"username": wanted["username"]}, marker="ordna:x").action == "conflict"
    with pytest.raises(Denied):
        make(noahs, "group", {"name": "rangers"})


def test_taken_away_it_answers_nobody_and_comes_back(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config())
    directory.take_away(embedded.folder, 60)
    try:
        assert directory.away_until(embedded.folder) > time.time()
        with pytest.raises(Unavailable):
            plan(resource, "account", noah(), marker="ordna:x")
    finally:
        directory.take_away(embedded.folder, 0)

    assert plan(resource, "account", noah(), marker="ordna:x").action == "create"


def test_a_new_directory_is_filled_from_a_file_once(tmp_path: Path) -> None:
    people = f"ou=people,{directory.BASE}"
    entries = [
        (
            f"uid=p{n},{people}",
            {"objectClass": ["inetOrgPerson"], "uid": [f"p{n}"], "cn": ["Åsa"], "sn": ["Öst"]},
        )
        for n in range(500)
    ]
    directory.write_ldif(iter(entries), tmp_path / "people.ldif")
    assert [dn for dn, _ in directory.read_ldif(tmp_path / "people.ldif")] == [dn for dn, _ in entries]

    process = directory.start(tmp_path / "data", load=tmp_path / "people.ldif")
    try:
        where = directory.wait_ready(tmp_path / "data", process)
        resource = open_resource("staff-directory", {**where.config(), "walls": {}})
        with resource:
            found = {f.key for f in resource.list(resource.kind("account"))}
    finally:
        _end(process)

    assert found == {f"p{n}" for n in range(500)}


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "entries.jsonl")
    made.add("dc=x", {"objectClass": ["domain"]}, is_root=True)
    made.add("ou=people,dc=x", {"objectClass": ["organizationalUnit"]})
    made.add("uid=noah,ou=people,dc=x", {"objectClass": ["inetOrgPerson"], "cn": ["Noah"]})
    made.add("cn=g,dc=x", {"objectClass": ["groupOfNames"], "member": ["uid=noah,ou=people,dc=x", "cn=x"]})
    yield made
    made.close()


def test_groups_follow_a_renaming_and_a_deletion(people: Store) -> None:
    people.rename("uid=Noah,ou=people,dc=x", "uid=nord", None)
    renamed = people.get("cn=g,dc=x").values("member")
    people.delete("uid=nord,ou=people,dc=x")

    assert (renamed, people.get("cn=g,dc=x").values("member")) == (
        ["cn=x", "uid=nord,ou=people,dc=x"],
        ["cn=x"],
    )
    assert people.with_value("uid", "noah") == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("add", "member", ["cn=X"]), 20),
        (("delete", "member", ["cn=nobody"]), 16),
        (("replace", "member", []), 65),
        (("add", "description", [""]), 21),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_code(
    people: Store, change: tuple[str, str, list[str]], code: int
) -> None:
    with pytest.raises(RefusedError) as refused:
        people.modify("cn=g,dc=x", [("add", "description", ["not kept"]), change])

    assert refused.value.code == code
    assert people.get("cn=g,dc=x").values("description") == []
