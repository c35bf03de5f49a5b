"""Everything that waits for me, and the number in the menu that agrees with it."""

import re
from datetime import timedelta

import pytest

from portal.domain import mails, messages, tasks
from portal.domain.queries import counts
from portal.domain.queries.todo import todo_of
from portal.domain.requests import tasks_of
from portal.models.person import Person
from tests.cast import Cast, hire
from tests.views.stage import Stage


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def agree(stage: Stage, person: Person) -> int:
    """Compare the count with the list, and give it."""
    session = stage.cast.session
    number, listed = counts.todo(session, person), len(todo_of(session, person))
    session.commit()
    assert number == listed
    return number


def test_every_sort_is_in_one_list_and_counted(stage: Stage) -> None:
    cast = stage.cast
    session = cast.session
    for _ in range(2):
        stage.order(cast.noah)
    asked_back = stage.order(cast.mia)
    messages.send_back(session, asked_back, actor=cast.lars, question="Why?")
    done = stage.order(cast.sam)
    stage.say_yes(done)
    (task,) = [each for each in tasks_of(session, done) if each.kind == "task"]
    tasks.take(session, task, actor=cast.eva)
    day = cast.today + timedelta(days=14)
    leaving = hire(session, "Bo", cast.unit, "Lund", form="seasonal", ends_on=day)
    from portal.domain.people import employments_of

    ids = [each.id for each in employments_of(session, leaving)]
    for _ in range(2):
        mails.queue(session, "reminder-unit", to=cast.mia, employments=ids, unit=cast.unit.id,
                    day=day.isoformat(), can_extend=True)  # fmt: skip
    session.commit()

    page = stage.page(cast.mia, "/todo")
    for words in (
        "To approve",
        "Card for Noah Dal",
        "To answer",
        asked_back.number,
        "1 person ends on",
        "Bo Lund",
    ):
        assert words in page, words
    assert agree(stage, cast.mia) == 4
    assert re.search(r'<span class="count">4<', page)
    assert "Print the card" in stage.page(cast.eva, "/todo")
    assert agree(stage, cast.eva) == 1
    assert agree(stage, cast.noah) == 0
    assert "Nothing waits for you." in stage.page(cast.noah, "/todo")


def test_the_number_in_the_menu_stops_at_99(stage: Stage) -> None:
    for _ in range(101):
        stage.order(stage.cast.noah)

    assert ">99+<" in stage.page(stage.cast.mia, "/requests")
