"""Every letter in every language, word for word. `PORTAL_GOLDEN=write pytest tests/mails` rewrites them."""

import os
from pathlib import Path

import pytest

from portal.i18n import LANGUAGES
from portal.work.letters import WRITERS, compose, paper
from tests.mails.scene import Scene

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.usefixtures("same_tokens")
def test_every_letter_reads_as_it_did(scene: Scene) -> None:
    settings = scene.cast.settings
    settings.take({
        "portal.base_url": ("https://portal.example", "test"),
        "portal.service_desk_phone": ("010-123 45 67", "test"),
        "portal.service_desk_mail": ("servicedesk@example.test", "test"),
    })  # fmt: skip
    written = {}
    for template, mail in scene.letters().items():
        for language in LANGUAGES:
            scene.cast.root.language = language
            rendered = compose(scene.session, mail, settings).render()
            written[f"{template}.{language}.html"] = rendered.html
            written[f"{template}.{language}.txt"] = f"Subject: {rendered.subject}\n\n{rendered.text}"

    if os.environ.get("PORTAL_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        for old in GOLDEN.iterdir():
            old.unlink()
        for name, text in written.items():
            (GOLDEN / name).write_text(text, encoding="utf-8")

    kept = {file.name: file.read_text(encoding="utf-8") for file in GOLDEN.iterdir()}
    assert sorted(written) == sorted(kept)
    for name, text in written.items():
        assert text == kept[name], f"{name} reads differently; PORTAL_GOLDEN=write pytest tests/mails"


def test_every_letter_has_a_golden_text_and_a_writer(scene: Scene) -> None:
    templates = {file.stem for file in (paper.templates() / "mail").glob("*.html") if file.stem[0] != "_"}

    assert templates == set(WRITERS) == set(scene.letters())
