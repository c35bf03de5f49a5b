"""Automatic steps: names, shared objects, errors by kind, paused systems, leases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.errors import Denied, Invalid, Misconfigured, Unavailable, Unknown
from portal import clock
from portal.domain import lifecycle, ordering, tasks, withdrawing
from portal.models.holding import Account, Holding, ReservedName
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import ResourceStatus
from portal.work.run import Claim, Worker
from portal.work.sweeps import due_tasks, run_all
from tests.cast import Cast, publish_shipped, publish_text, told
from tests.domain.stories import account_of, holding_of, order_account


@pytest.fixture
def house(cast: Cast) -> Cast:
    """The organisation with accounts and two items that share a group."""
    publish_shipped(cast.session, "employee-account")
    return cast


STRANGER = {
    "id": "s",
    "key": "asaobe",
    "marker": None,
    "values": {"username": "asaobe", "surname": "Annan"},
}

GROUP = """
format: 1
id: {id}
title: {{sv: Grupp, nb: Gruppe, en: Group}}
summary: {{sv: En grupp, nb: En gruppe, en: A group}}
category: accounts
owner: team/it-accounts
order_for: both
steps:
  - id: member
    ensure: staff-directory/membership
    with: {{account: "{{beneficiary.accounts.staff-directory}}", group: vpn}}
"""


def membership_groups(cast: Cast) -> list[str]:
    rows = cast.store.objects.get("membership", {}).values()
    return sorted(str(row["values"]["group"]) for row in rows)


def task_id(house: Cast, step: str) -> int:
    """The number of a task, with no transaction left open."""
    found = house.session.scalars(select(Task.id).where(Task.step == step)).one()
    house.session.rollback()
    return found


def failed_task(house: Cast, request: ServiceRequest) -> Task:
    """The one task of a case that needs a person."""
    query = select(Task).where(Task.request_id == request.id, Task.state == "failed")
    return house.session.scalars(query).one()


def person_with_account(house: Cast) -> Person:
    request = order_account(house, "permanent", house.today, None)
    return house.session.get_one(Person, request.beneficiary_id)


def test_f08_a_name_that_a_stranger_has_outside_is_passed_over_and_left_alone(house: Cast) -> None:
    house.store.objects["account"] = {"s": dict(STRANGER)}

    request = order_account(house, "permanent", house.today, None)

    assert request.state == "delivered", told(house.session, request)
    names = sorted(row["values"]["username"] for row in house.store.objects["account"].values())
    assert names == ["asaobe", "asaobe2"]
    assert house.store.objects["account"]["s"] == STRANGER
    foreign = house.session.scalars(select(ReservedName.name).where(ReservedName.is_foreign)).all()
    assert foreign == ["asaobe"]


def test_a_stranger_who_comes_between_reserving_and_making_gets_to_keep_the_name(house: Cast) -> None:
    answers = {"worked_here": False, "given_name": "Åsa", "surname": "Öberg", "form": "permanent"}
    answers |= {"first_day": house.today.isoformat(), "job_title": "X", "workplace": "field"}
    request = ordering.submit(
        house.session,
        house.version("employee-account"),
        {**answers, "at_unit": house.unit.id},
        actor=house.mia,
        key="between",
    )
    house.session.commit()
    worker = Worker(house.database, house.settings)
    name_id = task_id(house, "name")
    claim = worker._claim(name_id)
    while claim is not None and claim.kind == "reserve":
        _, claim = worker._record(claim, *worker._act(claim))
    assert claim is not None
    assert claim.kind == "ensure"
    house.store.objects["account"] = {"s": dict(STRANGER)}

    worker._record(claim, *worker._act(claim))
    house.work()

    assert request.state == "delivered", told(house.session, request)
    assert house.store.objects["account"]["s"] == STRANGER
    assert account_of(house, house.session.get_one(Person, request.beneficiary_id))["username"] == "asaobe2"


def test_an_object_stays_as_long_as_somebody_else_needs_it(house: Cast) -> None:
    for key in ("vpn-one", "vpn-two"):
        publish_text(house.session, GROUP.format(id=key))
    person = person_with_account(house)
    first, second = (
        ordering.submit(
            house.session, house.version(key), {}, actor=house.mia, beneficiary=person, key=f"order {key}"
        )
        for key in ("vpn-one", "vpn-two")
    )
    house.work()
    assert membership_groups(house).count("vpn") == 1

    lifecycle.begin(house.session, holding_of(house, first), "end")
    house.work()
    assert membership_groups(house).count("vpn") == 1
    lifecycle.begin(house.session, holding_of(house, second), "end")
    house.work()

    assert membership_groups(house).count("vpn") == 0


def test_a_membership_that_was_there_before_us_is_left_when_the_holding_ends(house: Cast) -> None:
    publish_text(house.session, GROUP.format(id="vpn-one"))
    person = person_with_account(house)
    row = {"account": {"key": "asaobe"}, "group": "vpn"}
    house.store.objects["membership"]["old"] = {
        "id": "old",
        "key": "asaobe / vpn",
        "marker": None,
        "values": row,
    }

    request = ordering.submit(
        house.session, house.version("vpn-one"), {}, actor=house.mia, beneficiary=person, key="old"
    )
    house.work()
    assert request.state == "delivered"
    lifecycle.begin(house.session, holding_of(house, request), "end")
    house.work()

    assert "vpn" in membership_groups(house)
    assert holding_of(house, request).state == "ended"


@pytest.mark.parametrize("error", [Unavailable("away"), Unknown("cut")])
@pytest.mark.parametrize("after", [False, True])
def test_what_may_pass_is_tried_again_and_makes_one_account(
    house: Cast, error: Exception, after: bool
) -> None:
    house.store.fail_next(error, times=3, after=after)  # type: ignore[arg-type]
    request = order_account(house, "permanent", house.today, None)

    for minutes in range(1, 9):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            house.work()

    assert request.state == "delivered", told(house.session, request)
    assert len(house.store.objects["account"]) == 1


@pytest.mark.parametrize("error", [Denied("no right on OU"), Invalid("too long", field="unit")])
def test_f11_f12_what_cannot_pass_needs_a_person_and_holds_only_its_branch(
    house: Cast, error: Exception
) -> None:
    house.store.fail_next(error)  # type: ignore[arg-type]
    request = order_account(house, "permanent", house.today, None)

    assert request.needs_attention
    failed = house.session.scalars(
        select(Task).where(Task.request_id == request.id, Task.state == "failed")
    ).one()
    assert failed.error is not None
    assert failed.error["message"] == error.message  # type: ignore[attr-defined]

    tasks.retry(house.session, failed, actor=house.eva)
    house.work()
    assert request.state == "delivered", told(house.session, request)
    assert not request.needs_attention


def test_f04_wrong_settings_pause_the_system_once_and_work_goes_on_when_they_are_mended(house: Cast) -> None:
    house.store.fail_next(Misconfigured("the password is wrong"), times=1)
    request = order_account(house, "permanent", house.today, None)
    status = house.session.get_one(ResourceStatus, "staff-directory")
    calls = len(house.store.failures)

    assert status.state == "paused"
    assert status.cause is not None
    assert status.cause["message"] == "the password is wrong"
    house.next_day(2)
    assert len(house.store.failures) == calls == 0  # nobody was called meanwhile
    assert due_tasks(house.database) == []
    file = house.settings.data_dir / "resources.toml"
    file.write_text(file.read_text().replace("mode =", 'path = ""\nmode ='))
    house.work()

    assert house.session.get_one(ResourceStatus, "staff-directory").state == "running"
    assert request.state == "delivered", told(house.session, request)


def test_c12_a_result_that_comes_after_the_lease_is_dropped(house: Cast) -> None:
    answers = {"worked_here": False, "given_name": "Åsa", "surname": "Öberg", "form": "permanent"}
    answers |= {"first_day": house.today.isoformat(), "job_title": "X", "workplace": "field"}
    request = ordering.submit(
        house.session,
        house.version("employee-account"),
        {**answers, "at_unit": house.unit.id},
        actor=house.mia,
        key="lease",
    )
    house.session.commit()
    name_id = task_id(house, "name")
    slow, quick = Worker(house.database, house.settings), Worker(house.database, house.settings)
    claim = slow._claim(name_id)
    assert claim is not None
    assert quick._claim(name_id) is None  # it is taken

    with clock.at(clock.now() + timedelta(minutes=2)):  # the slow one is frozen past its lease
        run_all(house.database, house.settings)
    late, following = slow._record(claim, *slow._act(claim))

    assert (late, following) == (False, None)
    house.session.expire_all()
    house.work()
    assert request.state == "delivered", told(house.session, request)
    assert house.session.scalars(
        select(ReservedName.name).where(ReservedName.space == "usernames")
    ).all() == ["asaobe"]


def test_cancelling_after_something_was_made_drafts_an_undo_that_waits_for_an_agent(house: Cast) -> None:
    request = order_account(house, "permanent", house.today + timedelta(days=5), None)
    assert request.state == "in_delivery"
    assert len(house.store.objects["account"]) == 1

    withdrawing.cancel(house.session, request, actor=house.eva, note="kom inte")
    house.work()
    undo = house.session.scalars(select(ServiceRequest).where(ServiceRequest.origin == "undo")).one()
    assert len(house.store.objects["account"]) == 1
    tasks.carry_out_undo(house.session, undo, actor=house.eva)
    house.work()

    assert undo.state == "delivered", told(house.session, undo)
    assert house.store.objects["account"] == {}
    assert membership_groups(house) == []
    assert house.session.scalars(select(Account).where(Account.state != "gone")).all() == []
    assert house.session.get_one(Holding, request.holding_id).state == "ended"


def cancelled_while_running(house: Cast) -> tuple[ServiceRequest, Worker, Claim]:
    """Cancel an order while its account is being made."""
    answers = {"worked_here": False, "given_name": "Åsa", "surname": "Öberg", "form": "permanent"}
    answers |= {"first_day": house.today.isoformat(), "job_title": "X", "workplace": "field"}
    answers |= {"at_unit": house.unit.id}
    request = ordering.submit(
        house.session, house.version("employee-account"), answers, actor=house.mia, key="cut"
    )
    house.session.commit()
    worker = Worker(house.database, house.settings)
    claim = worker._claim(task_id(house, "name"))
    while claim is not None and claim.kind == "reserve":
        _, claim = worker._record(claim, *worker._act(claim))
    assert claim is not None
    withdrawing.cancel(house.session, request, actor=house.eva, note="kom inte")
    house.session.commit()
    return request, worker, claim


def test_f02_what_runs_while_its_case_is_cancelled_is_tried_again_and_then_taken_back(house: Cast) -> None:
    request, worker, claim = cancelled_while_running(house)

    worker._record(claim, None, Unavailable("the directory is away"))
    assert house.session.scalars(select(ReservedName.name)).first() == "asaobe"  # it may be made yet
    house.session.rollback()
    with clock.at(clock.now() + timedelta(minutes=5)):
        house.work()
        assert due_tasks(house.database) == []

    assert len(house.store.objects["account"]) == 1
    undo = house.session.scalars(select(ServiceRequest).where(ServiceRequest.origin == "undo")).one()
    assert undo.facts["awaits_agent"]
    assert request.state == "cancelled"


def test_c02_a_worker_that_dies_while_its_case_is_cancelled_leaves_nothing_behind(house: Cast) -> None:
    _request, worker, claim = cancelled_while_running(house)
    worker._act(claim)  # made, and then the worker dies

    with clock.at(clock.now() + timedelta(minutes=5)):
        house.work()
        assert due_tasks(house.database) == []

    assert len(house.store.objects["account"]) == 1
    undo = house.session.scalars(select(ServiceRequest).where(ServiceRequest.origin == "undo")).one()
    assert undo.facts["awaits_agent"]


def test_an_agent_skips_with_a_reason_and_the_case_goes_on(house: Cast) -> None:
    house.store.objects["group"].pop("nature")
    request = order_account(house, "permanent", house.today, None)
    failed = house.session.scalars(
        select(Task).where(Task.request_id == request.id, Task.state == "failed")
    ).one()
    assert failed.step == "unit_group"

    with pytest.raises(tasks.ReasonNeeded):
        tasks.skip(house.session, failed, actor=house.eva, reason=" ")
    tasks.skip(house.session, failed, actor=house.eva, reason="Gruppen finns inte längre")
    house.work()

    assert request.state == "delivered", told(house.session, request)
