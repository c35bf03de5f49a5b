"""Finding connectors, opening resources and describing kinds."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors import registry
from connectors.errors import Misconfigured
from connectors.memory import Memory
from connectors.registry import connectors, describe_kinds, open_resource
from connectors.walls import check_stated_walls, check_walls

ROOT = Path(__file__).parents[2]


class Borrowed(Memory):
    """Somebody else's connector."""

    key = "borrowed"


def test_those_that_lie_here_are_found_without_a_list() -> None:
    assert {"ldap", "memory"} <= connectors().keys()


def test_an_installed_connector_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("borrowed", f"{__name__}:Borrowed", "portal.connectors")
    monkeypatch.setattr(EntryPoint, "load", lambda self: Borrowed)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry])
    connectors.cache_clear()
    try:
        assert connectors()["borrowed"] is Borrowed
    finally:
        connectors.cache_clear()


def test_an_entry_point_that_breaks_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    entry = EntryPoint("broken", "no.such.module:Thing", "portal.connectors")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry])
    connectors.cache_clear()
    try:
        assert "memory" in connectors()
    finally:
        connectors.cache_clear()
    assert "broken" in caplog.text


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"connector": "ldpa"}, "there are"),
        ({"connector": "memory", "stor": "x"}, "Did you mean store?"),
        ({"connector": "memory", "walls": "none"}, "table"),
        ({"connector": "ldap", "host": "localhost"}, "lacks the setting"),
    ],
)
def test_a_slip_in_a_resource_is_told(config: dict[str, object], says: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        open_resource("staff-directory", config)

    assert says in str(refused.value)


def test_a_kind_is_described_as_plain_data() -> None:
    kinds = describe_kinds("staff-directory", {"connector": "ldap", "walls": {"groups": ["intranet-*"]}})

    assert sorted(kinds) == ["account", "first-password", "group", "membership"]
    membership = kinds["membership"]
    assert (membership["link"], membership["once"], membership["required"]) == (
        True,
        False,
        ["account", "group"],
    )
    assert membership["attributes"]["account"]["type"] == "ref"
    assert membership["attributes"]["group"]["allowed"] == ["intranet-*"]
    assert kinds["account"]["attributes"]["expires_on"] == {
        "label": "Last day",
        "type": "date",
        "mark": "until",
        "allowed": None,
    }
    assert kinds["first-password"]["once"]


def test_kinds_that_items_may_not_use_are_not_described() -> None:
    config = {"connector": "ldap", "walls": {"kinds": ["account"]}}

    assert list(describe_kinds("staff-directory", config)) == ["account"]


def test_walls_are_asked_the_same_way_before_and_after_opening() -> None:
    walls = {"kinds": ["membership"], "groups": ["intranet-*"]}
    opened = open_resource("staff-directory", {"connector": "memory", "walls": walls})

    for wanted, outside in (({"group": "Intranet-readers"}, 0), ({"group": "domain-admins"}, 1), ({}, 0)):
        assert len(check_walls(opened, "membership", wanted)) == outside
        assert len(check_stated_walls(Memory, walls, "membership", wanted)) == outside
    assert "does not let items use account" in check_walls(opened, "account", {})[0]


def test_the_example_file_names_connectors_and_settings_that_exist() -> None:
    import tomllib

    tables = tomllib.loads((ROOT / "config" / "resources.example.toml").read_text())["resources"]

    assert tables
    for name, table in tables.items():
        known = {s.name for s in registry.connector_of(name, table).settings} | set(registry.RESOURCE_KEYS)
        assert set(table) <= known
        assert describe_kinds(name, table)
