"""What must not be in a letter, nor out of it: other people's headers, markup, tokens, secrets."""

import logging
import re

import pytest
from sqlalchemy import select

from portal import create_app, keys
from portal.domain import links
from portal.models.audit import AuditEvent
from portal.models.work import OutboundMail
from portal.work.mail import send_due
from portal.work.transports import Refused
from tests.cast import publish_text
from tests.mails.post import Pocket, go, text_of, with_sink
from tests.mails.scene import ITEM, Scene
from tests.peers.smtp_sink import Sink


def test_l06_a_token_has_256_bits_and_only_its_hash_is_kept(scene: Scene) -> None:
    scene.order()
    pocket = Pocket()

    go(scene, pocket)

    (token,) = set(re.findall(r"/approve/([\w-]+)", text_of(pocket.letters[1])))
    link = links.find(scene.session, "approve", token)
    assert link is not None
    assert link.hash == keys.token_hash(token)
    assert link.person_id == scene.cast.mia.id
    assert len(token) >= 43
    stored = b"".join(file.read_bytes() for file in scene.cast.settings.data_dir.glob("portal.db*"))
    assert link.hash.encode() in stored
    assert token.encode() not in stored
    assert len({keys.token() for _ in range(2000)}) == 2000


def test_l11_links_are_made_from_the_settings_whatever_the_caller_says(scene: Scene) -> None:
    app = create_app(scene.cast.settings, scene.cast.database)
    scene.order()
    pocket = Pocket()
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "Forwarded": "host=evil.example",
    }

    with app.test_request_context("/", base_url="http://evil.example", headers=forged):
        go(scene, pocket)

    words = "".join(text_of(letter, form) for letter in pocket.letters for form in ("plain", "html"))
    assert "evil" not in words
    assert "http://localhost/approve/" in words


HOSTILE = [
    "Sara\r\nBcc: evil@example.test",
    "Sara\nBcc: evil@example.test",
    "Sara\u2028Bcc: evil@example.test",
    "Sara\x85Bcc: evil@example.test\x0b\x0c\x1e",
    "Sara \u202egnp.exe <evil@example.test>, evil@example.test;",
    "Åsa " * 250,
    '"><script>alert(1)</script>',
    "{{ 7 * 7 }} %(name)s %s {% raise %}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_l12_no_name_breaks_a_letter(scene: Scene, name: str, smtp_sink: Sink) -> None:
    scene.sara.given_name = scene.cast.mia.given_name = name[:1000]
    scene.order(why=name)
    settings = with_sink(scene, smtp_sink)

    scene.session.commit()
    assert send_due(scene.cast.database, settings) == 2

    received, approve = smtp_sink.messages
    for letter in (received, approve):
        assert letter.defects == []
        assert {key: value.defects for key, value in letter.items() if value.defects} == {}
        assert sorted(letter.keys()) == sorted(EXPECTED)
        assert len(letter["To"].addresses) == 1
        html = text_of(letter, "html")
        assert "<script>" not in html
        assert "49" not in str(letter["Subject"])
    assert approve["To"].addresses[0].addr_spec == "mia@example.test"
    assert str(approve["Subject"]).endswith("(B26-00001)")


EXPECTED = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


@pytest.mark.parametrize(
    "written",
    [
        "mia@example.test, evil@example.test",
        "mia@example.test\r\nBcc: evil@example.test",
        "mia@example.test\u2028",
        "mia",
        "@example.test",
        "mia@",
        "<mia@example.test>",
        "mia@exa..mple.test",
        "",
    ],
)
def test_l12_what_is_no_single_address_gets_no_letter_and_says_why(scene: Scene, written: str) -> None:
    scene.cast.mia.mail = written
    scene.order()
    pocket = Pocket()

    go(scene, pocket)

    assert pocket.recipients == ["sam@example.test"]
    failed = scene.session.scalars(select(OutboundMail).where(OutboundMail.state == "failed")).one()
    assert failed.template == "approve"
    assert "address" in failed.error


def test_an_address_in_another_alphabet_goes_in_the_form_that_servers_know(scene: Scene) -> None:
    scene.cast.mia.mail = "mia@exämple.test"
    scene.order()
    pocket = Pocket()

    go(scene, pocket)

    assert pocket.recipients[1] == "mia@xn--exmple-cua.test"


def test_l13_no_token_is_anywhere_but_in_the_letter(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scene.order()
    pocket = Pocket()
    broken = Pocket()
    broken.problem = Refused("the mail server said 554 no")

    go(scene, broken)
    scene.order()
    go(scene, pocket)

    tokens = re.findall(r"/approve/([\w-]+)", text_of(pocket.letters[1]))
    assert tokens
    session = scene.session
    told = " ".join(str(each.body) + each.action for each in session.scalars(select(AuditEvent)))
    kept = " ".join(f"{each.data} {each.error}" for each in session.scalars(select(OutboundMail)))
    for token in tokens:
        assert token not in caplog.text + told + kept


def test_a_sensitive_order_is_not_told_in_a_letter(scene: Scene) -> None:
    publish_text(scene.session, ITEM.replace("order_for: both", "order_for: both\nsensitive: true"))
    scene.order(why="En hemlig orsak")
    plain = Pocket()

    go(scene, plain)

    words = "".join(text_of(letter, form) for letter in plain.letters for form in ("plain", "html"))
    assert "hemlig" not in words
    assert "när du har loggat in" in words


def test_a_protected_name_stays_out_of_letters(scene: Scene) -> None:
    scene.sara.is_protected = True
    scene.order(why="för en kollega")
    pocket = Pocket()

    go(scene, pocket)

    everything = "".join(letter.as_string() for letter in pocket.letters)
    words = "".join(text_of(letter, form) for letter in pocket.letters for form in ("plain", "html"))
    assert "Öberg" not in words
    assert "Sara" not in everything
    assert "en person med skyddade personuppgifter" in words
