"""An order that was sent back and sent again with other answers, and one for somebody who has been here."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.domain import items, messages, ordering, org, withdrawing
from portal.errors import NotAllowed
from portal.models.approval import Approval
from portal.models.holding import Holding
from portal.models.org import Coordinator
from portal.models.request import AnswerValue, ServiceRequest
from tests.cast import Cast, hire, publish_shipped, publish_text

CARD = """
format: 1
id: card
title: {sv: Kort, nb: Kort, en: Card}
summary: {sv: Ett kort, nb: Et kort, en: A card}
category: accounts
owner: team/it-accounts
order_for: both
questions:
  - name: sort
    type: choice
    label: {sv: Sort, nb: Type, en: Sort}
    report: true
    choices:
      - {value: plain, label: {sv: Vanligt, nb: Vanlig, en: Plain}, price: {monthly: 10}}
      - {value: gold, label: {sv: Guld, nb: Gull, en: Gold}, price: {monthly: 70}}
  - {name: until, type: date, label: {sv: Till, nb: Til, en: Until}}
steps:
  - id: ok
    approve: {by: manager, fallback: team/approval-desk}
  - id: desk
    task: {team: team/caretakers, title: {sv: Gör, nb: Gjør, en: Do}}
holding: {follows: nothing, until: until}
on_end:
  - {id: back, task: {team: team/caretakers, title: {sv: Ta emot, nb: Ta imot, en: Take back}}}
"""

ANSWERS = {
    "worked_here": False,
    "given_name": "Åsa",
    "surname": "Öberg",
    "form": "permanent",
    "job_title": "Ranger",
    "workplace": "field",
}


def new_account(cast: Cast, **more: object) -> ServiceRequest:
    """Sam orders an account, which Mia has to agree to."""
    publish_shipped(cast.session, "employee-account")
    answers = {**ANSWERS, "first_day": cast.today.isoformat(), "at_unit": cast.unit.id, **more}
    return ordering.submit(
        cast.session, cast.version("employee-account"), answers, actor=cast.sam, key="sent-back"
    )


def test_what_is_planned_follows_the_new_answers(cast: Cast) -> None:
    publish_text(cast.session, CARD)
    first, later = ((cast.today + timedelta(days)).isoformat() for days in (10, 99))
    request = ordering.submit(
        cast.session, cast.version("card"), {"sort": "plain", "until": first}, actor=cast.noah, key="card"
    )
    messages.send_back(cast.session, request, actor=cast.mia, question="Why?")

    messages.resend(cast.session, request, {"sort": "gold", "until": later}, actor=cast.noah)

    holding = cast.session.get_one(Holding, request.holding_id)
    assert (holding.until_on, holding.ends_on) == (cast.today + timedelta(99), cast.today + timedelta(99))
    assert holding.price_monthly == request.price_monthly == 70
    assert cast.session.scalars(select(AnswerValue.value)).all() == ["gold"]


def test_the_head_of_the_new_unit_is_asked_when_the_unit_is_changed(cast: Cast) -> None:
    cast.session.add(Coordinator(unit_id=cast.other.id, person_id=cast.sam.id))
    request = new_account(cast)
    messages.send_back(cast.session, request, actor=cast.mia, question="At our unit?")

    answers = {**request.answers, "at_unit": cast.other.id}
    messages.resend(cast.session, request, answers, actor=cast.sam)

    waiting = cast.session.scalars(select(Approval).where(Approval.state == "waiting")).one()
    assert waiting.person == cast.olof
    holding = cast.session.get_one(Holding, request.holding_id)
    assert request.beneficiary is not None
    assert request.employment is not None
    units = {request.unit_id, request.beneficiary.unit_id, request.employment.unit_id, holding.unit_id}
    assert units == {cast.other.id}
    assert request.cost_centre == holding.cost_centre == "51200"


def test_a14_sending_again_asks_for_the_right_of_now(cast: Cast) -> None:
    request = new_account(cast)
    messages.send_back(cast.session, request, actor=cast.mia, question="Why?")
    cast.session.delete(cast.session.scalars(select(Coordinator)).one())
    cast.session.flush()

    with pytest.raises(NotAllowed):
        messages.resend(cast.session, request, request.answers, actor=cast.sam)


def returning(cast: Cast) -> str:
    """The question that names somebody who has worked here."""
    publish_shipped(cast.session, "employee-account")
    item = items.load(cast.version("employee-account"))
    return next(each.name for each in item.questions if each.is_ == "person")


def test_a07_an_order_that_names_somebody_of_another_unit_gives_no_say_about_them(cast: Cast) -> None:
    request = new_account(cast, worked_here=True, **{returning(cast): cast.olof.id})

    assert request.beneficiary == cast.olof
    assert cast.olof.unit_id == cast.other.id
    assert not org.may_order_for(cast.session, cast.sam, cast.olof)


def test_somebody_who_comes_back_belongs_to_the_old_unit_again_when_the_order_is_withdrawn(
    cast: Cast,
) -> None:
    gone = hire(cast.session, "Gunn", cast.other, ends_on=cast.today - timedelta(30))
    request = new_account(cast, worked_here=True, **{returning(cast): gone.id})
    assert gone.unit_id == cast.unit.id

    withdrawing.withdraw(cast.session, request, actor=cast.sam)

    assert (gone.unit_id, gone.is_hidden) == (cast.other.id, False)
