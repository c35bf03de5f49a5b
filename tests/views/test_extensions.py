"""Last days that draw near: some are extended, others end as planned."""

from datetime import date, timedelta

import pytest

from portal.domain import links, mails
from portal.domain.people import employments_of
from portal.domain.queries import extensions
from portal.models.employment import Employment
from portal.models.person import Person
from portal.models.work import OutboundMail
from tests.cast import Cast, hire
from tests.views.stage import Stage


class Season:
    """Four seasonal workers of Mia's with the same last day, and the letters to Mia and Sam about them."""

    def __init__(self, cast: Cast) -> None:
        self.stage, self.cast = Stage(cast), cast
        session = cast.session
        self.day = cast.today + timedelta(days=14)
        people = [
            hire(session, name, cast.unit, "Lund", form="seasonal", ends_on=self.day)
            for name in ("Ada", "Bo", "Cai", "Dag")
        ]
        self.employments = [employments_of(session, each)[0] for each in people]
        self.mails = [self._letter(each) for each in (cast.mia, cast.sam)]
        session.commit()

    def _letter(self, person: Person) -> OutboundMail:
        ids = [each.id for each in self.employments]
        mail = mails.queue(
            self.cast.session, "reminder-unit", to=person, employments=ids, unit=self.cast.unit.id,
            day=self.day.isoformat(), can_extend=True,
        )  # fmt: skip
        assert mail is not None
        self.cast.session.flush()
        return mail

    def link(self, *, lasts: timedelta | None = None) -> str:
        """The token of Mia's letter."""
        token = links.mint(
            self.cast.session, "extend", subject_kind="mail", subject_id=self.mails[0].id,
            person=self.cast.mia, lasts=lasts,
        )  # fmt: skip
        self.cast.session.commit()
        return token

    def last_days(self) -> list[date | None]:
        """The last days as they are now."""
        session = self.cast.session
        session.expire_all()
        found = [session.get_one(Employment, each.id).last_day for each in self.employments]
        session.commit()
        return found

    def ids(self, *places: int) -> list[str]:
        """Some of the employments, as the form names them."""
        return [str(self.employments[place].id) for place in places]


@pytest.fixture
def season(cast: Cast) -> Season:
    return Season(cast)


def waiting(season: Season, person: Person) -> int:
    found = extensions.waiting_for(season.cast.session, person)
    season.cast.session.commit()
    return len(found)


def test_some_are_extended_from_the_letter_and_the_rest_end(season: Season) -> None:
    nobody, token = season.stage.nobody(), season.link()
    later = season.day + timedelta(days=60)
    page = nobody.get(f"/extend/{token}").get_data(as_text=True)
    assert "4 people end on" in page
    assert "Ada Lund" in page

    data = {"token": token, "answer": "extend", "people": season.ids(0, 1, 2), "last_day": later.isoformat()}
    assert nobody.send("/extend", data, page=f"/extend/{token}").status_code == 303
    assert season.last_days() == [later, later, later, season.day]
    assert "1 person ends on" in nobody.get(f"/extend/{token}").get_data(as_text=True)
    assert (waiting(season, season.cast.mia), waiting(season, season.cast.sam)) == (1, 1)

    data = {"token": token, "answer": "end", "people": season.ids(3)}
    assert nobody.send("/extend", data, page=f"/extend/{token}").status_code == 303
    assert season.last_days()[3] == season.day
    assert "ends as planned" in nobody.get(f"/extend/{token}").get_data(as_text=True)
    assert (waiting(season, season.cast.mia), waiting(season, season.cast.sam)) == (0, 0)


def test_l01_looking_at_the_letters_page_changes_nothing(season: Season) -> None:
    nobody, token = season.stage.nobody(), season.link()

    answers = {
        nobody.open(f"/extend/{token}", method=method).status_code for method in ("GET", "HEAD", "OPTIONS")
    }

    assert answers == {200}
    assert season.last_days() == [season.day] * 4


def test_signed_in_the_same_page_is_reached_from_the_list(season: Season) -> None:
    later = season.day + timedelta(days=10)
    path = f"/todo/last-day/{season.mails[1].id}"

    assert path in season.stage.page(season.cast.sam, "/todo")
    data = {"answer": "extend", "people": season.ids(0, 1, 2, 3), "last_day": later.isoformat()}
    assert season.stage.post(season.cast.sam, path, data).status_code == 303

    assert season.last_days() == [later] * 4
    assert season.stage.browser(season.cast.olof).get(path).status_code == 404
    assert season.stage.post(season.cast.olof, path, data).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"people": []}, "Tick at least one person."),
        ({"people": ["999999"]}, "another last day meanwhile"),
        ({"last_day": ""}, "Choose a day."),
        ({"last_day": "nonsense"}, "Write a day"),
        ({"last_day": "2000-01-01"}, "Choose a day from"),
        ({"last_day": "2999-01-01"}, "Choose a day up to"),
        ({"answer": "explode"}, "Choose what is to happen."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    season: Season, change: dict[str, object], words: str
) -> None:
    later = (season.day + timedelta(days=10)).isoformat()
    data = {"answer": "extend", "people": season.ids(0), "last_day": later} | change

    answer = season.stage.post(season.cast.mia, f"/todo/last-day/{season.mails[0].id}", data)

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert season.last_days() == [season.day] * 4


def test_links_that_are_old_wrong_or_somebody_elses_are_refused(season: Season) -> None:
    stage, token = season.stage, season.link()

    assert stage.nobody().get(f"/extend/{token}x").status_code == 404
    assert stage.nobody().send("/extend", {"token": ""}).status_code == 404
    assert stage.browser(season.cast.olof).get(f"/extend/{token}").status_code == 403
    assert stage.nobody().get(f"/extend/{season.link(lasts=timedelta(seconds=-1))}").status_code == 410


def test_who_no_longer_leads_them_cannot_extend(season: Season) -> None:
    token = season.link()
    season.cast.unit.manager_id = season.cast.olof.id
    season.cast.session.commit()

    page = season.stage.nobody().get(f"/extend/{token}").get_data(as_text=True)

    assert "you no longer look after them" in page
    data = {"token": token, "answer": "end", "people": season.ids(0)}
    assert season.stage.nobody().send("/extend", data).status_code == 409
