"""What grants add up to."""

import pytest
from sqlalchemy.orm import Session

from portal.models.org import OrgUnit
from portal.models.person import Person
from portal.models.team import Grant, Team, TeamMember
from portal.rights import allowed, rights_of
from tests.kit import person


@pytest.fixture
def eva(session: Session) -> Person:
    return person(session, "Eva")


def unit(session: Session, key: str, parent: OrgUnit | None = None) -> OrgUnit:
    added = OrgUnit(key=key, name=key, parent=parent)
    session.add(added)
    session.flush()
    return added


def grant(
    session: Session, right: str, *, to: Person | None = None, team: Team | None = None, at: str = "all:"
) -> None:
    kind, _, ref = at.partition(":")
    session.add(
        Grant(
            person_id=to.id if to else None,
            team_id=team.id if team else None,
            right=right,
            scope_kind=kind,
            scope_ref=ref,
        )
    )
    session.flush()


def test_without_a_grant_there_is_no_right(session: Session, eva: Person) -> None:
    grant(session, "people.view", to=person(session, "Olof"))

    assert not allowed(session, eva, "people.view")
    assert allowed(session, eva, "order")


def test_nobody_has_rights_who_is_not_signed_in(session: Session) -> None:
    assert not allowed(session, None, "order")


def test_a_disabled_person_has_no_right_left(session: Session, eva: Person) -> None:
    grant(session, "admin", to=eva)
    eva.is_disabled = True

    assert not allowed(session, eva, "admin")
    assert not allowed(session, eva, "order")


def test_a_teams_grant_is_its_members(session: Session, eva: Person) -> None:
    desk = Team(key="service-desk", names={"en": "Service desk"})
    session.add(desk)
    session.flush()
    grant(session, "people.view", team=desk)
    session.add(TeamMember(team_id=desk.id, person_id=eva.id))

    rights = rights_of(session, eva)

    assert (rights.has("people.view"), rights.has("work"), rights.has("people.edit")) == (True, True, False)


def test_an_administrator_has_every_right_everywhere(session: Session, eva: Person) -> None:
    grant(session, "admin", to=eva)

    assert allowed(session, eva, "resources.operate", resource="staff-directory")
    assert rights_of(session, eva).everywhere("people.edit")
    assert rights_of(session, eva).is_administrative


def test_a_right_for_a_unit_holds_for_all_below_it_only(session: Session, eva: Person) -> None:
    root = unit(session, "root")
    nature = unit(session, "nature", root)
    rangers = unit(session, "rangers", nature)
    grant(session, "people.view", to=eva, at="unit:nature")

    answers = [allowed(session, eva, "people.view", unit=each) for each in (root, nature, rangers)]

    assert answers == [False, True, True]
    assert allowed(session, eva, "people.view")
    assert not rights_of(session, eva).everywhere("people.view")


def test_a_circle_of_units_ends(session: Session, eva: Person) -> None:
    first = unit(session, "first")
    second = unit(session, "second", first)
    first.parent = second
    session.flush()
    grant(session, "people.view", to=eva, at="unit:elsewhere")

    assert not allowed(session, eva, "people.view", unit=second)


@pytest.mark.parametrize(("category", "expected"), [("accounts", True), ("devices", False)])
def test_a_right_for_a_category_is_bounded_to_it(
    session: Session, eva: Person, category: str, expected: bool
) -> None:
    grant(session, "catalog.edit", to=eva, at="category:accounts")

    assert allowed(session, eva, "catalog.edit", category=category) is expected


def test_a_right_for_a_resource_is_none_for_a_unit(session: Session, eva: Person) -> None:
    grant(session, "resources.operate", to=eva, at="resource:ad")

    assert allowed(session, eva, "resources.operate", resource="ad")
    assert not allowed(session, eva, "resources.operate", resource="entra")
    assert not allowed(session, eva, "resources.operate", unit=unit(session, "ad"))
