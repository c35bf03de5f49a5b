"""A first password is shown once, to the person it is for."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from portal import clock, keys
from portal.domain import links
from portal.models.audit import AuditEvent
from portal.models.holding import Account, FirstPassword
from portal.models.task import Task
from tests.cast import Cast, publish_shipped
from tests.domain.stories import order_account
from tests.kit import TOKEN, Browser
from tests.views.stage import Stage

SECRET = "Kanariefågel7"


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def letter(stage: Stage, *, lasts: timedelta = timedelta(hours=3)) -> str:
    """A password that waits for Mia, and the token of her letter."""
    cast = stage.cast
    session = cast.session
    case = stage.order(cast.noah)
    task = session.scalars(select(Task).where(Task.request_id == case.id)).first()
    assert task is not None
    account = Account(
        person_id=cast.noah.id, resource="staff-directory", kind="account", key=f"noadal{task.id}",
        state="live", created_at=clock.now(),
    )  # fmt: skip
    session.add(account)
    session.flush()
    first = FirstPassword(
        task_id=task.id, account_id=account.id, sealed=keys.seal("first-password", SECRET.encode()),
        expires_at=clock.now() + lasts,
    )  # fmt: skip
    session.add(first)
    session.flush()
    token = links.mint(
        session, "first-password", subject_kind="first_password", subject_id=first.id, person=cast.mia
    )
    session.commit()
    return token


def test_it_is_shown_once_and_then_says_who_saw_it(stage: Stage) -> None:
    token, nobody = letter(stage), stage.nobody()

    for method in ("GET", "HEAD", "GET"):
        looked = nobody.open(f"/first-password/{token}", method=method)
        assert looked.status_code == 200
        assert SECRET not in looked.get_data(as_text=True)
    shown = nobody.send("/first-password", {"token": token}, page=f"/first-password/{token}")
    again = nobody.send("/first-password", {"token": token})
    looked = nobody.get(f"/first-password/{token}")

    assert SECRET in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    assert again.status_code == 409
    assert "Mia Berg opened it on" in looked.get_data(as_text=True)
    assert SECRET not in again.get_data(as_text=True) + looked.get_data(as_text=True)
    session = stage.cast.session
    first = session.scalars(select(FirstPassword)).one()
    assert (first.sealed, first.shown_to_id) == (None, stage.cast.mia.id)
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "first_password")).one()
    assert (event.action, event.actor_id) == ("show", stage.cast.mia.id)
    assert SECRET not in str(event.body)


def test_twenty_at_once_see_it_once(stage: Stage) -> None:
    token = letter(stage)
    browsers = [stage.nobody() for _ in range(20)]
    forms = [TOKEN.search(each.get(f"/first-password/{token}").get_data(as_text=True)) for each in browsers]
    stage.app.config["PROPAGATE_FAULTS"] = False
    together, answers = Barrier(20), []

    def press(browser: Browser, form: str) -> None:
        together.wait()
        answers.append(browser.post("/first-password", data={"token": token, "csrf_token": form}).status_code)

    threads = [Thread(target=press, args=(b, f[1])) for b, f in zip(browsers, forms, strict=True) if f]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(answers) == {200: 1, 409: 19}


def test_when_its_time_is_over_or_it_is_somebody_elses_it_stays_shut(stage: Stage) -> None:
    late, token = letter(stage, lasts=timedelta(seconds=-1)), letter(stage)

    gone = stage.nobody().get(f"/first-password/{late}")
    assert gone.status_code == 410
    assert "The time for showing it has passed." in gone.get_data(as_text=True)
    assert stage.nobody().send("/first-password", {"token": late}).status_code == 410
    assert stage.browser(stage.cast.olof).get(f"/first-password/{token}").status_code == 403
    assert stage.post(stage.cast.olof, "/first-password", {"token": token}).status_code == 403
    assert stage.nobody().get(f"/first-password/{token}x").status_code == 404
    assert stage.nobody().send("/first-password", {"token": ""}).status_code == 404


def test_an_earlier_password_is_forgotten_when_a_new_one_is_set(cast: Cast) -> None:
    publish_shipped(cast.session, "employee-account")
    first_day, last_day = cast.today, cast.today + timedelta(days=20)
    person = order_account(cast, "seasonal", first_day, last_day).beneficiary
    cast.next_day(22)
    assert person is not None

    order_account(
        cast, "seasonal", cast.today, cast.today + timedelta(20), worked_here=True, returning=person.id
    )

    rows = cast.session.scalars(select(FirstPassword).order_by(FirstPassword.id)).all()
    assert [row.sealed is not None for row in rows] == [False, True]
