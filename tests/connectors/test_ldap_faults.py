"""What the LDAP connector does when the network, the server or the settings are against it."""

import socket
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.ensure import apply, plan
from connectors.errors import ConnectorError, Misconfigured, Unavailable, Unknown
from connectors.kinds import Account
from connectors.ldap import Ldap
from connectors.registry import open_resource
from tests.connectors.examples import make, new_name, noah
from tests.peers import certificates
from tests.peers.embedded import Embedded
from tests.peers.faultproxy import DONE_ON_SERVER, FaultProxy, Mode
from tests.peers.require import need
from tests.peers.slapd import Slapd, free_port, prepare


def _open(config: dict[str, object]) -> Ldap:
    opened = open_resource("staff-directory", config)
    assert isinstance(opened, Ldap)
    return opened


def _plan_account(resource: Ldap) -> None:
    plan(resource, "account", noah(), marker=f"ordna:{uuid.uuid4()}")


@contextmanager
def _tls_server(made: certificates.Certificates) -> Iterator[tuple[int, list[bytes]]]:
    """Answer with a certificate and keep what is said after the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    heard: list[bytes] = []

    def serve() -> None:
        try:
            client, _ = listener.accept()
            client.settimeout(1)
            with context.wrap_socket(client, server_side=True) as talk:
                heard.append(talk.recv(65536))
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(3)


@pytest.fixture
def stranger() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a port and keep what anybody sends there."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.settimeout(0.5)
                try:
                    heard.append(client.recv(65536))
                except OSError:
                    heard.append(b"")

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(2)


@pytest.mark.slapd
@pytest.mark.parametrize("mode", ["cut_on_request", "cut_after_request", "rst_after_request", "half_reply"])
def test_f01_f09_cut_at_every_point_the_account_is_made_once_and_as_ordered(slapd: Slapd, mode: Mode) -> None:
    with FaultProxy(("127.0.0.1", slapd.ldaps_port)) as proxy:
        through = _open(slapd.config(port=proxy.port, timeout=1))
        straight = _open(slapd.config())
        wrong, points = [], 0
        for point in range(60):
            marker, wanted = f"ordna:{uuid.uuid4()}", noah(mail="noah@example.test", enabled=False)
            proxy.arm(mode, after=point)
            with suppress(Unavailable, Unknown):  # the worker would try again, as we do below
                apply(through, plan(through, "account", wanted, marker=marker), marker)
            if proxy.fired == 0:
                break
            points += 1
            apply(straight, plan(straight, "account", wanted, marker=marker), marker)
            if plan(straight, "account", wanted, marker=marker).action != "nothing":
                wrong.append((mode, point))
        with straight:
            names = [found.marker for found in straight.list(Account)]

    assert points > 3
    assert wrong == []
    assert len(names) == len(set(names))


def test_f02_a_closed_port_is_unavailable_at_once(embedded: Embedded) -> None:
    begun = time.monotonic()

    with pytest.raises(Unavailable) as failed:
        _plan_account(_open(embedded.config(port=free_port())))

    assert time.monotonic() - begun < 2
    assert "does not answer" in str(failed.value)


def test_f02_a_server_that_never_answers_is_given_up_in_time(embedded: Embedded) -> None:
    with FaultProxy(("127.0.0.1", embedded.details.port), "hang_accept") as proxy:
        begun = time.monotonic()

        with pytest.raises(Unavailable):
            _plan_account(_open(embedded.config(port=proxy.port, timeout=1)))

    assert time.monotonic() - begun < 3


def test_a_conversation_as_a_whole_has_a_deadline(embedded: Embedded) -> None:
    resource = _open(embedded.config(deadline=0.3))

    with resource:
        resource.find_by_marker(Account, "ordna:x")
        time.sleep(0.6)  # the conversation drags on; nobody ends it but the deadline
        with pytest.raises(Unavailable):
            resource.find_by_marker(Account, "ordna:x")


@pytest.mark.parametrize("mode", DONE_ON_SERVER)
def test_c02_a_lost_answer_to_a_write_is_unknown_and_then_found(embedded: Embedded, mode: Mode) -> None:
    with FaultProxy(("127.0.0.1", embedded.details.port)) as proxy:
        resource = _open(embedded.config(port=proxy.port, timeout=1))
        marker, wanted = f"ordna:{uuid.uuid4()}", noah()
        with resource:
            resource.wire.open()
            proxy.strike(mode)
            with pytest.raises(Unknown):
                resource.create(Account.read(wanted), marker)

        assert plan(resource, "account", wanted, marker=marker).action == "nothing"


def test_f04_a_wrong_service_password_is_tried_once_and_pauses(slapd: Slapd) -> None:
    with FaultProxy(("127.0.0.1", slapd.ldaps_port)) as proxy:
        resource = _open(
            slapd.config(
                port=proxy.port, bind_dn=f"cn=narrow,ou=services,{slapd.base}", bind_password="wrong"
            )
        )
        with pytest.raises(Misconfigured) as refused:
            _plan_account(resource)

    assert refused.value.pauses_resource
    assert not refused.value.may_retry
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize("fault", ["unknown authority", "wrong name", "expired"])
def test_f05_a_certificate_that_is_not_accepted_never_sees_the_password(tmp_path: Path, fault: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    made = certificates.make(
        tmp_path / "served",
        "elsewhere.example" if fault == "wrong name" else "localhost",
        not_after=yesterday if fault == "expired" else None,
    )
    ca = certificates.make(tmp_path / "other").ca if fault == "unknown authority" else made.ca
    with _tls_server(made) as (port, heard):
        config = {
            "connector": "ldap", "host": "localhost", "port": port, "ca_file": str(ca),
            "bind_dn": "cn=portal,dc=x", "bind_password": "canary-secret", "timeout": 2,
            "people_base": "ou=people,dc=x", "groups_base": "ou=groups,dc=x",
        }  # fmt: skip

        with pytest.raises(Misconfigured) as refused:
            _plan_account(_open(config))

    assert "no password was sent" in str(refused.value)
    assert b"canary-secret" not in b"".join(heard)


@pytest.mark.parametrize(
    "setting", [{"port": 389}, {"host": "ldap://localhost"}, {"encryption": "none"}, {"encryption": "plain"}]
)
def test_f06_plain_ldap_is_refused_before_anybody_is_called(
    embedded: Embedded, setting: dict[str, object], stranger: tuple[int, list[bytes]]
) -> None:
    port, heard = stranger

    with pytest.raises(Misconfigured) as refused:
        _open(embedded.config(**{"port": port, **setting}))

    assert "without encryption" in str(refused.value)
    assert heard == []


def test_f06_a_server_by_number_is_refused(embedded: Embedded) -> None:
    with pytest.raises(Misconfigured) as refused:
        _open(embedded.config(host="127.0.0.1"))

    assert refused.value.field == "host"


@pytest.mark.slapd
def test_f07_a_referral_is_not_followed(slapd: Slapd, stranger: tuple[int, list[bytes]]) -> None:
    port, heard = stranger
    admin = _open(slapd.config(bind_dn=slapd.admin_dn, bind_password=slapd.admin_password))
    unit = new_name("elsewhere")
    reference = f"ldap://127.0.0.1:{port}/dc=elsewhere,dc=test"
    with admin:
        admin.wire.add(
            f"ou={unit},{slapd.base}",
            ["referral", "extensibleObject"],
            {"ou": [unit], "ref": [reference]},
            doing="Adding a referral",
        )

    with pytest.raises(Misconfigured) as refused:
        _plan_account(_open(slapd.config(people_base=f"ou={unit},{slapd.base}")))

    assert "referral" in str(refused.value)
    assert heard == []


@pytest.mark.slapd
def test_f12_a_right_that_is_missing_names_the_entry(slapd: Slapd) -> None:
    resource = _open(slapd.config(bind_dn=f"cn=narrow,ou=services,{slapd.base}"))
    wanted = noah()

    with pytest.raises(ConnectorError) as refused:
        make(resource, "account", wanted)

    assert type(refused.value).__name__ == "Denied"
    assert wanted["username"] in str(refused.value)
    assert "right to write" in str(refused.value)


@pytest.mark.slapd
def test_f13_a_list_that_the_server_cuts_is_an_error(slapd: Slapd) -> None:
    full, narrow = _open(slapd.config()), _open(slapd.config(bind_dn=f"cn=narrow,ou=services,{slapd.base}"))
    unit = f"ou={new_name('many')},{slapd.base}"
    admin = _open(slapd.config(bind_dn=slapd.admin_dn, bind_password=slapd.admin_password))
    with admin:
        admin.wire.add(unit, ["organizationalUnit"], {"ou": [unit[3:].partition(",")[0]]}, doing="Adding")
        for number in range(25):
            name = f"uid={new_name()},{unit}"
            attributes = {"cn": ["x"], "sn": [str(number)], "uid": [name[4:].partition(",")[0]]}
            admin.wire.add(name, ["inetOrgPerson"], attributes, doing="Adding")
    full.directory.people = narrow.directory.people = unit

    with full:
        assert len(list(full.list(Account))) == 25
    with narrow, pytest.raises(Misconfigured) as cut:
        list(narrow.list(Account))

    assert "cut the list" in str(cut.value)


def test_more_than_a_page_is_read_to_its_end(slapd: Slapd) -> None:
    resource = _open(slapd.config())
    with pytest.MonkeyPatch.context() as patch, resource:
        before = len(list(resource.list(Account)))
        for _ in range(5):
            make(resource, "account", noah())
        patch.setattr("connectors.ldap_wire.PAGE", 2)

        assert len(list(resource.list(Account))) == before + 5


def test_check_tells_each_point_and_stops_at_the_one_that_fails(embedded: Embedded) -> None:
    good = _open(embedded.config()).check()
    bad = _open(embedded.config(bind_password="not it")).check()
    missing = _open(embedded.config(groups_base=f"ou=nowhere,{embedded.details.base}")).check()

    assert [point.ok for point in good] == [True] * 4
    assert [point.ok for point in bad] == [False]
    assert "refused" in bad[0].text
    assert bad[0].advice
    assert [point.ok for point in missing] == [True, True, True, False]


@pytest.mark.slapd
def test_f03_a_frozen_server_is_given_up_and_the_account_is_made_once(tmp_path: Path) -> None:
    server = prepare(tmp_path / "frozen")
    server.start(need("slapd", "slapd ldap-utils"))
    assert server.process
    try:
        resource = _open(server.config(timeout=1))
        marker, wanted = f"ordna:{uuid.uuid4()}", noah()
        planned = plan(resource, "account", wanted, marker=marker)
        with resource:
            resource.wire.open()
            server.process.send_signal(19)
            begun = time.monotonic()
            with pytest.raises(ConnectorError) as failed:
                apply(resource, planned, marker)
        assert time.monotonic() - begun < 4
        assert failed.value.may_retry
        server.process.send_signal(18)

        apply(resource, plan(resource, "account", wanted, marker=marker), marker)

        with resource:
            assert [found.marker for found in resource.list(Account)] == [marker]
    finally:
        server.stop()
