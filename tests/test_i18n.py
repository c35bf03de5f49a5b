"""Words in several languages."""

import gettext
import os
from pathlib import Path

import pytest

from portal import i18n
from portal.translations.compiler import compile_catalogues


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("sv-FI", "sv"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("nb_NO", "nb"),
        ("en-US", "en"),
        ("de", None),
        ("", None),
        (None, None),
    ],
)
def test_a_browsers_tag_becomes_a_language_of_ours(tag: str | None, language: str | None) -> None:
    assert i18n.language_of(tag) == language


def test_a_missing_text_falls_back_and_says_which_language_it_is() -> None:
    texts = {"sv": "Dator", "en": "Computer"}

    assert i18n.text_and_language(texts, "en") == ("Computer", "en")
    assert i18n.text_and_language(texts, "nb") == ("Dator", "sv")
    assert i18n.text_and_language(texts, "nb", main="en") == ("Computer", "en")
    assert i18n.text_and_language("Dator", "en") == ("Dator", "sv")
    assert i18n.text({}, "sv") == ""


def test_a_text_without_translation_is_shown_as_it_is() -> None:
    assert i18n.translate("No such text, %(name)s", "sv", name="Mia") == "No such text, Mia"


def test_translations_are_compiled_when_they_have_changed(tmp_path: Path) -> None:
    source = tmp_path / "sv" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)

    def write(word: str) -> None:
        header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        source.write_text(f'{header}msgid "Order"\nmsgstr "{word}"\n', "utf-8")

    def read() -> str:
        return gettext.translation("messages", str(tmp_path), ["sv"]).gettext("Order")

    write("Beställ")
    first = (len(compile_catalogues(tmp_path)), read(), len(compile_catalogues(tmp_path)))
    write("Beställa")
    later = source.with_suffix(".mo").stat().st_mtime_ns + 1_000_000_000
    os.utime(source, ns=(later, later))

    gettext._translations.clear()  # type: ignore[attr-defined]  # it remembers what it has read
    assert first == (1, "Beställ", 0)
    assert (len(compile_catalogues(tmp_path)), read()) == (1, "Beställa")


def test_every_language_has_formats() -> None:
    assert set(i18n.FORMATS) == set(i18n.LANGUAGES)
