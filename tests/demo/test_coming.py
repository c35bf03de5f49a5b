"""What the clock page foretells is what the clock will do."""

from datetime import timedelta

from portal import clock
from portal.demo.coming import coming
from portal.domain import people
from portal.models.holding import Holding
from tests.cast import Cast, hire, publish_shipped


def test_one_letter_about_a_unit_is_foretold(cast: Cast) -> None:
    publish_shipped(cast.session, "remote-work")
    last = cast.today + timedelta(days=20)
    for name in ("Ada", "Bo", "Cia"):
        person = hire(cast.session, name, cast.unit, form="seasonal", ends_on=last)
        employment = people.main_employment(cast.session, person)
        assert employment is not None
        cast.session.add(
            Holding(
                item_key="remote-work",
                version_id=cast.version("remote-work").id,
                person_id=person.id,
                employment_id=employment.id,
                follows="employment",
                ends_on=last,
                applied_ends_on=last,
                values={},
                state="active",
                created_at=clock.now(),
            )
        )
    cast.session.commit()

    found = {
        each.day: [line.message for line in each.lines]
        for each in coming(cast.session, last + timedelta(days=1))
    }

    assert found[last - timedelta(days=14)] == [
        "One letter about %(count)s people in %(unit)s, whose last day is %(day)s"
    ]
    assert found[last - timedelta(days=3)] == found[last - timedelta(days=14)]
    assert found[last + timedelta(days=1)] == ["%(name)s: %(things)s is closed"] * 3
