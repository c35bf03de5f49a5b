"""Looking people up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.domain.queries import profile
from portal.models.audit import AuditEvent
from portal.models.employment import Employment, Leave
from portal.models.team import Grant
from tests.cast import Cast, hire
from tests.domain.stories import order_account
from tests.views.staff import House, make_house, text


@pytest.fixture
def house(cast: Cast) -> House:
    """The cast's portal, with somebody whose identity is protected."""
    hire(cast.session, "Petra", cast.unit, "Skydd", is_protected=True)
    return make_house(cast)


def looked_at(house: House) -> list[tuple[str, str]]:
    house.cast.session.expire_all()
    rows = house.cast.session.scalars(select(AuditEvent).where(AuditEvent.action == "look"))
    return [(row.subject_id, row.body["page"]) for row in rows]


def test_people_are_found_by_the_beginnings_of_their_names(house: House) -> None:
    eva = house.eva()

    everybody, dal, nobody = text(eva, "/people"), text(eva, "/people?q=noa+da"), text(eva, "/people?q=xyz")

    assert "Noah Dal" in everybody
    assert "Mia Berg" in everybody
    assert "Noah Dal" in dal
    assert "Mia Berg" not in dal
    assert "Nobody was found" in nobody


def test_the_list_goes_on_page_by_page_without_leaving_anybody_out(house: House) -> None:
    cast = house.cast
    for number in range(40):
        hire(cast.session, f"Same{number % 3}", cast.unit, "Name")
    cast.session.commit()

    first = profile.search(cast.session, cast.eva, "")
    second = profile.search(cast.session, cast.eva, "", after=first.after)

    ids = [each.id for each in (*first.people, *second.people)]
    assert (len(first.people), len(ids), len(set(ids)), second.after) == (30, 47, 47, "")
    assert "after=" in text(house.eva(), "/people")


def test_a_person_shows_posts_leaves_what_they_have_and_their_cases(house: House) -> None:
    from tests.cast import publish_shipped

    cast = house.cast
    publish_shipped(cast.session, "employee-account")
    first = cast.today + timedelta(days=7)
    request = order_account(cast, "seasonal", first, first + timedelta(days=60))
    person = request.beneficiary
    assert person is not None
    cast.session.add(
        Leave(employment_id=request.employment_id, kind="parental", starts_on=first, ends_on=None)
    )
    cast.session.commit()

    page = text(house.eva(), f"/people/{person.id}")

    for words in ("Åsa Öberg", "Nationalparksvärd", "Parental leave", "Mia Berg", "Sam Holm", request.number):
        assert words in page
    assert f'href="/requests/{request.number}"' in page
    assert "asaobe" in page
    assert "Closed for now" in page


def test_looking_at_a_protected_person_is_noted_before_the_answer(house: House) -> None:
    petra = next(p for p in profile.search(house.cast.session, house.cast.eva, "Petra").people)

    page = text(house.eva(), f"/people/{petra.id}")

    assert "This identity is protected" in page
    assert looked_at(house) == [(str(petra.id), "person")]
    event = house.cast.session.scalars(select(AuditEvent)).one()
    assert event.actor_id == house.cast.eva.id


def test_a_list_with_a_protected_person_is_noted_too_and_others_are_not(house: House) -> None:
    eva = house.eva()

    text(eva, "/people?q=noah")
    before = looked_at(house)
    text(eva, "/people?q=petra")

    assert before == []
    assert [page for _, page in looked_at(house)] == ["people"]


def test_nothing_is_shown_when_the_note_cannot_be_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    petra = profile.search(house.cast.session, house.cast.eva, "Petra").people[0]
    eva = house.eva()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("portal.domain.audit.record", broken)
    answer = eva.get(f"/people/{petra.id}")

    assert answer.status_code == 500
    assert "Petra" not in answer.get_data(as_text=True)


def test_who_may_see_one_unit_sees_nobody_elsewhere(house: House) -> None:
    cast = house.cast
    cast.session.add(Grant(person_id=cast.mia.id, right="people.view", scope_kind="unit", scope_ref="roads"))
    cast.session.commit()
    mia = house.client(cast.mia)

    page = text(mia, "/people")

    assert "Olof Gran" in page
    assert "Noah Dal" not in page
    assert mia.get(f"/people/{cast.olof.id}").status_code == 200
    assert mia.get(f"/people/{cast.noah.id}").status_code == 404


def test_others_see_no_people_and_hidden_people_are_seen_by_nobody(house: House) -> None:
    cast = house.cast
    cast.noah.is_hidden = True
    cast.session.commit()

    assert house.client(cast.olof).get("/people").status_code == 403
    assert house.client(cast.olof).get(f"/people/{cast.mia.id}").status_code == 403
    assert house.eva().get(f"/people/{cast.noah.id}").status_code == 404
    assert "Noah Dal" not in text(house.eva(), "/people")


def test_a_managers_protected_name_is_not_shown_to_who_may_not_see_it(house: House) -> None:
    cast = house.cast
    cast.mia.is_protected = True
    cast.session.add(Grant(person_id=cast.olof.id, right="people.view", scope_kind="unit", scope_ref="roads"))
    post = cast.session.scalars(select(Employment).where(Employment.person_id == cast.olof.id)).one()
    post.manager_id = cast.mia.id
    cast.session.commit()

    page = text(house.client(cast.olof), f"/people/{cast.olof.id}")

    assert "Person with protected identity" in page
    assert "Mia Berg" not in page
