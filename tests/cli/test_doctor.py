"""`portal doctor` and `portal resource`: what is wrong, in plain words."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.errors import Misconfigured
from portal import clock
from portal.domain import audit
from portal.models.audit import AuditEvent
from portal.work import resources
from tests.cli.house import Installation
from tests.peers.smtp_sink import Sink


def test_a_sound_installation_has_nothing_wrong(portal: Installation) -> None:
    done = portal("doctor")

    assert done.exit_code == 0, done.output
    assert "ok   The database answers and is of this version" in done.output
    assert "ok   staff-directory: The store" in done.output
    assert "look There is no mail server: letters wait." in done.output
    assert "look Nobody may administer the portal." in done.output
    assert "NOT" not in done.output


def test_wrong_settings_are_said_line_by_line(portal: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL__MAIL__PORT", "soon")
    monkeypatch.setenv("PORTAL__MAIL__HOTS", "x")

    done = portal("doctor")

    assert done.exit_code == 1
    assert "mail.port is a number" in done.output
    assert "Did you mean mail.host?" in done.output
    assert "2 things are wrong" in done.output


def test_a_database_of_another_version_is_said(portal: Installation) -> None:
    portal.cast.session.commit()
    with sqlite3.connect(portal.folder / "portal.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()

    done = portal("doctor")

    assert done.exit_code == 1
    assert "NOT  The database is of version 0000" in done.output


def test_a_database_that_is_none_is_said(portal: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = portal.folder / "broken.db"
    broken.write_bytes(b"this is no database at all, only words" * 100)
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{broken}")

    done = portal("doctor")

    assert done.exit_code == 1
    assert "does not answer" in done.output


def test_a_paused_system_is_said_with_what_to_do(portal: Installation) -> None:
    cast = portal.cast
    error = Misconfigured("The directory refuses the password.", detail="password=hunter22")
    resources.note(cast.session, cast.settings, "staff-directory", error)

    done = portal("doctor")

    assert done.exit_code == 1
    assert "NOT  staff-directory is paused: The directory refuses the password." in done.output
    assert "hunter22" not in done.output


def test_a_secret_that_is_not_there_is_said(portal: Installation) -> None:
    file = portal.folder / "resources.toml"
    file.write_text(
        '[resources.ldap]\nconnector = "ldap"\nurl = "ldaps://ldap.example.test"\n'
        'bind_dn = "cn=x"\npassword = "env:PORTAL_RESOURCE_NOT_SET"\n'
    )

    done = portal("doctor")
    checked = portal("resource", "check", "ldap")

    assert (done.exit_code, checked.exit_code) == (1, 1)
    assert "PORTAL_RESOURCE_NOT_SET" in done.output
    assert "NOT" in checked.output


def test_resource_check_and_list(portal: Installation) -> None:
    listed = portal("resource", "list")
    checked = portal("resource", "check", "staff-directory")
    unknown = portal("resource", "check", "nothing")

    assert "staff-directory" in listed.output
    assert "memory" in listed.output
    assert (checked.exit_code, unknown.exit_code) == (0, 1)
    assert checked.output.startswith("ok ")
    assert "There are: staff-directory." in unknown.output


def test_history_that_nobody_seals_and_a_clock_that_is_behind_are_seen(portal: Installation) -> None:
    session = portal.cast.session
    with clock.at(clock.now() - timedelta(hours=1)):
        audit.record(session, portal.cast.eva, "look", actor=None)
        session.commit()
    unsealed = portal("doctor")
    event = session.scalars(select(AuditEvent)).one()
    event.at = clock.now() + timedelta(hours=2)
    session.commit()
    behind = portal("doctor")

    assert "The audit log has not been sealed for a while." in unsealed.output
    assert unsealed.exit_code == 0
    assert "This machine's clock is behind" in behind.output
    assert behind.exit_code == 1


def test_a_data_folder_that_cannot_be_written_is_said(
    portal: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # root may write everything, so the system's answer is a double here
    monkeypatch.setattr("portal.cli._checks.os.access", lambda *_: False)

    done = portal("doctor")

    assert "cannot be written" in done.output


def test_a_mail_server_is_asked(
    portal: Installation, monkeypatch: pytest.MonkeyPatch, smtp_sink: Sink
) -> None:
    monkeypatch.setenv("PORTAL__MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("PORTAL__MAIL__SECURITY", "none")
    monkeypatch.setenv("PORTAL__MAIL__PORT", "1")
    away = portal("doctor")

    assert away.exit_code == 1
    assert "the mail server cannot be reached" in away.output
    monkeypatch.setenv("PORTAL__MAIL__HOST", smtp_sink.host)
    monkeypatch.setenv("PORTAL__MAIL__PORT", str(smtp_sink.port))
    monkeypatch.setenv("PORTAL__MAIL__USERNAME", smtp_sink.user)
    monkeypatch.setenv("PORTAL__MAIL__PASSWORD", smtp_sink.password)
    monkeypatch.setenv("PORTAL__MAIL__SECURITY", "starttls")
    monkeypatch.setenv("PORTAL__MAIL__CA_FILE", str(smtp_sink.ca_file))
    there = portal("doctor")
    assert "The mail server localhost takes letters." in there.output
