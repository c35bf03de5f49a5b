"""The whole year of the demo: as much of everything as there should be, and figures that agree."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import mean

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import hours, progress, sources, store
from portal.demo.organisation import ISSUER
from portal.domain import approvals, audit, holdings
from portal.domain.queries import counts, figures, nudges, todo, work
from portal.domain.queries import holdings as had
from portal.domain.queries import requests as cases
from portal.models.approval import Approval
from portal.models.employment import Employment, Leave
from portal.models.holding import Holding
from portal.models.item import CatalogVersion
from portal.models.org import OrgUnit
from portal.models.person import Identity, Person
from portal.models.request import Comment, ServiceRequest
from portal.models.task import Task
from portal.models.work import SearchMiss
from portal.work.world import open_named
from tests.demo.compared import disagreements
from tests.demo_fixture import DemoData

HOW = sources.volumes()
STATES, VOLUMES = HOW["history"]["states"], HOW["history"]["volumes"]
EIGHT = [key for key, about in sources.story()["people"].items() if about.get("signs_in")]


@pytest.fixture(scope="module")
def year(demo_data: DemoData) -> Iterator[Session]:
    """Read the demo at the moment that it was made for."""
    with demo_data.database.read_session() as session:
        written = progress.read(session)
        assert written is not None
        assert written.is_whole
        with clock.at(written.moment):
            yield session


def orders(session: Session) -> list[ServiceRequest]:
    """Return the orders of people."""
    return list(session.scalars(select(ServiceRequest).where(ServiceRequest.purpose == "deliver")))


def test_there_are_as_many_orders_of_each_item_as_there_should_be(year: Session) -> None:
    found = Counter(each.item_key for each in orders(year))

    assert found == VOLUMES
    assert found.total() == HOW["history"]["orders"] == 2000


def test_orders_came_out_as_they_should(year: Session) -> None:
    states = Counter(cases.status_of(year, each) for each in orders(year))

    assert states == {
        "draft": STATES["draft"],
        "in_approval": STATES["in_approval"],
        "needs_answer": STATES["sent_back"],
        "in_delivery": STATES["in_delivery"],
        "needs_attention": STATES["needs_attention"],
        "late": STATES["late"],
        "rejected": STATES["rejected"],
        "cancelled": STATES["cancelled"],
        "delivered": 2000 - sum(STATES.values()) + STATES["waiting_for_first_day"] + STATES["with_messages"],
    }


def test_approvals_took_the_time_that_people_take(year: Session) -> None:
    rows = year.scalars(
        select(Approval).where(Approval.channel.in_(("link", "web")), Approval.decided_at.is_not(None))
    ).all()
    minutes = [_worked(each.asked_at, each.decided_at) for each in rows if each.decided_at]

    assert mean(each < 240 for each in minutes) == pytest.approx(0.60, abs=0.06)
    assert mean(each < 960 for each in minutes) > 0.87
    assert mean(each.state == "rejected" for each in rows) == pytest.approx(0.05, abs=0.015)
    assert mean(each.channel == "link" for each in rows) == pytest.approx(0.81, abs=0.05)
    assert len({each.comment for each in rows if each.state == "rejected"}) > 12
    assert sum(each.escalated_from_id is not None for each in year.scalars(select(Approval))) == 12
    assert sum(each.on_behalf_of_id is not None for each in rows) == 25


def _worked(asked: datetime, answered: datetime) -> float:
    """Count working minutes between two moments, by the demo's own hours."""
    spent, day = 0.0, clock.local_day(asked, clock.DEFAULT_ZONE)
    while day <= clock.local_day(answered, clock.DEFAULT_ZONE):
        if hours.is_working(day):
            begins, ends = max(asked, hours.at(day, 8)), min(answered, hours.at(day, 16))
            spent += max(0.0, (ends - begins).total_seconds() / 60)
        day += timedelta(days=1)
    return spent


def test_people_order_in_office_hours_and_rest_on_holidays(year: Session) -> None:
    moments = [each.submitted_at.astimezone(clock.DEFAULT_ZONE) for each in orders(year) if each.submitted_at]
    by_month = Counter((each.year, each.month) for each in moments)

    assert mean(7 <= each.hour < 18 for each in moments) > 0.99
    assert mean(each.weekday() < 5 for each in moments) > 0.97
    assert len(by_month) >= 12
    july = sum(count for (_, month), count in by_month.items() if month == 7)
    assert 0 < july < 0.6 * mean(by_month.values())


def test_results_messages_misses_and_ideas_are_there(year: Session) -> None:
    inventory = [
        each.result["inventory"]
        for each in year.scalars(select(Task).where(Task.step == "handout", Task.state == "done"))
        if "inventory" in each.result
    ]
    outcomes = year.scalars(select(Task.result).where(Task.step == "answer", Task.state == "done")).all()

    assert len(inventory) > 100
    assert len(set(inventory)) > 0.97 * len(inventory)
    assert len(set(year.scalars(select(Comment.request_id)))) >= STATES["with_messages"]
    assert year.scalar(select(func.count(SearchMiss.id))) == 18
    assert {each["outcome"] for each in outcomes} == set(HOW["answers"]["suggest-service"]["outcome"])
    versions = Counter(year.scalars(select(CatalogVersion.item_key)))
    assert sum(count > 1 for count in versions.values()) == 6


def test_the_organisation_is_as_large_as_it_says(year: Session) -> None:
    today = clock.today(year)
    present = {each.person_id: each for each in year.scalars(select(Employment)) if each.is_current(today)}
    forms = Counter(each.form for each in present.values())
    root = select(OrgUnit.id).where(OrgUnit.parent_id.is_(None)).scalar_subquery()
    offices = year.scalars(select(OrgUnit).where(OrgUnit.parent_id == root)).all()
    on_leave = select(Leave).where(
        Leave.kind == "parental",
        Leave.starts_on <= today,
        Leave.ends_on >= today,
        Leave.is_cancelled.is_(False),
    )
    leaving = [
        each for each in present.values()
        if each.last_day and today < each.last_day <= today + timedelta(days=30)
    ]  # fmt: skip

    assert len(present) == pytest.approx(HOW["people"]["total"], abs=5)
    for form, share in HOW["people"]["forms"].items():
        assert forms[form] == pytest.approx(share * len(present), abs=10)
    assert len(offices) == 21
    assert len(year.scalars(on_leave).all()) == HOW["people"]["on_parental_leave"]
    assert (
        len(leaving) == HOW["people"]["leaving_within_30_days"] + sources.story()["seasonal_group"]["people"]
    )


def test_holdings_are_what_the_directory_says_but_for_six(year: Session, demo_data: DemoData) -> None:
    found = disagreements(year, open_named(demo_data.settings, store.RESOURCE))

    assert found == sorted(kind for kind, count in HOW["differences"].items() for _ in range(count))
    assert sorted(kind for kind, _ in demo_data.differences) == found


def test_history_is_sealed_and_holds(year: Session) -> None:
    assert audit.verify(year) == []


def test_the_clock_finds_nothing_that_should_have_been_done(year: Session) -> None:
    today = clock.today(year)

    due = [each for each in holdings.candidates(year, today, limit=20_000) if holdings.due(year, each, today)]

    assert [(each.item_key, each.person_id) for each in due] == []


def test_cases_are_numbered_as_they_came(year: Session) -> None:
    rows = list(year.scalars(select(ServiceRequest).order_by(ServiceRequest.id)))
    moments = [each.submitted_at or each.created_at for each in rows]
    newest = moments[0]
    back = []
    for moment in moments:
        newest = max(newest, moment)
        back.append(newest - moment)

    assert max(back) < timedelta(days=7)
    assert rows[-1].number > rows[0].number


@pytest.mark.parametrize("key", EIGHT)
def test_counts_of_menu_lists_and_home_agree(year: Session, key: str) -> None:
    person = year.scalars(
        select(Person).join(Identity).where(Identity.issuer == ISSUER, Identity.subject == key)
    ).one()

    waiting, listed = approvals.waiting_for(year, person), todo.todo_of(year, person)

    assert len(listed.approvals) == len(waiting)
    assert counts.todo(year, person) == len(listed.approvals) + len(listed.questions) + len(listed.tasks)
    assert work.count(year, person) == len(work.queue(year, person, limit=100).rows)
    assert len(cases.list_own(year, person, limit=100).rows) > 0 or key in ("maja", "petter", "sofia")
    assert nudges.nudges_for(year, person) or key in ("petter", "sofia")
    assert len(had.list_own(year, person)) == len(
        year.scalars(
            select(Holding).where(
                Holding.person_id == person.id,
                Holding.state.in_(("planned", "active", "suspended", "ending")),
            )
        ).all()
    )


def test_reports_count_what_the_cases_say(year: Session) -> None:
    shown = figures.figures(year, weeks=13)
    begins = hours.at(shown.first, 0)

    sent = [each for each in orders(year) if each.submitted_at and each.submitted_at >= begins]

    assert shown.ordered == sum(count for _, count in shown.weeks) == len(sent)
    assert {each.key: each.ordered for each in shown.items if each.ordered} == Counter(
        each.item_key for each in sent
    )
    assert shown.delivered > 300
    assert shown.freed > timedelta(hours=50)
    assert sum(each.count for each in shown.waiting) > 0


def test_every_unit_costs_something_believable(year: Session) -> None:
    rows = year.execute(
        select(Holding.cost_centre, func.sum(Holding.price_monthly))
        .where(Holding.state == "active", Holding.price_monthly > 0)
        .group_by(Holding.cost_centre)
    ).all()

    assert len([row for row in rows if row[0]]) > 60
