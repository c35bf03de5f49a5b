"""Changing an order that was sent back."""

import re

import pytest

from portal.domain import messages
from portal.models.request import ServiceRequest
from tests.cast import Cast
from tests.views.stage import Stage


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


@pytest.fixture
def case(stage: Stage) -> ServiceRequest:
    """An order of Sam's for Noah, which Mia has asked about."""
    made = stage.order(stage.cast.sam, beneficiary=stage.cast.noah, why="first words")
    messages.send_back(stage.cast.session, made, actor=stage.cast.mia, question="Why?")
    stage.cast.session.commit()
    return made


def fields(page: str) -> dict[str, str]:
    """What the page's own form remembers."""
    return {name: found[1] for name in ("key", "version", "shown")
            if (found := re.search(rf'name="{name}" value="([^"]*)"', page))}  # fmt: skip


def test_the_order_is_shown_as_a_form_again_and_sent_with_other_answers(
    stage: Stage, case: ServiceRequest
) -> None:
    cast, path = stage.cast, f"/requests/{case.number}/change"
    page = stage.page(cast.sam, path)
    assert "first words" in page
    assert "Who is it for?" not in page

    data = fields(page) | {"a.why": "better words", "text": "See above"}
    assert stage.post(cast.sam, path, data).status_code == 303

    assert (case.answers["why"], case.revision, case.sent_back_at) == ("better words", 2, None)
    assert case.beneficiary_id == cast.noah.id
    page = stage.page(cast.sam, f"/requests/{case.number}")
    assert "You answered and sent the order again" in page
    assert "See above" in page
    assert "Right now with Mia Berg" in page


def test_what_is_wrong_is_put_right_first(stage: Stage, case: ServiceRequest) -> None:
    cast, path = stage.cast, f"/requests/{case.number}/change"
    data = fields(stage.page(cast.sam, path)) | {"a.why": "kept words", "a.until": "someday"}

    answer = stage.post(cast.sam, path, data)

    assert answer.status_code == 422
    assert "kept words" in answer.get_data(as_text=True)
    assert "<title>Error:" in answer.get_data(as_text=True)
    assert case.revision == 1
    cast.session.commit()
    live = stage.post(cast.sam, f"{path}/live", data)
    assert live.status_code == 200
    assert 'id="questions"' in live.get_data(as_text=True)


def test_only_the_one_who_ordered_and_only_while_it_is_sent_back(stage: Stage, case: ServiceRequest) -> None:
    cast, path = stage.cast, f"/requests/{case.number}/change"

    assert stage.browser(cast.noah).get(path).status_code == 403
    assert stage.browser(cast.olof).get(path).status_code == 404
    assert stage.post(cast.olof, path).status_code == 404
    stage.post(cast.sam, f"/requests/{case.number}/answer", {"text": "Because"})
    assert stage.browser(cast.sam).get(path).status_code == 403
