"""Words in several languages: marked texts of the code and texts that somebody wrote per language."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from portal.translations.compiler import compile_catalogues

LANGUAGES = ("sv", "nb", "en")
FORMATS = {"sv": "sv_SE", "nb": "nb_NO", "en": "en_GB"}
"""Which rules for dates and money each language uses."""

TRANSLATIONS = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return message


def text_and_language(
    texts: Mapping[str, str] | str | None, language: str, *, main: str = "sv"
) -> tuple[str, str]:
    """Choose the text for a language, and say which language it is in (for its own `lang`)."""
    if not texts:
        return "", language
    if isinstance(texts, str):
        return texts, main
    for candidate in (language, main, *LANGUAGES, *texts):
        if texts.get(candidate):
            return texts[candidate], candidate
    return "", language


def text(texts: Mapping[str, str] | str | None, language: str, *, main: str = "sv") -> str:
    """Choose the text for a language, else the main language's, else any."""
    return text_and_language(texts, language, main=main)[0]


def refresh() -> None:
    """Compile translations that have changed, in a checkout; an installed portal has them compiled."""
    if any(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")) and os.access(TRANSLATIONS, os.W_OK):
        compile_catalogues(TRANSLATIONS)


@cache
def catalogue(language: str) -> NullTranslations:
    """Give the compiled translations of a language; the msgids themselves where there are none."""
    refresh()
    return Translations.load(str(TRANSLATIONS), [language])


def translate(message: str, language: str, **values: object) -> str:
    """Translate a marked text outside of a page (mails, files) and fill in its values."""
    translated = catalogue(language).ugettext(message)
    return translated % values if values else translated


def language_of(tag: str | None) -> str | None:
    """Map a language tag to a language of ours: `nn-NO` to `nb`, `sv-FI` to `sv`, unknown to nothing."""
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    primary = {"no": "nb", "nn": "nb"}.get(primary, primary)
    return primary if primary in LANGUAGES else None
