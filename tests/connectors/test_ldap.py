"""The LDAP connector on a real slapd and on the demo's own directory."""

import ssl
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ldap3 import SAFE_SYNC, Connection, Server, Tls
from ldap3.utils.conv import escape_filter_chars

from connectors import dn
from connectors.base import Connector
from connectors.conformance import Conformance, Example
from connectors.ensure import apply, is_free, plan, plan_absent
from connectors.errors import Denied, Invalid, Unavailable
from connectors.kinds import Account
from connectors.ldap import Ldap
from connectors.registry import open_resource
from tests.connectors.examples import directory_examples, make, new_name, noah
from tests.peers.embedded import Embedded
from tests.peers.slapd import Slapd

PASSWORD = "Sommar-i-Sjömark-27"


class LdapSuite(Conformance):
    """The suite on whatever server the test class names."""

    config: Mapping[str, Any]

    def open(self) -> Connector:
        """Open the server's resource."""
        return open_resource("staff-directory", self.config)

    def examples(self) -> list[Example]:
        """Try a directory's kinds."""
        return directory_examples()

    def wrong_config(self) -> Mapping[str, Any]:
        """Leave the encryption out."""
        return {**self.config, "encryption": "none"}


@pytest.mark.slapd
class TestOnSlapd(LdapSuite):
    """The suite on OpenLDAP."""

    @pytest.fixture(autouse=True)
    def _server(self, slapd: Slapd) -> None:
        self.config = slapd.config()


@pytest.mark.slapd
class TestOnSlapdWithStartTls(LdapSuite):
    """The suite on OpenLDAP's other port."""

    @pytest.fixture(autouse=True)
    def _server(self, slapd: Slapd) -> None:
        self.config = slapd.config(encryption="starttls", port=slapd.port)


class TestOnTheDemosDirectory(LdapSuite):
    """The suite on the directory that the demo brings."""

    @pytest.fixture(autouse=True)
    def _server(self, embedded: Embedded) -> None:
        self.config = embedded.config()


@pytest.fixture(params=["slapd", "embedded"])
def resource(request: pytest.FixtureRequest) -> Iterator[Ldap]:
    """Open either server."""
    opened = open_resource("staff-directory", request.getfixturevalue(request.param).config())
    assert isinstance(opened, Ldap)
    yield opened
    opened.close()


def _marker() -> str:
    return f"ordna:{uuid.uuid4()}"


def _set_password(resource: Ldap, name: str, password: str) -> None:
    wanted = {"account": {"key": name}, "password": password}
    apply(resource, plan(resource, "first-password", wanted, marker="ordna:p"), "ordna:p")


def _can_sign_in(resource: Ldap, name: str, password: str = PASSWORD) -> bool:
    return resource.wire.can_bind(f"uid={name},{resource.directory.people}", password)


def test_a_disabled_account_cannot_sign_in_and_an_enabled_one_can(resource: Ldap) -> None:
    marker, wanted = _marker(), noah(enabled=False)
    name = wanted["username"]
    make(resource, "account", wanted, marker)
    _set_password(resource, name, PASSWORD)
    before = _can_sign_in(resource, name)

    make(resource, "account", {"username": name, "enabled": True}, marker)

    assert (before, _can_sign_in(resource, name)) == (False, True)
    assert not _can_sign_in(resource, name, "something else")


@pytest.mark.parametrize("enabled", [True, False])
def test_setting_the_same_first_password_again_is_fine(resource: Ldap, enabled: bool) -> None:
    wanted = noah(enabled=enabled)
    make(resource, "account", wanted)

    for _ in range(2):
        _set_password(resource, wanted["username"], PASSWORD)

    make(resource, "account", wanted | {"enabled": True}, _marker_of(resource, wanted["username"]))
    assert _can_sign_in(resource, wanted["username"])


def test_a_locked_account_stays_locked_though_the_first_try_was_cut(resource: Ldap) -> None:
    marker, wanted = _marker(), noah(enabled=False)
    make(resource, "account", wanted, marker)
    modify, calls = Ldap._modify, list[str]()

    def cut(self: Ldap, name: str, changes: Any, doing: str) -> None:
        calls.append(doing)
        if len(calls) == 2:
            raise Unavailable("cut")
        modify(self, name, changes, doing)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ldap, "_modify", cut)
        with pytest.raises(Unavailable):
            _set_password(resource, wanted["username"], PASSWORD)

    _set_password(resource, wanted["username"], PASSWORD)

    assert not _can_sign_in(resource, wanted["username"])
    assert plan(resource, "account", wanted, marker=marker).action == "nothing"
    with resource:
        found = resource.find_by_marker(Account, marker)
    assert found
    assert found.raw["labeleduri"] == (marker,)


def _marker_of(resource: Ldap, name: str) -> str:
    with resource:
        found = resource.find_by_field(Account, "username", name)
    assert found
    assert found.marker
    return found.marker


@pytest.mark.slapd
def test_a_weak_first_password_is_named_and_not_shown(slapd: Slapd) -> None:
    resource = open_resource("staff-directory", slapd.config())
    assert isinstance(resource, Ldap)
    wanted = noah()
    make(resource, "account", wanted)

    with pytest.raises(Invalid) as refused:
        _set_password(resource, wanted["username"], "abc123xyz")

    assert refused.value.field == "password"
    assert "abc123xyz" not in f"{refused.value!s}{refused.value!r}"


def test_a_renamed_account_is_found_by_its_id_and_keeps_its_groups(resource: Ldap) -> None:
    marker, wanted, group = _marker(), noah(), new_name("g")
    stable_id = make(resource, "account", wanted, marker)
    make(resource, "group", {"name": group})
    make(resource, "membership", {"account": wanted["username"], "group": group})
    new = new_name()

    renamed = plan(resource, "account", {"username": new}, marker=marker, stable_id=stable_id)
    outcome = apply(resource, renamed, marker)

    assert [d.field for d in renamed.differences] == ["username"]
    assert (outcome.stable_id, outcome.key) == (stable_id, new)
    account = {"key": "a name that was", "stable_id": stable_id}
    assert (
        plan(resource, "membership", {"account": account, "group": group}, marker="ordna:m").action
        == "nothing"
    )


def test_an_account_we_knew_that_is_gone_is_said_to_be_gone(resource: Ldap) -> None:
    planned = plan(resource, "account", noah(), marker=_marker(), stable_id=str(uuid.uuid4()))

    assert (planned.action, planned.gone) == ("create", True)


def test_a_manager_is_somebody_in_the_directory(resource: Ldap) -> None:
    mia = noah()
    make(resource, "account", mia)
    marker, wanted = _marker(), noah(manager={"key": mia["username"]})

    make(resource, "account", wanted, marker)

    assert plan(resource, "account", wanted, marker=marker).action == "nothing"
    with pytest.raises(Invalid) as refused:
        make(resource, "account", noah(manager="nobody-at-all"))
    assert refused.value.field == "manager"


def test_a_group_is_never_emptied_of_its_placeholder(resource: Ldap) -> None:
    wanted, group = noah(), new_name("g")
    make(resource, "account", wanted)
    make(resource, "group", {"name": group})
    link = {"account": wanted["username"], "group": group}
    make(resource, "membership", link)
    where = resource.directory.demand_group(group).where
    resource.wire.modify(where, {"member": [("MODIFY_DELETE", [resource.placeholder])]}, doing="Emptying")

    apply(resource, plan_absent(resource, "membership", link, marker="ordna:m"), "ordna:m")

    row = resource.wire.search(where, "(objectClass=*)", ["member"], doing="Looking", deep=False)[0]
    assert row.all("member") == (resource.placeholder,)


def test_a_value_that_the_system_refuses_names_our_field(slapd: Slapd) -> None:
    resource = open_resource("staff-directory", slapd.config())

    with pytest.raises(Invalid) as refused:
        make(resource, "account", noah(mail="åäö@example.test"))

    assert refused.value.field == "mail"
    assert "Creating account" in str(refused.value)


def test_names_and_addresses_that_are_taken_are_not_free(resource: Ldap) -> None:
    wanted = noah(mail=f"{new_name()}@example.test")
    make(resource, "account", wanted)

    assert not is_free(resource, "account", "username", wanted["username"].upper())
    assert not is_free(resource, "account", "mail", wanted["mail"])
    assert is_free(resource, "account", "username", new_name())


def test_a_group_outside_the_walls_is_denied(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config(walls={"groups": ["intranet-*"]}))

    with pytest.raises(Denied) as refused:
        plan(resource, "membership", {"account": "noah", "group": "domain-admins"}, marker="ordna:m")

    assert "intranet-*" in str(refused.value)


def test_a_resource_without_stated_groups_allows_none(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config(walls={}))

    with pytest.raises(Denied):
        plan(resource, "group", {"name": "rangers"}, marker="ordna:m")


def test_i04_what_looks_like_a_filter_is_looked_for_literally(resource: Ldap) -> None:
    make(resource, "account", noah())
    strings = ["*", "*)(uid=*", "*)(objectClass=*", "\\2a", "a*b", "(|(uid=*))", ")(", "\\", "\x01", "ｕ＊"]
    strings += [f"{a}{b}{c}" for a in "*(\\" for b in ("uid=*", ")", "\\2a") for c in "*)&|!"]

    with resource:
        found = [text for text in strings if resource.find_by_field(Account, "username", text)]
        by_marker = [text for text in strings if resource.find_by_marker(Account, text)]
        by_id = [text for text in strings if resource.find_by_id(Account, text)]

    assert (found, by_marker, by_id) == ([], [], [])


AWKWARD = [
    "a, b", "a+b", 'a"b', "a\\b", "#a", "a=b", "a;b", "<a>", "CN=x,OU=Domain Controllers", "x,ou=services",
    "é Ö", "a\\, b", "a\nb", "a  b",
]  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_i05_whatever_a_name_holds_the_entry_lands_in_its_base(resource: Ldap, name: str) -> None:
    unique = f"{name}{new_name()}"
    marker = _marker()

    make(resource, "account", noah(unique), marker)

    with resource:
        found = resource.find_by_marker(Account, marker)
    assert found
    assert dn.is_inside(found.where, resource.directory.people)
    assert dn.parent(found.where) == resource.directory.people
    assert plan(resource, "account", noah(unique), marker=marker).action == "nothing"
    renamed = f"{name}{new_name()}"
    moved = apply(resource, plan(resource, "account", {"username": renamed}, marker=marker), marker)
    assert moved.key == " ".join(renamed.split()) or moved.key == renamed


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_i05_an_escaped_value_is_one_value(value: str) -> None:
    name = f"uid={dn.escape(value)},ou=people,dc=example,dc=test"

    assert dn.first_value(name) == value
    assert dn.parent(name) == "ou=people,dc=example,dc=test"
    assert dn.is_inside(name, "ou=People,dc=example,dc=test")


def test_nothing_outside_the_bases_is_ever_written(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config(placeholder="cn=x"))
    assert isinstance(resource, Ldap)

    for name in (
        embedded.details.bind_dn,
        f"uid=x,ou=services,{embedded.details.base}",
        resource.directory.people,
    ):
        with pytest.raises(Denied):
            resource._inside(name)


def test_another_reader_sees_what_we_wrote(embedded: Embedded) -> None:
    resource = open_resource("staff-directory", embedded.config())
    marker, wanted = _marker(), noah(enabled=False)
    make(resource, "account", wanted, marker)
    where = embedded.details
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(where.ca_file))
    server = Server(where.host, port=where.port, use_ssl=True, tls=tls)

    reader = Connection(server, where.bind_dn, where.password, client_strategy=SAFE_SYNC)
    reader.bind()
    with reader.socket:  # the library itself forgets to close it
        text = f"(uid={escape_filter_chars(wanted['username'])})"
        _, _, rows, _ = reader.search(where.people_base, text, attributes=["*", "pwdAccountLockedTime"])
        reader.unbind()

    assert [r["attributes"]["labeledURI"] for r in rows] == [[marker]]
    assert rows[0]["attributes"]["pwdAccountLockedTime"] == ["000001010000Z"]
