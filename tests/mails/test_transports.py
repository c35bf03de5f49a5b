"""The ways out: a mail server that fails in every way, and a folder."""

import stat
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import clock
from portal.models.work import OutboundMail
from portal.work import transports
from portal.work.mail import send_due
from portal.work.transports import Folder, Smtp, transport_of
from tests.mails.post import rows, with_sink
from tests.mails.scene import MOMENT, Scene
from tests.peers import certificates
from tests.peers.slapd import free_port
from tests.peers.smtp_sink import Sink


def send(scene: Scene, *, minutes: int = 0) -> int:
    """Commit and send what is due, some minutes on."""
    scene.session.commit()
    with clock.at(MOMENT + timedelta(minutes=minutes)):
        sent = send_due(scene.cast.database, scene.cast.settings)
    scene.session.expire_all()
    return sent


def errors(scene: Scene) -> list[str]:
    """What is written on the letters that wait or failed."""
    return list(scene.session.scalars(select(OutboundMail.error).order_by(OutboundMail.id)))


def test_letters_go_encrypted_and_signed_in(scene: Scene, smtp_sink: Sink) -> None:
    with_sink(scene, smtp_sink)
    scene.order()

    assert send(scene) == 2

    first, second = smtp_sink.messages
    assert str(first["From"]) == "Ordna <portal@example.test>"
    assert [str(first["To"]), str(second["To"])] == [
        "Sam Holm <sam@example.test>",
        "Mia Berg <mia@example.test>",
    ]
    assert {part.get_content_type() for part in first.walk()} == {
        "multipart/alternative", "text/plain", "text/html",
    }  # fmt: skip


def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    scene: Scene, smtp_sink: Sink, tmp_path: Path
) -> None:
    settings = with_sink(scene, smtp_sink)
    settings.take({"mail.ca_file": (str(certificates.make(tmp_path / "other").ca), "test")})
    scene.order()

    assert send(scene) == 0

    assert smtp_sink.messages == []
    assert "certificate is not trusted" in errors(scene)[0]


def test_a_server_without_encryption_gets_nothing(scene: Scene, smtp_sink: Sink) -> None:
    settings = with_sink(scene, smtp_sink)
    settings.take({"mail.security": ("tls", "test")})
    scene.order()

    assert send(scene) == 0
    assert rows(scene.session) == [("received", "queued"), ("approve", "queued")]


def test_a_wrong_password_makes_letters_wait_and_says_so_without_the_password(
    scene: Scene, smtp_sink: Sink
) -> None:
    settings = with_sink(scene, smtp_sink)
    settings.take({"mail.password": ("not-the-one", "test")})
    scene.order()

    assert send(scene) == 0
    assert "535" in errors(scene)[0]
    assert "not-the-one" not in "".join(errors(scene))

    settings.take({"mail.password": (smtp_sink.password, "test")})
    assert send(scene, minutes=2) == 2


def test_a_recipient_that_does_not_exist_is_given_up_and_the_rest_go(scene: Scene, smtp_sink: Sink) -> None:
    with_sink(scene, smtp_sink)
    scene.cast.sam.mail = "nobody@example.test"
    scene.order()

    assert send(scene) == 1

    assert rows(scene.session) == [("received", "failed"), ("approve", "sent")]
    assert "550 5.1.1 no such user" in errors(scene)[0]


@pytest.mark.parametrize(("fault", "state"), [("4xx", "queued"), ("5xx", "failed")])
def test_a_letter_that_is_refused_waits_or_is_given_up_as_the_server_says(
    scene: Scene, smtp_sink: Sink, fault: str, state: str
) -> None:
    with_sink(scene, smtp_sink)
    smtp_sink.fault = fault  # type: ignore[assignment]  # one of its words
    scene.order()

    assert send(scene) == 0
    assert rows(scene.session) == [("received", state), ("approve", state)]

    smtp_sink.fault = ""
    assert send(scene, minutes=10) == (2 if state == "queued" else 0)


def test_c05_an_answer_that_is_lost_doubles_the_letter_at_most_under_the_same_name(
    scene: Scene, smtp_sink: Sink
) -> None:
    with_sink(scene, smtp_sink)
    scene.order()
    smtp_sink.fault = "cut"

    assert send(scene) == 0
    smtp_sink.fault = ""
    assert send(scene, minutes=2) == 2

    names = [str(letter["Message-ID"]) for letter in smtp_sink.messages]
    assert len(names) == 3
    assert len(set(names)) == 2


def test_a_server_that_falls_silent_is_not_waited_for(
    scene: Scene, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "TIMEOUT", 0.5)
    with_sink(scene, smtp_sink)
    smtp_sink.fault = "slow"
    scene.order()

    assert send(scene) == 0
    assert "cannot be reached" in errors(scene)[0]


def test_a_server_that_is_not_there_makes_letters_wait(scene: Scene, smtp_sink: Sink) -> None:
    settings = with_sink(scene, smtp_sink)
    settings.take({"mail.port": (free_port(), "test")})
    scene.order()

    assert send(scene) == 0
    assert rows(scene.session) == [("received", "queued"), ("approve", "queued")]


def test_a_folder_takes_each_letter_whole_and_once(scene: Scene, tmp_path: Path) -> None:
    scene.cast.settings.take({"mail.folder": (str(tmp_path / "mail"), "test")})
    scene.order()
    way = transport_of(scene.cast.settings)
    assert isinstance(way, Folder)

    assert send(scene) == 2

    files = sorted((tmp_path / "mail").iterdir())
    names = {file.name for file in files}
    kept = scene.session.scalars(select(OutboundMail))
    assert names == {transports.file_name(each.message_id) for each in kept}
    letter = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert letter["To"] is not None
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    with way:
        way.send(letter, sender="a@example.test", recipient="b@example.test")
    assert {file.name for file in (tmp_path / "mail").iterdir()} == names


def test_a_folder_that_cannot_be_written_makes_letters_wait(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    scene.order()
    folder = Folder(tmp_path / "mail")
    with folder:
        (tmp_path / "mail").rmdir()
        (tmp_path / "mail").write_text("no folder")
        scene.session.commit()

        class Stuck(Folder):
            def __enter__(self) -> "Stuck":
                return self

        assert send_due(scene.cast.database, scene.cast.settings, Stuck(tmp_path / "mail")) == 0
    scene.session.expire_all()
    assert rows(scene.session) == [("received", "queued"), ("approve", "queued")]


def test_the_settings_choose_the_way(scene: Scene, smtp_sink: Sink, tmp_path: Path) -> None:
    settings = scene.cast.settings
    assert transport_of(settings) is None

    with_sink(scene, smtp_sink)
    assert isinstance(transport_of(settings), Smtp)

    settings.take({"mail.folder": (str(tmp_path / "mail"), "test")})
    assert isinstance(transport_of(settings), Folder)
