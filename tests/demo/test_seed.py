"""The demo's year, made on four days that are easily got wrong: the story waits, and all of it is true."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import directory, history, progress, sources, store
from portal.demo.people import story_ids
from portal.demo.seed import Seeder
from portal.domain import approvals, audit, holdings, items, mails, messages
from portal.domain.queries import requests as cases
from portal.models.approval import Approval
from portal.models.employment import Employment, Leave
from portal.models.holding import Account, Holding
from portal.models.item import CatalogItem, CatalogVersion
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import OutboundMail
from portal.states import OPEN_REQUEST
from portal.work.world import open_named, open_portal
from tests.demo.compared import disagreements
from tests.demo_fixture import LOAD, TOLD, prepare, seed, settings_for

STATES = sources.volumes()["history"]["states"]
SIX = sources.volumes()["differences"]
DAYS = {
    "a Saturday": datetime(2026, 8, 15, 9, 40, tzinfo=UTC),
    "Christmas Eve": datetime(2026, 12, 24, 10, 15, tzinfo=UTC),
    "summer time begins": datetime(2027, 3, 28, 7, 30, tzinfo=UTC),
    "summer time ends": datetime(2027, 10, 31, 12, 5, tzinfo=UTC),
}
SMALL = 0.02


@dataclass
class Made:
    """A small year, and what its forms would have refused."""

    session: Session
    moment: datetime
    faults: list[str]
    folder: Path

    @property
    def today(self) -> date:
        """The day on which it was made."""
        return clock.today(self.session)

    def person(self, key: str) -> Person:
        """Return somebody of the story."""
        return self.session.get_one(Person, story_ids(self.session)[key])

    def has(self, key: str, *states: str) -> dict[str, Holding]:
        """Return what somebody has, by item."""
        query = select(Holding).where(Holding.person_id == self.person(key).id, Holding.state.in_(states))
        return {each.item_key: each for each in self.session.scalars(query.order_by(Holding.id))}


@pytest.fixture(scope="module", params=list(DAYS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A small year that ends on one of the days."""
    moment = DAYS[request.param]
    folder = tmp_path_factory.mktemp("seed")
    faults = seed(folder, moment, scale=SMALL, is_checking=True)
    database = open_portal(settings_for(folder))
    with clock.at(moment), database.read_session() as session:
        yield Made(session, moment, faults, folder)
    database.dispose()


def test_as_many_cases_are_open_as_there_should_be(made: Made) -> None:
    query = select(ServiceRequest).where(
        ServiceRequest.purpose == "deliver", ServiceRequest.state.in_(("draft", *OPEN_REQUEST))
    )
    waiting = select(Task).join(ServiceRequest, ServiceRequest.id == Task.request_id)
    waiting = waiting.where(Task.kind == "wait", Task.state == "ready", ServiceRequest.purpose == "deliver")

    found = Counter(cases.status_of(made.session, each) for each in made.session.scalars(query))

    assert found == {
        "draft": STATES["draft"],
        "in_approval": STATES["in_approval"],
        "needs_answer": STATES["sent_back"],
        "in_delivery": STATES["in_delivery"],
        "needs_attention": STATES["needs_attention"],
        "late": STATES["late"],
    }
    assert len(made.session.scalars(waiting).all()) == STATES["waiting_for_first_day"]


def test_forms_would_have_let_every_order_through(made: Made) -> None:
    assert made.faults == []


def test_the_clock_finds_nothing_that_should_have_been_done(made: Made) -> None:
    due = [
        (each.item_key, holdings.due(made.session, each, made.today))
        for each in holdings.candidates(made.session, made.today, limit=10_000)
        if holdings.due(made.session, each, made.today)
    ]
    overdue = select(Task.step).where(Task.kind == "wait", Task.state == "ready", Task.due_on <= made.today)
    automatic = select(Task.step).where(Task.is_automatic, Task.state.in_(("ready", "running")))

    assert due == []
    assert made.session.scalars(overdue).all() == []
    assert made.session.scalars(automatic).all() == []
    assert made.session.scalars(select(OutboundMail.id).where(OutboundMail.state == "queued")).all() == []


def test_history_is_sealed_and_holds(made: Made) -> None:
    assert audit.verify(made.session) == []


def test_every_case_has_a_number_of_its_year(made: Made) -> None:
    rows = list(made.session.scalars(select(ServiceRequest)))

    years = {each.number[1:3] for each in rows}

    assert len({each.number for each in rows}) == len(rows) > 100
    assert years <= {f"{made.today:%y}", str(made.today.year - 1)[2:]}


def test_ingrid_has_a_draft_to_finish(made: Made) -> None:
    query = select(ServiceRequest).where(
        ServiceRequest.requester_id == made.person("ingrid").id, ServiceRequest.state == "draft"
    )
    (draft,) = made.session.scalars(query)

    assert draft.item_key == "employee-account"
    assert (draft.answers["form"], draft.answers["workplace"]) == ("permanent", "sjomark")


def test_johan_has_three_orders_and_fourteen_who_leave(made: Made) -> None:
    johan, asa = made.person("johan"), made.person("asa")

    waiting = approvals.waiting_for(made.session, johan)
    leaving = made.session.scalars(
        select(Employment).where(
            Employment.unit_id == johan.unit_id, Employment.ends_on == made.today + timedelta(days=29)
        )
    ).all()

    assert [each.request.item_key for each in waiting] == ["employee-account", "laptop", "software"]
    assert [each.reminders for each in waiting] == [1, 0, 0]
    assert [each.person_id for each in waiting] == [johan.id, johan.id, asa.id]
    assert [
        (made.today - clock.local_day(each.asked_at, clock.zone(made.session))).days for each in waiting
    ] == [2, 1, 0]
    assert {each.form for each in leaving} == {"seasonal"}
    assert len(leaving) == 14


def test_elin_is_back_with_the_account_she_had(made: Made) -> None:
    elin = made.person("elin")
    accounts = made.session.scalars(
        select(Account).where(Account.person_id == elin.id, Account.kind == "account")
    ).all()

    has = made.has("elin", "active")

    assert {*has} == {"employee-account", "laptop", "mobile-subscription"}
    assert {each.ends_on for each in has.values()} == {made.today + timedelta(days=29)}
    assert [(each.state, each.values["enabled"]) for each in accounts] == [("live", True)]
    assert made.has("elin", "ending")["employee-account"].ends_on == made.today - timedelta(days=350)


def test_amir_waits_for_one_order_and_has_one_question(made: Made) -> None:
    amir = made.person("amir")
    on_its_way = [
        each.item_key
        for each in made.session.scalars(
            select(ServiceRequest).where(
                ServiceRequest.requester_id == amir.id, ServiceRequest.state == "in_delivery"
            )
        )
    ]

    assert on_its_way == ["mobile-subscription"]
    assert [each.item_key for each in messages.questions_for(made.session, amir)] == ["laptop"]
    assert made.has("amir", "active")["records-access"].ends_on == made.today + timedelta(days=20)


def test_karin_is_on_leave_with_her_phone_and_without_her_account(made: Made) -> None:
    karin = made.person("karin")
    (account,) = made.session.scalars(
        select(Account).where(Account.person_id == karin.id, Account.kind == "account")
    )
    (leave,) = made.session.scalars(select(Leave).join(Employment).where(Employment.person_id == karin.id))

    assert account.values["enabled"] is False
    assert leave.ends_on == made.today + timedelta(days=29)
    assert {*made.has("karin", "suspended")} == {"employee-account", "software", "remote-work"}
    assert {*made.has("karin", "active")} == {"laptop", "mobile-subscription"}


def test_maja_has_steps_that_stopped_and_a_queue(made: Made) -> None:
    failed = made.session.scalars(select(Task).where(Task.state == "failed").order_by(Task.step)).all()
    queue = made.session.scalars(select(Task).where(Task.team == "service-desk", Task.state == "ready")).all()

    assert [each.step for each in failed] == ["account", "licence", "right", "vpn"]
    assert all(each.error and each.error["message"] and each.error["detail"] for each in failed)
    assert len(queue) == 9
    assert sum(each.due_on is not None and each.due_on < made.today for each in queue) == 1


def test_petter_has_a_draft_with_two_problems(made: Made) -> None:
    entry = made.session.get_one(CatalogItem, "vpn-supervision")
    assert entry.draft is not None

    problems = items.check(made.session, entry.draft).problems

    assert [each.severity for each in problems] == ["error", "error"]
    assert entry.draft_by_id == made.person("petter").id


def test_letters_of_the_story_can_be_read_and_no_others(made: Made) -> None:
    johan = made.person("johan")
    query = select(OutboundMail).where(OutboundMail.attempts > 0, OutboundMail.state == "sent")

    read = list(made.session.scalars(query))

    assert [each.template for each in read if each.person_id == johan.id] == [
        "approve", "approve-reminder", "approve", "approve",
    ]  # fmt: skip
    assert len(list((made.folder / "mail").glob("*.eml"))) == len(read)
    assert all(each.sent_at == each.created_at for each in read)


def test_six_items_have_earlier_versions_with_reasons(made: Made) -> None:
    versions = Counter(
        each.item_key
        for each in made.session.scalars(select(CatalogVersion))
        if each.reason and each.published_by_id == made.person("petter").id
    )

    assert {key for key, count in versions.items() if count > 1} == set(sources.phrases()["versions"])
    assert min(versions.values()) == 1


def test_six_differences_are_told(made: Made) -> None:
    told = json.loads((made.folder / TOLD).read_text("utf-8"))

    assert Counter(kind for kind, _ in told) == SIX


def test_two_with_protected_identity_and_three_managers_away(made: Made) -> None:
    protected = made.session.scalars(select(Person).where(Person.is_protected)).all()
    away = made.session.scalars(
        select(Leave).where(Leave.kind == "other", Leave.starts_on <= made.today, Leave.ends_on >= made.today)
    ).all()

    assert len(protected) == sources.volumes()["people"]["protected_identity"]
    assert len(away) == len(sources.organisation()["oddities"]["managers_away"])
    assert made.session.scalars(select(Approval.id).where(Approval.state == "waiting")).all()


def test_history_that_is_filled_in_takes_nobodys_letter_for_its_own(tmp_path: Path) -> None:
    with Seeder(prepare(tmp_path), DAYS["a Saturday"], scale=SMALL) as seeder:
        seeder.begin()
        begun = progress.read(seeder.pen)
        assert begun is not None
        with clock.at(DAYS["a Saturday"] + timedelta(seconds=40)):
            letter = mails.queue(seeder.pen, "received", to="ingrid@example.org")
            seeder.pen.keep()
        assert letter is not None
        seeder.go_on(begun)
        left = seeder.pen.scalars(select(OutboundMail.message_id).where(OutboundMail.state == "queued"))

        assert list(left) == [letter.message_id]


def test_directory_follows_while_history_is_filled_in(tmp_path: Path) -> None:
    settings = prepare(tmp_path)
    with Seeder(settings, DAYS["Christmas Eve"], scale=SMALL) as seeder:
        seeder.begin()
        history.write_load(seeder, tmp_path)
        process = directory.start(tmp_path, load=tmp_path / LOAD)
        try:
            details = directory.wait_ready(tmp_path, process)
            settings = settings_for(tmp_path, details.port)
            connector = open_named(settings, store.RESOURCE)
            mirror = history.mirror_of(seeder, connector, details)
            before = disagreements(seeder.pen, connector)
            begun = progress.read(seeder.pen)
            assert begun is not None
            seeder.pen.keep()
            seeder.go_on(begun, carry=mirror.carry)
            after = disagreements(seeder.pen, connector)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(10)

    six = sorted(kind for kind, count in SIX.items() for _ in range(count))
    assert before == six
    assert after == six
