"""`portal role`, `portal signin check` and `portal audit verify`."""

import pytest
from sqlalchemy import select, text

from portal.models.audit import AuditEvent
from portal.models.team import Grant
from portal.rights import allowed
from portal.work import sweeps
from tests.cli.house import Installation


def test_a_right_is_given_listed_and_taken_away(portal: Installation) -> None:
    session, olof = portal.cast.session, portal.cast.olof

    given = portal("role", "grant", "olof@example.test", "reports.view")
    again = portal("role", "grant", "OLOF@example.test", "reports.view")
    listed = portal("role", "list")
    had = allowed(session, olof, "reports.view")
    taken = portal("role", "revoke", "olof@example.test", "reports.view")

    assert [each.exit_code for each in (given, again, listed, taken)] == [0, 0, 0, 0], given.output
    assert "Olof Gran has the right reports.view now." in given.output
    assert "already" in again.output
    assert any("reports.view" in line and "Olof Gran" in line for line in listed.output.splitlines())
    assert had
    assert not allowed(session, olof, "reports.view")
    assert list(session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "grant"))) == [
        "give",
        "revoke",
    ]


def test_a_right_may_be_bounded(portal: Installation) -> None:
    done = portal("role", "grant", "olof@example.test", "people.view", "--scope", "unit:nature")
    cast = portal.cast

    assert done.exit_code == 0, done.output
    assert allowed(cast.session, cast.olof, "people.view", unit=cast.unit)
    assert not allowed(cast.session, cast.olof, "people.view", unit=cast.other)


def test_a_team_may_be_given_a_right(portal: Installation) -> None:
    assert portal("role", "grant", "team/caretakers", "audit.view").exit_code == 0

    grant = portal.cast.session.scalars(select(Grant).where(Grant.team_id.is_not(None))).one()
    assert grant.right == "audit.view"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grant", "nobody@example.test", "work"), "Nobody is known as nobody@example.test"),
        (("grant", "team/none", "work"), "There is no team/none"),
        (("grant", "olof@example.test", "fly"), "'fly' is not one of"),
        (("grant", "olof@example.test", "work", "--scope", "unit:none"), "There is no unit none"),
        (("grant", "olof@example.test", "work", "--scope", "planet:mars"), "planet is none of them"),
        (("revoke", "olof@example.test", "work"), "does not have the right work"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_done(
    portal: Installation, words: tuple[str, ...], said: str
) -> None:
    before = len(portal.cast.session.scalars(select(Grant)).all())

    done = portal("role", *words)

    assert done.exit_code != 0
    assert said in done.output
    assert len(portal.cast.session.scalars(select(Grant)).all()) == before


def test_signin_check_says_who_somebody_would_be(portal: Installation) -> None:
    done = portal("signin", "check", "eva@example.test")

    assert "Eva Falk" in done.output
    assert "Employed today: yes" in done.output
    assert "service-desk" in done.output
    assert "May: work everywhere" in done.output
    assert done.exit_code == 1
    assert "there is no way for them yet" in done.output


def test_audit_verify_prints_the_number_and_the_last_seal(portal: Installation) -> None:
    portal("role", "grant", "olof@example.test", "work")
    sweeps.seal(portal.cast.database)

    done = portal("audit", "verify")

    assert done.exit_code == 0, done.output
    assert "1 events, 1 of them sealed." in done.output
    assert "Last seal: 1 " in done.output


def test_audit_verify_finds_what_was_changed(portal: Installation) -> None:
    portal("role", "grant", "olof@example.test", "work")
    sweeps.seal(portal.cast.database)
    portal.cast.session.execute(text("UPDATE audit_event SET action = 'revoke'"))

    done = portal("audit", "verify")

    assert done.exit_code == 1
    assert "Seal 1 does not fit event 1." in done.output
