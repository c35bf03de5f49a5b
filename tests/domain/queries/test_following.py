"""What the page of a case says: who has it, how far it has come, what has happened, and who may look."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from portal.domain import approvals, messages, ordering, tasks, withdrawing
from portal.domain.queries.answers import shown_answers
from portal.domain.queries.case import Case, title_of
from portal.domain.queries.now import right_now
from portal.domain.queries.progress import large_steps, small_steps
from portal.domain.queries.requests import find_request, may_see, status_of
from portal.domain.queries.said import Brief, Said
from portal.domain.queries.timeline import timeline
from portal.domain.requests import tasks_of
from portal.errors import NotFound
from portal.i18n import text
from portal.models.approval import Approval
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Grant
from portal.models.work import ResourceStatus
from tests.cast import Cast, publish_shipped, publish_text
from tests.domain.stories import order_account
from tests.views.stage import CARD


@pytest.fixture
def card(cast: Cast) -> ServiceRequest:
    """Noah orders a card, which Mia decides about."""
    publish_text(cast.session, CARD.format(id="card", by="manager", sensitive="false"))
    return order(cast, cast.noah, why="I start soon")


def order(cast: Cast, actor: Person, beneficiary: Person | None = None, **answers: str) -> ServiceRequest:
    made = ordering.submit(
        cast.session, cast.version("card"), answers, actor=actor, beneficiary=beneficiary or actor,
        key=f"following-{actor.id}-{len(cast.session.scalars(select(ServiceRequest.id)).all())}",
    )  # fmt: skip
    cast.session.commit()
    return made


def english(what: object) -> str:
    """Say it in English, days as ISO."""
    match what:
        case None:
            return ""
        case Said():
            return what.message % {name: english(value) for name, value in what.values.items()}
        case Brief():
            return what.day.isoformat()
        case dict():
            return text(what, "en")
        case list():
            return ", ".join(english(each) for each in what)
    return str(what)


def now_of(cast: Cast, request: ServiceRequest, viewer: Person | None = None) -> list[str]:
    cast.session.commit()
    found = right_now(Case(cast.session, request), viewer)
    return [english(found.title), *map(english, found.does)] if found else []


def happened(cast: Cast, request: ServiceRequest, viewer: Person | None = None) -> list[str]:
    cast.session.commit()
    return [english(line.title) for line in timeline(Case(cast.session, request), viewer)]


def large(cast: Cast, request: ServiceRequest) -> list[str]:
    cast.session.commit()
    steps = large_steps(Case(cast.session, request))
    return [" ".join(filter(None, (english(s.label), s.state, english(s.text)))) for s in steps]


def decide(cast: Cast, request: ServiceRequest, what: str, comment: str = "") -> None:
    approval = cast.session.scalars(
        select(Approval).where(Approval.request_id == request.id, Approval.state == "waiting")
    ).one()
    assert approval.person is not None
    approvals.decide(
        cast.session, approval, what, actor=approval.person, revision=request.revision, comment=comment
    )


def task_of(cast: Cast, request: ServiceRequest, kind: str = "task") -> Task:
    return next(each for each in tasks_of(cast.session, request) if each.kind == kind)


def test_an_approver_has_it_with_a_reason_and_a_deadline(cast: Cast, card: ServiceRequest) -> None:
    approval = cast.session.scalars(select(Approval)).one()

    title, why, when = now_of(cast, card)

    assert title == "Right now with Mia Berg"
    assert why == "The manager decides about this service."
    assert when == (
        f"Asked on {cast.today.isoformat()}. Without an answer by {approval.deadline_on} "
        "the question goes on to the next in line."
    )
    assert now_of(cast, card, cast.mia)[0] == "Right now with you"
    assert large(cast, card)[:3] == ["Sent done", "Approved now under way", "Delivery later"]
    assert status_of(cast.session, card) == "in_approval"


def test_a_team_has_it_then_the_one_who_took_it_then_nobody(cast: Cast, card: ServiceRequest) -> None:
    decide(cast, card, "approve", "Good")
    assert now_of(cast, card)[:2] == ["Right now with caretakers", "In the queue: Print the card."]

    tasks.take(cast.session, task_of(cast, card), actor=cast.eva)
    assert now_of(cast, card)[:2] == ["Right now with Eva Falk", "Is working on: Print the card."]

    tasks.complete(cast.session, task_of(cast, card), actor=cast.eva, results={})
    assert now_of(cast, card) == []
    assert large(cast, card) == ["Sent done", "Approved done", "Delivered done", "Done done"]
    assert happened(cast, card, cast.noah) == [
        "Everything is done",
        "Done: Print the card",
        "Eva Falk took on: Print the card",
        "Mia Berg approved",
        "You placed the order",
    ]
    assert happened(cast, card, cast.mia)[-2:] == ["You approved", "Noah Dal placed the order"]


def test_a_question_rests_the_case_until_it_is_answered(cast: Cast, card: ServiceRequest) -> None:
    messages.send_back(cast.session, card, actor=cast.mia, question="Which door?")

    said = now_of(cast, card, cast.noah)
    assert said[:2] == [
        "Right now with you",
        "Mia Berg has asked a question. The case goes on when it is answered.",
    ]
    assert said[2].startswith("If no answer has come by ")
    assert status_of(cast.session, card) == "needs_answer"
    assert large(cast, card)[1:] == ["Approved now a question first", "Delivery later", "Done later"]

    messages.resend(cast.session, card, {}, actor=cast.noah, comment="The blue one")
    assert happened(cast, card)[:2] == ["Noah Dal answered and sent the order again", "Noah Dal wrote"]
    assert now_of(cast, card)[0] == "Right now with Mia Berg"


def test_a_no_and_a_withdrawal_end_the_steps(cast: Cast, card: ServiceRequest) -> None:
    other = order(cast, cast.noah)
    decide(cast, card, "reject", "We have enough")
    withdrawing.withdraw(cast.session, other, actor=cast.noah)

    assert large(cast, card) == ["Sent done", "Rejected stop"]
    assert large(cast, other) == ["Sent done", "Withdrawn stop"]
    assert (now_of(cast, card), now_of(cast, other)) == ([], [])
    assert happened(cast, card)[0] == "Mia Berg rejected"
    assert happened(cast, other)[0] == "Noah Dal withdrew the order"


def test_the_account_waits_for_its_first_day_with_every_step_told(cast: Cast) -> None:
    publish_shipped(cast.session, "employee-account")
    first = cast.today + timedelta(days=10)
    request = order_account(cast, "seasonal", first, first + timedelta(days=90))

    assert now_of(cast, request) == [
        f"Waiting until {first}",
        "Nothing has to be done before that.",
        "After that: Open the account.",
    ]
    assert large(cast, request)[2] == f"Delivery now waits until {first.isoformat()}"
    steps = [(english(s.label), s.state) for s in small_steps(Case(cast.session, request))]
    assert steps == [
        ("Reserve a user name", "done"),
        ("Reserve an email address", "done"),
        ("Create the account", "done"),
        ("Enter the email address", "done"),
        ("Add to the unit's group", "done"),
        ("Add to the group for all staff", "done"),
        ("Make a first password", "done"),
        ("Wait for the first day", "running"),
        ("Open the account", "waiting"),
    ]
    assert "Done: Reserve a user name (asaobe)" in happened(cast, request)
    assert "The order is also the approval: Mia Berg leads the unit" in happened(cast, request)


def test_a_paused_system_and_a_failed_step_are_said_in_plain_words(cast: Cast) -> None:
    publish_shipped(cast.session, "employee-account")
    cast.session.add(ResourceStatus(name="staff-directory", state="paused"))
    first = cast.today + timedelta(days=10)
    request = order_account(cast, "seasonal", first, first + timedelta(days=90))

    title, rests, *_ = now_of(cast, request)
    assert title == "Right now with the portal"
    assert "rests while somebody looks at it" in rests

    task = next(each for each in tasks_of(cast.session, request) if each.state == "ready")
    task.state, task.error, request.needs_attention = "failed", {"message": "canary of a system"}, True
    said = now_of(cast, request)
    assert said[0] == "Right now with the service desk"
    assert said[1].startswith("This step needs a person: ")
    assert "canary" not in " ".join([*said, *happened(cast, request)])
    assert status_of(cast.session, request) == "needs_attention"


def test_late_is_said_only_when_the_promised_day_has_passed(cast: Cast, card: ServiceRequest) -> None:
    decide(cast, card, "approve")
    cast.session.commit()
    assert card.is_promise_fixed
    assert status_of(cast.session, card) == "in_delivery"

    cast.next_day(9)

    assert status_of(cast.session, card) == "late"
    assert large(cast, card)[-1].startswith("Done later promised for ")


def test_answers_are_shown_in_words_with_their_labels(cast: Cast, card: ServiceRequest) -> None:
    found = shown_answers(cast.session, card, Case(cast.session, card).item)

    assert [(english(each.label), english(each.value)) for each in found] == [("Why", "I start soon")]


def test_the_title_names_who_it_is_for_unless_that_is_the_reader(cast: Cast, card: ServiceRequest) -> None:
    assert english(title_of(card)) == "Card for Noah Dal"
    assert english(title_of(card, cast.noah)) == "Card"

    cast.noah.is_protected = True
    cast.session.flush()
    assert english(title_of(card, cast.olof)) == "Card for Person with protected identity"
    assert english(title_of(card, cast.mia)) == "Card for Noah Dal"


def test_those_with_a_part_in_a_case_may_see_it_and_nobody_else(cast: Cast) -> None:
    publish_text(cast.session, CARD.format(id="card", by="manager", sensitive="false"))
    card = order(cast, cast.sam, cast.noah)
    cast.session.execute(delete(Grant))
    cast.session.flush()

    def readers() -> set[str]:
        people = (cast.mia, cast.noah, cast.lars, cast.eva, cast.olof, cast.sam)
        return {each.given_name for each in people if may_see(cast.session, card, each)}

    assert readers() == {"Sam", "Noah", "Mia"}
    decide(cast, card, "approve")
    cast.session.flush()
    assert readers() == {"Sam", "Noah", "Mia", "Eva"}
    with pytest.raises(NotFound):
        find_request(cast.session, card.number, viewer=cast.olof)
    with pytest.raises(NotFound):
        find_request(cast.session, "B99-99999", viewer=cast.sam)
    cast.session.add(Grant(person_id=cast.olof.id, right="work", scope_kind="unit", scope_ref="nature"))
    cast.session.flush()
    assert readers() == {"Sam", "Noah", "Mia", "Eva", "Olof"}


def test_notes_for_colleagues_are_told_to_agents_only(cast: Cast, card: ServiceRequest) -> None:
    messages.write(cast.session, card, actor=cast.eva, text="canary", is_internal=True)
    cast.session.commit()

    case = Case(cast.session, card)
    assert not [line for line in timeline(case, cast.noah) if line.quote]
    assert [line.quote for line in timeline(case, cast.eva, internal=True) if line.quote] == ["canary"]
