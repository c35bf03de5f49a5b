"""The settings: the table, the file, the environment."""

from pathlib import Path

import pytest

from portal import settings as settings_module
from portal.cli._first import example
from portal.setting_keys import KEYS
from portal.settings import Settings, SettingsProblem

ROOT = Path(__file__).parents[1]


def test_there_are_at_most_sixty_settings() -> None:
    assert len(KEYS) <= 60
    assert len({key.name for key in KEYS}) == len(KEYS)


def test_the_example_file_has_every_key_as_it_is() -> None:
    assert (ROOT / "config" / "portal.example.toml").read_text("utf-8") == example()


def test_the_example_file_with_everything_set_is_accepted(tmp_path: Path) -> None:
    everything = {
        key.name: key.default or "http://x" if key.name == "portal.base_url" else key.default for key in KEYS
    }
    file = tmp_path / "portal.toml"
    file.write_text(example(everything), "utf-8")

    loaded = settings_module.load({"PORTAL_CONFIG": str(file)})

    assert {name: loaded[name] for name in everything} == everything


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    file.write_text('[mail]\nhost = "from-file"\nport = 25\n', "utf-8")

    loaded = settings_module.load({"PORTAL_CONFIG": str(file), "PORTAL__MAIL__HOST": "from-env"})

    assert (loaded.text("mail.host"), loaded.number("mail.port")) == ("from-env", 25)
    sources = {each.key: each.source for each in loaded.effective()}
    assert sources["mail.host"] == "PORTAL__MAIL__HOST"
    assert sources["mail.port"] == str(file)
    assert sources["mail.sender"] == "default"


def test_short_names_for_database_and_key() -> None:
    loaded = settings_module.load({"PORTAL_DATABASE_URL": "sqlite:///x.db", "PORTAL_SECRET_KEY": "k"})

    assert (loaded.database_url, loaded.text("secret.key")) == ("sqlite:///x.db", "k")


def test_secrets_are_not_on_the_page_of_settings() -> None:
    canary = "canary-7f3a"

    page = Settings({"mail.password": canary, "secret.key": canary, "database.url": canary}).effective()

    assert canary not in repr(page)
    assert {each.key: each.value for each in page}["mail.password"] == "•••"


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsProblem) as caught:
        settings_module.load(
            {
                "PORTAL__MAIL__HSOT": "x",
                "PORTAL__SERVER__PORT": "eighty",
                "PORTAL__MAIL__SECURITY": "perhaps",
                "PORTAL__PORTAL__ZONE": "Europe/Stokholm",
                "PORTAL__PORTAL__LANGUAGES": "sv,tlh",
                "PORTAL__SIGNIN__LOCAL": "maybe",
                "PORTAL__PORTAL__BASE_URL": "portal.example.org",
            }
        )

    assert sorted(caught.value.problems) == [
        "PORTAL__MAIL__HSOT: there is no setting mail.hsot. Did you mean mail.host?",
        "PORTAL__MAIL__SECURITY: mail.security is one of starttls, tls, none.",
        "PORTAL__SERVER__PORT: server.port is a number.",
        "PORTAL__SIGNIN__LOCAL: signin.local is true or false.",
        "portal.base_url: write the whole address, such as https://portal.example.org.",
        "portal.languages: choose among sv, nb, en.",
        "portal.zone: Europe/Stokholm is no time zone.",
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[mail\n", "utf-8")

    for file in (tmp_path / "none.toml", broken):
        with pytest.raises(SettingsProblem, match=file.name):
            settings_module.load({"PORTAL_CONFIG": str(file)})
