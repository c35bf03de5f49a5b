"""One item and one clock for all forms of employment: who comes, stays, pauses and leaves."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal import clock
from portal.domain import ordering, people
from portal.models.employment import Employment
from portal.models.holding import Account, Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.work import OutboundMail
from tests.cast import Cast, publish_shipped, told
from tests.domain.stories import account_of, accounts_of, change, employment_of, holding_of, order_account

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def house(cast: Cast) -> Cast:
    """The organisation with the items that begin and change employments."""
    publish_shipped(cast.session, "employee-account", "change-employment")
    return cast


def lifecycle_cases(cast: Cast, holding: Holding) -> list[str]:
    rows = cast.session.scalars(
        select(ServiceRequest)
        .where(ServiceRequest.holding_id == holding.id, ServiceRequest.origin == "lifecycle")
        .order_by(ServiceRequest.id)
    )
    return [f"{row.purpose} {row.state}" for row in rows]


def letters(cast: Cast, template: str) -> list[OutboundMail]:
    return list(cast.session.scalars(select(OutboundMail).where(OutboundMail.template == template)))


def test_a_seasonal_worker_is_closed_the_day_after_and_returns_next_year_as_the_same_person(
    house: Cast,
) -> None:
    request = order_account(house, "seasonal", house.today, house.today + timedelta(days=20))
    assert request.state == "delivered", told(house.session, request)
    elin = house.session.get_one(Person, request.beneficiary_id)
    holding = holding_of(house, request)

    house.skip(20)
    assert account_of(house, elin)["enabled"] is True  # the last day is inclusive
    house.next_day()
    assert account_of(house, elin)["enabled"] is False
    assert holding.state == "ending"

    house.skip(300)
    again = order_account(
        house, "seasonal", house.today, house.today + timedelta(days=30), worked_here=True, returning=elin.id
    )

    assert again.state == "delivered", told(house.session, again)
    assert again.beneficiary_id == elin.id
    assert len(house.store.objects["account"]) == 1
    assert account_of(house, elin)["enabled"] is True
    assert account_of(house, elin)["username"] == "asaobe"
    assert account_of(house, elin)["expires_on"] == (house.today + timedelta(days=30)).isoformat()
    assert len(house.session.scalars(select(Account).where(Account.kind == "account")).all()) == 1

    house.skip(150)  # the old grace runs out while the second season lasts no longer
    assert accounts_of(house, elin) != []


def test_after_the_grace_the_account_of_a_seasonal_worker_is_removed(house: Cast) -> None:
    request = order_account(house, "seasonal", house.today, house.today + timedelta(days=3))
    person = house.session.get_one(Person, request.beneficiary_id)

    house.skip(403)
    assert accounts_of(house, person) != []
    house.next_day()

    assert accounts_of(house, person) == []
    assert holding_of(house, request).state == "ended"


def test_a_unit_gets_one_reminder_14_and_one_3_days_before(house: Cast) -> None:
    last = house.today + timedelta(days=20)
    for number in range(3):
        order_account(house, "seasonal", house.today, last, surname=f"Öberg{number}")

    house.skip(6)
    first = letters(house, "reminder-unit")
    house.skip(11)
    second = letters(house, "reminder-unit")

    receivers = {house.mia.id, house.sam.id}
    assert {mail.person_id for mail in first} == receivers
    assert len(first) == 2
    assert all(len(mail.data["employments"]) == 3 for mail in first)
    assert len(second) == 4


def test_one_of_a_unit_is_extended_and_the_others_end(house: Cast) -> None:
    last = house.today + timedelta(days=10)
    stays, leaves = (
        order_account(house, "seasonal", house.today, last, surname=name) for name in ("Stannar", "Slutar")
    )
    later = last + timedelta(days=30)

    employment = employment_of(house, stays)
    people.apply(
        house.session, people.changes_of(employment, last_day=later), source="portal", actor=house.mia
    )  # what the page behind the letter does
    house.work()
    house.skip(11)

    assert account_of(house, house.session.get_one(Person, stays.beneficiary_id))["enabled"] is True
    assert (
        account_of(house, house.session.get_one(Person, stays.beneficiary_id))["expires_on"]
        == later.isoformat()
    )
    assert account_of(house, house.session.get_one(Person, leaves.beneficiary_id))["enabled"] is False
    assert lifecycle_cases(house, holding_of(house, stays)) == ["extend delivered"]


def test_a_fixed_term_is_extended_twice(house: Cast) -> None:
    first_end = house.today + timedelta(days=10)
    request = order_account(house, "fixed_term", house.today, first_end)
    person = house.session.get_one(Person, request.beneficiary_id)

    for days in (40, 80):
        until = house.today + timedelta(days=days)
        change(house, person, "extend", new_last_day=until.isoformat())
        house.next_day(2)
        assert account_of(house, person)["expires_on"] == until.isoformat()
    house.skip(90)

    assert account_of(house, person)["enabled"] is False
    assert lifecycle_cases(house, holding_of(house, request)) == [
        "extend delivered",
        "extend delivered",
        "end in_delivery",
    ]


def test_a_permanent_who_resigns_is_reminded_about_and_closed(house: Cast) -> None:
    request = order_account(house, "permanent", house.today, None)
    person = house.session.get_one(Person, request.beneficiary_id)
    house.next_day(5)
    assert holding_of(house, request).ends_on is None

    last = house.today + timedelta(days=20)
    change(house, person, "end", new_last_day=last.isoformat())
    house.skip(7)
    assert len(letters(house, "reminder-end")) == 1
    house.skip(13)
    assert account_of(house, person)["enabled"] is True
    house.next_day()

    assert account_of(house, person)["enabled"] is False


@pytest.mark.parametrize("moved", [-10, 0, 10])
def test_parental_leave_pauses_and_comes_back_on_the_day_also_when_the_return_moves(
    house: Cast, moved: int
) -> None:
    request = order_account(house, "permanent", house.today, None)
    karin = house.session.get_one(Person, request.beneficiary_id)
    begins, ends = house.today + timedelta(days=5), house.today + timedelta(days=65)
    change(
        house,
        karin,
        "leave",
        leave_kind="parental",
        leave_from=begins.isoformat(),
        leave_to=ends.isoformat(),
        keep_phone=True,
        account_readable=False,
    )

    house.skip(4)
    assert account_of(house, karin)["enabled"] is True
    house.next_day()
    assert account_of(house, karin)["enabled"] is False
    assert holding_of(house, request).state == "suspended"
    back = ends + timedelta(days=moved)
    if moved:
        change(house, karin, "return", leave_to=back.isoformat())
    house.skip((back - house.today).days)
    assert account_of(house, karin)["enabled"] is False
    house.next_day()

    assert account_of(house, karin)["enabled"] is True
    assert holding_of(house, request).state == "active"
    assert lifecycle_cases(house, holding_of(house, request)) == ["suspend delivered", "resume delivered"]


def test_an_account_that_stays_readable_is_not_closed_during_leave(house: Cast) -> None:
    request = order_account(house, "permanent", house.today, None)
    karin = house.session.get_one(Person, request.beneficiary_id)
    begins, ends = house.today + timedelta(days=1), house.today + timedelta(days=60)
    change(
        house,
        karin,
        "leave",
        leave_kind="parental",
        leave_from=begins.isoformat(),
        leave_to=ends.isoformat(),
        keep_phone=True,
        account_readable=True,
    )

    house.next_day(3)

    assert account_of(house, karin)["enabled"] is True
    assert holding_of(house, request).state == "active"


def test_t07_an_extension_after_the_end_opens_the_same_account(house: Cast) -> None:
    request = order_account(house, "fixed_term", house.today, house.today + timedelta(days=5))
    person = house.session.get_one(Person, request.beneficiary_id)
    house.next_day(7)
    assert account_of(house, person)["enabled"] is False

    employment = employment_of(house, request)
    until = house.today + timedelta(days=30)
    people.apply(
        house.session, people.changes_of(employment, last_day=until), source="portal", actor=house.mia
    )
    house.work()

    assert account_of(house, person)["enabled"] is True
    assert account_of(house, person)["expires_on"] == until.isoformat()
    assert holding_of(house, request).state == "active"
    assert len(house.store.objects["account"]) == 1


def test_t04_after_three_days_of_downtime_nothing_is_lost_and_nothing_doubled(house: Cast) -> None:
    ends = [
        order_account(
            house, "fixed_term", house.today, house.today + timedelta(days=days), surname=f"Dag{days}"
        )
        for days in (2, 3, 4)
    ]
    starts = order_account(
        house, "fixed_term", house.today + timedelta(days=3), house.today + timedelta(days=60), surname="Ny"
    )
    writes = len(house.store.ledger)

    clock.move_working(house.session, 5)  # nobody was there in between
    house.work()

    for request in ends:
        assert account_of(house, house.session.get_one(Person, request.beneficiary_id))["enabled"] is False
    assert account_of(house, house.session.get_one(Person, starts.beneficiary_id))["enabled"] is True
    after = house.store.ledger[writes:]
    assert sorted(after) == sorted(set(after))
    house.work()
    assert house.store.ledger[writes:] == after


@pytest.mark.parametrize(
    "last", [date(2027, 3, 28), date(2027, 10, 31), date(2028, 2, 29), date(2026, 12, 31)]
)
def test_t01_the_last_day_lasts_to_its_local_end(house: Cast, last: date) -> None:
    request = order_account(house, "seasonal", house.today, house.today + timedelta(days=90))
    employment = employment_of(house, request)
    person = house.session.get_one(Person, request.beneficiary_id)
    people.apply(house.session, people.changes_of(employment, last_day=last), source="portal", actor=None)
    house.session.commit()

    late = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=STOCKHOLM)
    with clock.at(late):
        house.work()
        assert account_of(house, person)["enabled"] is True
    with clock.at(late + timedelta(seconds=2)):
        house.work()
        assert account_of(house, person)["enabled"] is False


def test_hr_rules_again_when_its_own_last_day_changes(house: Cast) -> None:
    request = order_account(house, "fixed_term", house.today, house.today + timedelta(days=30))
    employment = employment_of(house, request)
    people.apply(
        house.session,
        people.changes_of(employment, last_day=house.today + timedelta(days=60)),
        source="portal",
        actor=house.mia,
    )
    assert employment.last_day == house.today + timedelta(days=60)

    people.apply(
        house.session,
        people.changes_of(employment, ends_on=house.today + timedelta(days=45)),
        source="hr",
        actor=None,
    )
    house.work()

    assert employment.last_day == house.today + timedelta(days=45)
    assert [mail.person_id for mail in letters(house, "hr-overrules")] == [house.mia.id]


def test_preview_and_undo_are_the_list_and_the_list_reversed(house: Cast) -> None:
    employment = house.session.scalars(select(Employment).where(Employment.person_id == house.noah.id)).one()
    changes = people.changes_of(employment, title="Handläggare")

    people.apply(house.session, changes, source="portal", actor=house.mia)
    assert employment.title == "Handläggare"
    people.apply(
        house.session, [each.undone() for each in reversed(changes)], source="portal", actor=house.mia
    )

    assert employment.title == ""
    with pytest.raises(people.NoLongerTrue):
        people.apply(
            house.session,
            [people.Change(f"employment:{employment.id}", "title", "Annat", "X")],
            source="portal",
        )


def test_the_head_ordering_for_her_own_staff_is_the_yes(house: Cast) -> None:
    request = order_account(house, "seasonal", house.today, house.today + timedelta(days=20))

    assert request.state == "delivered"
    assert letters(house, "approve") == []


def test_a_rejected_request_never_provisions_and_the_person_is_withdrawn(house: Cast) -> None:
    from portal.domain import approvals

    answers = {"worked_here": False, "given_name": "Åsa", "surname": "Öberg", "form": "permanent"}
    answers |= {"first_day": house.today.isoformat(), "job_title": "X", "workplace": "field"}
    request = ordering.submit(
        house.session,
        house.version("employee-account"),
        {**answers, "at_unit": house.unit.id},
        actor=house.sam,
        key="no",
    )
    (approval,) = approvals.waiting_for(house.session, house.mia)
    approvals.decide(
        house.session, approval, "reject", actor=house.mia, revision=1, comment="Vi har ingen plats"
    )
    house.work()
    house.next_day(3)

    assert request.state == "rejected"
    assert house.store.ledger == []
    assert house.session.get_one(Person, request.beneficiary_id).is_hidden
    assert holding_of(house, request).state == "ended"


def test_what_has_its_own_last_day_is_announced_ends_and_is_told(house: Cast) -> None:
    publish_shipped(house.session, "remote-work")
    request = order_account(house, "permanent", house.today, None)
    person = house.session.get_one(Person, request.beneficiary_id)
    until = house.today + timedelta(days=20)
    ordered = ordering.submit(
        house.session,
        house.version("remote-work"),
        {"from_where": "home", "to_day": until.isoformat()},
        actor=house.mia,
        beneficiary=person,
        key="vpn for some days",
    )
    house.work()
    assert ordered.state == "delivered", told(house.session, ordered)

    house.skip(6)
    assert [mail.person_id for mail in letters(house, "end-notice")] == [person.id]
    house.skip(14)
    assert len(letters(house, "end-notice")) == 2
    assert holding_of(house, ordered).state == "active"
    house.next_day()

    assert holding_of(house, ordered).state == "ended"
    assert [mail.person_id for mail in letters(house, "ended")] == [person.id]
