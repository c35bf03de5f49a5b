"""What an order leads to is said before it is sent, and is what happens when it is."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.domain import answers, approvals, items, ordering
from portal.domain.preview import Preview, preview
from portal.models import Base
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.task import Task
from tests.cast import Cast, publish_shipped, publish_text

RIGHT = """
format: 1
id: right
title: {sv: Rätt, nb: Rett, en: Right}
summary: {sv: Rätt, nb: Rett, en: Right}
category: access
owner: team/it-accounts
order_for: both
sensitive: SENSITIVE
promise: {working_days: 2}
questions:
  - {name: far, type: yes_no, label: {sv: Långt, nb: Langt, en: Far}, default: false}
  - {name: nights, type: number, label: {sv: Dagar, nb: Dager, en: Days}}
steps:
  - id: manager
    approve: {by: manager, fallback: team/approval-desk}
  - id: security
    approve: {by: team/it-security, fallback: team/approval-desk}
    when: far
  - id: long
    task: {team: team/systems, title: {sv: Gör, nb: Gjør, en: Do}}
    when: nights != none and nights > 3
"""


@pytest.fixture
def employee_account(cast: Cast) -> None:
    publish_shipped(cast.session, "employee-account")


def look(cast: Cast, key: str, raw: Mapping[str, Any], actor: Person, whom: Person | None = None) -> Preview:
    version = cast.version(key)
    item = items.load(version)
    cleaned = answers.clean(cast.session, item, raw, actor=actor, beneficiary=whom)
    return preview(cast.session, item, version, cleaned.answers, actor=actor, beneficiary=whom)


def newcomer(cast: Cast, form: str = "seasonal", **more: Any) -> dict[str, Any]:
    day = cast.today + timedelta(days=7)
    last = {} if form == "permanent" else {"last_day": (day + timedelta(days=90)).isoformat()}
    return {
        "given_name": "Åsa",
        "surname": "Öberg",
        "form": form,
        "first_day": day.isoformat(),
        "job_title": "Vakt",
        "at_unit": cast.unit.id,
        "workplace": "field",
        **last,
        **more,
    }


def states(found: Preview) -> dict[str, str]:
    return {step.id: step.state for step in found.steps}


def asked(found: Preview) -> list[tuple[str, bool]]:
    return [
        (each.person.given_name if each.person else each.team, each.order_is_yes)
        for step in found.approvals
        for each in step.approvers
    ]


def test_a_coordinators_order_asks_the_head_of_the_unit(cast: Cast, employee_account: None) -> None:
    found = look(cast, "employee-account", newcomer(cast), cast.sam)

    assert asked(found) == [("Mia", False)]
    assert found.asks_anybody
    assert found.problems == ()


def test_the_heads_own_order_is_the_yes(cast: Cast, employee_account: None) -> None:
    found = look(cast, "employee-account", newcomer(cast), cast.mia)

    assert asked(found) == [("Mia", True)]
    assert not found.asks_anybody


def test_the_form_of_employment_changes_price_and_steps(cast: Cast, employee_account: None) -> None:
    seasonal = look(cast, "employee-account", newcomer(cast, workplace="field"), cast.sam)
    permanent = look(cast, "employee-account", newcomer(cast, "permanent", workplace="office"), cast.sam)

    assert (seasonal.cost.monthly, permanent.cost.monthly) == (Decimal(79), Decimal(129))
    assert states(seasonal)["place"] == "skipped"
    assert states(permanent)["place"] == "begins"
    assert next(step.why for step in seasonal.steps if step.id == "place") == "workplace != 'field'"


def test_names_days_and_values_are_those_that_would_be_used(cast: Cast, employee_account: None) -> None:
    steps = {step.id: step for step in look(cast, "employee-account", newcomer(cast), cast.sam).steps}

    assert steps["name"].wanted == {"username": "asaobe"}
    assert steps["account"].wanted["mail"] == "asa.oberg@example.test"
    assert steps["unit_group"].wanted == {"account": "asaobe", "group": "nature"}
    assert steps["first"].until == cast.today + timedelta(days=7)


def test_a_promise_waits_for_the_first_day(cast: Cast, employee_account: None) -> None:
    found = look(cast, "employee-account", newcomer(cast), cast.sam)

    assert found.first_day == cast.today + timedelta(days=7)
    assert found.promised_at is not None
    assert clock.local_day(found.promised_at, clock.zone(cast.session)) == found.first_day


def test_looking_writes_nothing(cast: Cast, employee_account: None) -> None:
    cast.session.commit()
    tables = list(Base.metadata.sorted_tables)
    before = [cast.session.scalar(select(func.count()).select_from(table)) for table in tables]
    cast.session.commit()

    with cast.database.read_session() as session:
        version = cast.version("employee-account")
        item = items.load(version)
        actor = session.get_one(Person, cast.sam.id)
        cleaned = answers.clean(session, item, newcomer(cast), actor=actor)
        found = preview(session, item, version, cleaned.answers, actor=actor)
        assert not session.new
        assert not session.dirty
        session.flush()

    after = [cast.session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert before == after
    assert len(found.steps) == len(item.steps)


def test_what_is_said_is_what_happens(cast: Cast, employee_account: None) -> None:
    raw = newcomer(cast, "fixed_term", workplace="office")
    found = look(cast, "employee-account", raw, cast.sam)
    version = cast.version("employee-account")
    cleaned = answers.clean(cast.session, items.load(version), raw, actor=cast.sam)

    case = ordering.submit(cast.session, version, cleaned.answers, actor=cast.sam, key="said-and-done")
    waiting = cast.session.scalars(select(Approval).where(Approval.request_id == case.id)).one()
    approvals.decide(cast.session, waiting, "approve", actor=cast.mia, revision=case.revision)
    cast.work()
    made = cast.session.scalars(select(Task).where(Task.request_id == case.id)).all()

    assert waiting.person == cast.mia
    assert (case.price_once, case.price_monthly) == (found.cost.once, found.cost.monthly)
    assert {task.step for task in made if task.state == "skipped"} == {
        step for step, state in states(found).items() if state == "skipped"
    }
    assert next(t.result["value"] for t in made if t.step == "name") == "asaobe"


def test_ones_own_order_goes_upwards_and_rules_add_approvers(cast: Cast) -> None:
    publish_text(cast.session, RIGHT.replace("SENSITIVE", "false"))

    near = look(cast, "right", {"far": "no"}, cast.noah, cast.noah)
    far = look(cast, "right", {"far": "yes"}, cast.mia, cast.mia)

    assert asked(near) == [("Mia", False)]
    assert asked(far) == [("Lars", False), ("team/it-security", False)]


def test_a_sensitive_item_never_takes_the_order_as_the_yes(cast: Cast) -> None:
    publish_text(cast.session, RIGHT.replace("SENSITIVE", "true"))

    found = look(cast, "right", {}, cast.mia, cast.noah)

    assert asked(found) == [("Lars", False)]


def test_what_cannot_be_decided_is_said(cast: Cast) -> None:
    publish_text(
        cast.session,
        RIGHT.replace("SENSITIVE", "false").replace("nights != none and nights > 3", "nights > 3"),
    )

    found = look(cast, "right", {}, cast.noah, cast.noah)

    assert states(found)["long"] == "undecided"
    assert [problem.values["step"] for problem in found.problems] == ["long"]


def test_somebody_who_may_not_order_is_told_in_the_same_words(cast: Cast) -> None:
    publish_text(cast.session, RIGHT.replace("SENSITIVE", "false"))

    found = look(cast, "right", {}, cast.noah, cast.olof)

    assert [problem.message for problem in found.problems] == ["You may not order for %(name)s."]


def test_the_usual_time_of_an_answer_needs_some_answers(cast: Cast) -> None:
    publish_text(cast.session, RIGHT.replace("SENSITIVE", "false"))
    before = look(cast, "right", {}, cast.noah, cast.noah).approvals[0].approvers[0].usual

    for number in range(3):
        case = ordering.submit(
            cast.session,
            cast.version("right"),
            {"far": False},
            actor=cast.noah,
            beneficiary=cast.noah,
            key=f"n{number}",
        )
        waiting = cast.session.scalars(select(Approval).where(Approval.request_id == case.id)).one()
        waiting.created_at = clock.now() - timedelta(hours=number + 1)
        approvals.decide(cast.session, waiting, "approve", actor=cast.mia, revision=case.revision)
    after = look(cast, "right", {}, cast.noah, cast.noah).approvals[0].approvers[0].usual

    assert before is None
    assert after is not None
    assert after.total_seconds() == pytest.approx(2 * 3600, abs=60)
