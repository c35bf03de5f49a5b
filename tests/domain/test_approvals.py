"""Who is asked, who may answer, and that one answer wins."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.domain import approvals, messages, ordering, tasks, withdrawing
from portal.errors import NotAllowed, PortalError
from portal.models.approval import Approval
from portal.models.person import Delegation, Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.work import OutboundMail
from tests.cast import Cast, publish_text

ITEM = """
format: 1
id: {id}
title: {{sv: Kort, nb: Kort, en: Card}}
summary: {{sv: Ett kort, nb: Et kort, en: A card}}
category: accounts
owner: team/it-accounts
order_for: both
{extra}
steps:
  - id: yes
    approve: {{by: {by}, fallback: team/approval-desk, remind: [2, 4], escalate: 5}}
  - id: desk
    task: {{team: team/caretakers, title: {{sv: Gör, nb: Gjør, en: Do}}}}
"""

COUNT = iter(range(10_000))


def publish(cast: Cast, *, by: str = "manager", extra: str = "", key: str = "card") -> None:
    publish_text(cast.session, ITEM.format(id=key, by=by, extra=extra).replace("id: yes", "id: ok"))


def order(cast: Cast, actor: Person, beneficiary: Person, key: str = "card") -> ServiceRequest:
    return ordering.submit(
        cast.session, cast.version(key), {}, actor=actor, beneficiary=beneficiary, key=f"a{next(COUNT)}"
    )


def asked(cast: Cast, request: ServiceRequest) -> list[str]:
    rows = cast.session.scalars(
        select(Approval).where(Approval.request_id == request.id).order_by(Approval.id)
    )
    return [f"{row.person.given_name if row.person else row.team} {row.state}" for row in rows]


def test_the_manager_of_the_beneficiary_is_asked(cast: Cast) -> None:
    publish(cast)

    assert asked(cast, order(cast, cast.noah, cast.noah)) == ["Mia waiting"]


def test_l08_nobody_approves_for_themselves_and_the_next_above_is_asked(cast: Cast) -> None:
    publish(cast)

    request = order(cast, cast.mia, cast.mia)

    assert asked(cast, request) == ["Lars waiting"]
    (approval,) = cast.session.scalars(select(Approval))
    with pytest.raises(NotAllowed):
        approvals.decide(cast.session, approval, "approve", actor=cast.mia, revision=1)


def test_the_top_of_the_line_is_followed_by_the_fallback(cast: Cast) -> None:
    publish(cast)

    assert asked(cast, order(cast, cast.lars, cast.lars)) == ["approval-desk waiting"]


def test_the_managers_own_order_for_somebody_is_the_yes(cast: Cast) -> None:
    publish(cast)

    assert asked(cast, order(cast, cast.mia, cast.noah)) == ["Mia approved"]


def test_a_sensitive_item_goes_to_the_next_level_also_when_the_manager_orders(cast: Cast) -> None:
    publish(cast, extra="sensitive: true")

    assert asked(cast, order(cast, cast.mia, cast.noah)) == ["Lars waiting"]


def stand_in(cast: Cast, absent: Person, delegate: Person) -> None:
    cast.session.add(
        Delegation(person_id=absent.id, delegate_id=delegate.id, from_on=cast.today, to_on=cast.today)
    )
    cast.session.flush()


def letters(cast: Cast) -> list[int | None]:
    query = select(OutboundMail.person_id).where(OutboundMail.template == "approve")
    return list(cast.session.scalars(query.order_by(OutboundMail.id)))


def test_l08_who_orders_does_not_answer_by_standing_in_for_the_one_who_is_asked(cast: Cast) -> None:
    publish(cast)
    stand_in(cast, cast.mia, cast.sam)

    order(cast, cast.sam, cast.noah)

    (approval,) = cast.session.scalars(select(Approval))
    with pytest.raises(NotAllowed):
        approvals.decide(cast.session, approval, "approve", actor=cast.sam, revision=1)
    assert approvals.waiting_for(cast.session, cast.sam) == []
    assert letters(cast) == [cast.mia.id]


def test_l08_one_who_is_away_with_only_the_orderer_standing_in_is_passed_over(cast: Cast) -> None:
    publish(cast)
    cast.mia.is_disabled = True
    stand_in(cast, cast.mia, cast.sam)

    assert asked(cast, order(cast, cast.sam, cast.noah)) == ["Lars waiting"]


def test_l08_a_second_account_with_the_same_address_is_no_other_person(cast: Cast) -> None:
    publish(cast, by="team/it-security")
    cast.noah.mail = cast.eva.mail.upper()
    cast.session.flush()

    request = order(cast, cast.noah, cast.noah)

    (approval,) = cast.session.scalars(select(Approval))
    with pytest.raises(NotAllowed):
        approvals.decide(cast.session, approval, "approve", actor=cast.eva, revision=1)
    assert asked(cast, request) == ["approval-desk waiting"]
    assert letters(cast) == []


def test_a_rejection_needs_its_reason_and_closes_the_case(cast: Cast) -> None:
    publish(cast)
    request = order(cast, cast.noah, cast.noah)
    (approval,) = approvals.waiting_for(cast.session, cast.mia)

    with pytest.raises(approvals.CommentNeeded):
        approvals.decide(cast.session, approval, "reject", actor=cast.mia, revision=1)
    approvals.decide(cast.session, approval, "reject", actor=cast.mia, revision=1, comment="Inte i år")

    assert request.state == "rejected"
    assert asked(cast, request) == ["Mia rejected"]


def test_n04_a_yes_to_an_order_that_has_changed_since_is_refused(cast: Cast) -> None:
    publish(cast)
    request = order(cast, cast.noah, cast.noah)
    (approval,) = approvals.waiting_for(cast.session, cast.mia)
    messages.send_back(cast.session, request, actor=cast.mia, question="Vilket kort?")
    assert approvals.waiting_for(cast.session, cast.mia) == []
    messages.resend(cast.session, request, {}, actor=cast.noah, comment="Det blå")

    with pytest.raises(PortalError):
        approvals.decide(cast.session, approval, "approve", actor=cast.mia, revision=1)
    assert asked(cast, request) == ["Mia lapsed", "Mia waiting"]
    assert request.revision == 2


def test_a_withdrawn_order_closes_its_questions(cast: Cast) -> None:
    publish(cast)
    request = order(cast, cast.noah, cast.noah)

    withdrawing.withdraw(cast.session, request, actor=cast.noah)

    assert request.state == "cancelled"
    assert asked(cast, request) == ["Mia lapsed"]


def test_l14_a_manager_who_does_not_answer_is_reminded_and_then_the_next_is_asked(cast: Cast) -> None:
    publish(cast)
    request = order(cast, cast.noah, cast.noah)
    cast.session.commit()

    cast.next_day(10)

    assert asked(cast, request) == ["Mia waiting", "Lars waiting"]
    templates = [m.template for m in cast.session.scalars(select(OutboundMail).order_by(OutboundMail.id))]
    assert templates == [
        "received",
        "approve",
        "approve-reminder",
        "approve-reminder",
        "approve",
        "approve-reminder",
    ]


def run_together(*doings: Callable[[], None]) -> None:
    barrier = threading.Barrier(len(doings))

    def wait_and(do: Callable[[], None]) -> None:
        barrier.wait()
        do()

    threads = [threading.Thread(target=wait_and, args=(do,)) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_n01_n02_of_many_answers_at_once_one_wins_and_nobody_meets_a_fault(cast: Cast) -> None:
    publish(cast)
    database = cast.database
    for _ in range(15):
        request = order(cast, cast.noah, cast.noah)
        cast.session.commit()
        (approval,) = approvals.waiting_for(cast.session, cast.mia)
        approval_id, mia_id = approval.id, cast.mia.id
        cast.session.rollback()
        results: list[str] = []

        def answer(
            decision: str, approval_id: int = approval_id, mia_id: int = mia_id, results: list[str] = results
        ) -> None:
            with database.session() as session:
                try:
                    approvals.decide(
                        session,
                        session.get_one(Approval, approval_id),
                        decision,
                        actor=session.get_one(Person, mia_id),
                        revision=1,
                        comment="så",
                    )
                    session.commit()
                    results.append(decision)
                except approvals.Decided:
                    results.append("decided")

        run_together(*(lambda d=d: answer(d) for d in ["approve", "reject"] * 3))

        cast.session.expire_all()
        assert sorted(results).count("decided") == 5
        won = next(each for each in results if each != "decided")
        assert asked(cast, request) == [f"Mia {'approved' if won == 'approve' else 'rejected'}"]
        assert request.state == ("in_delivery" if won == "approve" else "rejected")


BRANCHES = """
format: 1
id: branches
title: {sv: Två grenar, nb: To grener, en: Two branches}
summary: {sv: Två grenar, nb: To grener, en: Two branches}
category: accounts
owner: team/it-accounts
steps:
  - {id: left, task: {team: team/caretakers, title: {sv: V, nb: V, en: L}}, needs: []}
  - {id: right, task: {team: team/caretakers, title: {sv: H, nb: H, en: R}}, needs: []}
  - {id: join, task: {team: team/caretakers, title: {sv: S, nb: S, en: J}}, needs: [left, right]}
"""


def test_two_branches_finishing_at_once_never_leave_the_joining_task_waiting(cast: Cast) -> None:
    publish_text(cast.session, BRANCHES)
    for _ in range(20):
        request = order(cast, cast.noah, cast.noah, key="branches")
        cast.session.commit()
        ids = list(cast.session.scalars(select(Task.id).where(Task.request_id == request.id)))
        eva_id = cast.eva.id
        cast.session.rollback()
        assert len(ids) == 2

        def complete(task_id: int, eva_id: int = eva_id) -> None:
            with cast.database.session() as session:
                eva = session.get_one(Person, eva_id)
                tasks.complete(session, session.get_one(Task, task_id), actor=eva, results={})
                session.commit()

        run_together(*(lambda i=i: complete(i) for i in ids))

        cast.session.expire_all()
        states = {
            t.step: t.state for t in cast.session.scalars(select(Task).where(Task.request_id == request.id))
        }
        assert states == {"left": "done", "right": "done", "join": "ready"}


def test_n07_the_same_sending_twice_is_one_order(cast: Cast) -> None:
    publish(cast)
    version = cast.version("card")

    first = ordering.submit(cast.session, version, {}, actor=cast.noah, key="same", body_hash="x")
    again = ordering.submit(cast.session, version, {}, actor=cast.noah, key="same", body_hash="x")

    assert first.id == again.id
    with pytest.raises(ordering.UsedKey):
        ordering.submit(cast.session, version, {}, actor=cast.noah, key="same", body_hash="y")


def test_nobody_orders_for_people_they_do_not_lead_or_coordinate(cast: Cast) -> None:
    publish(cast)

    with pytest.raises(NotAllowed):
        order(cast, cast.olof, cast.noah)
    assert order(cast, cast.sam, cast.noah).beneficiary_id == cast.noah.id
