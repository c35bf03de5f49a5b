"""What the clock page foretells is what the clock will do."""

from datetime import timedelta

import pytest

from portal import clock
from portal.demo import coming as foretelling
from portal.demo.coming import coming
from portal.domain import ordering, people, workdays
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


@pytest.mark.parametrize(
    ("few", "said"),
    [
        (3, ["%(case)s, %(number)s: a reminder to whoever is asked"]),
        (0, ["%(count)s orders wait for an answer: a reminder to whoever is asked"]),
    ],
)
def test_many_reminders_of_a_day_are_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, few: int, said: list[str]
) -> None:
    monkeypatch.setattr(foretelling, "FEW", few)
    publish_shipped(cast.session, "accessory")
    answers = {"thing": "screen-27", "quantity": 2, "delivery_place": "almbygden"}
    ordering.submit(
        cast.session, cast.version("accessory"), answers, actor=cast.noah, beneficiary=cast.noah, key="one"
    )
    cast.session.commit()

    (day,) = [each for each in coming(cast.session, workdays.add(cast.session, cast.today, 2)) if each.lines]

    assert [line.message for line in day.lines] == said
