"""The operator's file of connected systems."""

from pathlib import Path

import pytest

from portal import resources
from portal.settings import Settings, SettingsProblem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path / "resources.toml"


def read(file: Path, text: str) -> dict[str, resources.ResourceConfig]:
    file.write_text(text, "utf-8")
    settings = Settings({"files.resources": str(file), "files.secrets": str(file.parent / "secrets")})
    return resources.read(settings)


def test_without_a_file_nothing_is_connected() -> None:
    assert resources.read(Settings()) == {}


def test_a_new_resource_asks_before_it_does_anything(file: Path) -> None:
    found = read(file, '[resources.ad]\nconnector = "ldap"\nurl = "ldaps://ad.example.org"\n')["ad"]

    assert (found.mode, found.concurrency, found.opened()) == ("ask", 1, {"url": "ldaps://ad.example.org"})


def test_a_corrected_secret_is_used_without_restart(file: Path) -> None:
    secret = file.parent / "secrets" / "ad"
    secret.write_text("wrong\n")
    found = read(file, '[resources.ad]\nconnector = "ldap"\npassword = "file:ad"\n')["ad"]
    first, digest = found.opened(), found.digest()

    secret.write_text("right\n")

    assert (first, found.opened()) == ({"password": "wrong"}, {"password": "right"})
    assert found.digest() != digest


def test_a_secret_may_stand_in_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_RESOURCE_AD", "hush")
    found = read(
        file, '[resources.ad]\nconnector = "ldap"\n[resources.ad.bind]\npassword = "env:PORTAL_RESOURCE_AD"\n'
    )

    assert found["ad"].opened() == {"bind": {"password": "hush"}}
    assert "hush" not in repr(found)
    assert "hush" not in found["ad"].digest()


@pytest.mark.parametrize(
    "secret", ["env:PORTAL_SECRET_KEY", "env:HOME", "file:../resources.toml", "file:/etc/hostname"]
)
def test_a_secret_cannot_be_something_else_of_the_machines(file: Path, secret: str) -> None:
    found = read(file, f'[resources.ad]\nconnector = "ldap"\npassword = "{secret}"\n')["ad"]

    with pytest.raises(SettingsProblem, match=r"resources\.ad"):
        found.opened()


def test_everything_that_is_wrong_is_said_at_once(file: Path) -> None:
    with pytest.raises(SettingsProblem) as caught:
        read(file, '[resources.a]\nmode = "now"\n[resources.b]\nconnector = "ldap"\nconcurrency = 0\n')

    assert [problem.removeprefix(f"{file}: ") for problem in caught.value.problems] == [
        'a does not say which connector it uses: connector = "ldap".',
        "a: mode is one of plan, ask, auto.",
        "b: concurrency is a number, at least 1.",
    ]
