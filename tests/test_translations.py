"""The translators' files against the code."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from portal.translations import check
from portal.translations.compiler import compile_catalogues


@pytest.fixture(scope="module")
def template() -> Catalog:
    """Give every marked text of the code."""
    return check.extracted()


@pytest.mark.parametrize("language", ["sv", "nb", "en"])
def test_every_text_is_translated_and_none_is_left_over(language: str, template: Catalog) -> None:
    assert check.problems(language, template) == []


def test_texts_are_found_in_code_templates_and_components(template: Catalog) -> None:
    files = {file for message in template for file, _ in message.locations}

    assert {"catalog/loader.py", "portal/views/statuses.py", "templates/mail/approve.html"} <= files
    assert {
        "templates/_components/pagination.html",
        "portal/forms/decision.py",
        "connectors/kinds.py",
    } <= files


def test_what_is_missing_or_unsound_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = Catalog()
    for text in ("Send", "Ready by %(day)s", "Gone by %(day)s", "Go on", ("%(num)s step", "%(num)s steps")):
        template.add(text)
    theirs = Catalog(locale="sv")
    theirs.add("Ready by %(day)s", "Klart")
    theirs.add("Gone by %(day)s", "Borta %(dag)s")
    theirs.add("Go on", "Fortsätt", flags=("fuzzy",))
    theirs.add(("%(num)s step", "%(num)s steps"), ("%(num)s steg", ""))
    theirs.add("Old", "Gammal")
    monkeypatch.setattr(check, "HERE", tmp_path)
    _keep(tmp_path, theirs)

    assert sorted(check.problems("sv", template)) == [
        "sv: fills in what is not there: 'Gone by %(day)s'",
        "sv: fuzzy: 'Go on'",
        "sv: loses a value: 'Ready by %(day)s'",
        "sv: missing: '%(num)s steps'",
        "sv: missing: 'Send'",
        "sv: superfluous: 'Old'",
    ]


def test_updating_brings_new_texts_in_and_takes_old_ones_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = Catalog(fuzzy=False)
    template.add("Send")
    template.add("Go on")
    theirs = Catalog(locale="sv", fuzzy=False)
    theirs.add("Go on", "Fortsätt")
    theirs.add("Old", "Gammal")
    monkeypatch.setattr(check, "HERE", tmp_path)
    monkeypatch.setattr(check, "extracted", lambda: template)
    _keep(tmp_path, theirs)

    check.update("sv")

    assert {m.id: m.string for m in check.read("sv") if m.id} == {"Send": "", "Go on": "Fortsätt"}


def test_a_compiled_file_is_made_once_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    theirs = Catalog(locale="sv")
    theirs.add("Go on", "Fortsätt")
    _keep(tmp_path, theirs)

    first, second = compile_catalogues(tmp_path), compile_catalogues(tmp_path)

    assert [file.name for file in first] == ["messages.mo"]
    assert second == []
    assert sorted(file.name for file in first[0].parent.iterdir()) == ["messages.mo", "messages.po"]


def _keep(folder: Path, catalog: Catalog) -> None:
    file = folder / "sv" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as handle:
        check.write(handle, catalog)
