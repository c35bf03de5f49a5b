"""What people do with tasks when they are no longer theirs to do."""

import pytest
from sqlalchemy import select

from portal.domain import ordering, tasks, withdrawing
from portal.models.task import Task
from tests.cast import Cast, publish_text
from tests.views.staff import PHONE


@pytest.fixture
def task(cast: Cast) -> Task:
    """A telephone to hand out."""
    publish_text(cast.session, PHONE)
    ordering.submit(cast.session, cast.version("phone"), {"colour": "red"}, actor=cast.noah, key="one")
    return cast.session.scalars(select(Task).where(Task.kind == "task")).one()


def try_everything(cast: Cast, task: Task) -> None:
    for act in (tasks.take, tasks.hand_over, tasks.retry):
        with pytest.raises(tasks.NotWaiting):
            act(cast.session, task, actor=cast.eva)


def test_what_is_done_is_neither_taken_handed_over_nor_forgotten(cast: Cast, task: Task) -> None:
    tasks.complete(cast.session, task, actor=cast.eva, results={"serial": "S1"})

    try_everything(cast, task)

    assert cast.session.scalars(select(Task.result).where(Task.kind == "task")).all() == [{"serial": "S1"}]
    assert task.person == cast.eva


def test_a_task_of_a_withdrawn_case_is_nobodys(cast: Cast, task: Task) -> None:
    assert task.request is not None
    withdrawing.withdraw(cast.session, task.request, actor=cast.noah)

    try_everything(cast, task)


def test_a_task_that_waits_for_hands_is_not_begun_anew_by_trying_again(cast: Cast, task: Task) -> None:
    with pytest.raises(tasks.NotWaiting):
        tasks.retry(cast.session, task, actor=cast.eva)
