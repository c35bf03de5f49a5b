"""From a row to a letter on its way: once, to one, with links whose hashes are kept first."""

import re
import threading
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.domain import approvals, links, tasks
from portal.models.person import Delegation
from portal.models.task import Task
from portal.models.work import Link, OutboundMail
from portal.work import mail as sender
from portal.work.mail import send_due
from portal.work.transports import TryLater, Unreachable
from tests.cast import publish_text
from tests.mails.post import Pocket, go, rows, text_of
from tests.mails.scene import ITEM, MOMENT, Scene


def test_an_order_sends_one_letter_to_each_and_once(scene: Scene) -> None:
    scene.order()
    pocket = Pocket()

    first, second = go(scene, pocket), go(scene, pocket)

    assert (first, second) == (2, 0)
    assert pocket.recipients == ["sam@example.test", "mia@example.test"]
    assert rows(scene.session) == [("received", "sent"), ("approve", "sent")]


def test_the_subject_begins_with_the_verb_and_ends_with_the_number(scene: Scene) -> None:
    request = scene.order()
    pocket = Pocket()

    go(scene, pocket)

    assert pocket.letters[1]["Subject"] == f'Godkänn: Bärbar dator 14" till Sara Öberg ({request.number})'


def test_letters_about_one_case_are_one_thread_with_names_of_their_own(scene: Scene) -> None:
    request, other = scene.order(), scene.order()
    approvals.remind(scene.session, scene.approval(request), actor=None)
    pocket = Pocket()

    go(scene, pocket)

    threads = {str(letter["References"]) for letter in pocket.letters}
    assert threads == {f"<case.{each.number}.localhost@ordna>" for each in (request, other)}
    assert len({str(letter["Message-ID"]) for letter in pocket.letters}) == len(pocket.letters) == 5
    assert all(letter["In-Reply-To"] == letter["References"] for letter in pocket.letters)


def test_the_hash_is_kept_before_the_letter_leaves(scene: Scene) -> None:
    scene.order()
    seen: list[bool] = []

    class Looking(Pocket):
        def send(self, letter: EmailMessage, *, sender: str, recipient: str) -> None:
            found = re.search(r"/approve/([\w-]+)", text_of(letter))
            if found:
                with scene.cast.database.read_session() as session:
                    seen.append(links.find(session, "approve", found[1]) is not None)

    go(scene, Looking())

    assert seen == [True]


def test_c05_a_process_that_dies_after_sending_sends_once_more_under_the_same_name(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.order()
    pocket = Pocket()

    def die(name: str) -> None:
        if name == "mail sent":
            raise KeyboardInterrupt

    monkeypatch.setattr(sender, "crash_point", die)
    with pytest.raises(KeyboardInterrupt):
        go(scene, pocket)
    monkeypatch.undo()

    assert go(scene, pocket) == 1  # the other one; the first is still leased
    with clock.at(MOMENT + timedelta(minutes=6)):
        assert go(scene, pocket) == 1
    names = [str(letter["Message-ID"]) for letter in pocket.letters]
    assert names == [names[0], names[1], names[0]]
    assert rows(scene.session) == [("received", "sent"), ("approve", "sent")]


def test_two_senders_never_send_the_same_letter(scene: Scene) -> None:
    for _ in range(5):
        scene.order()
    scene.session.commit()
    pocket = Pocket()

    def work() -> None:
        with clock.at(MOMENT):
            send_due(scene.cast.database, scene.cast.settings, pocket)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    names = [str(letter["Message-ID"]) for letter in pocket.letters]
    assert len(names) == len(set(names)) == 10


def test_a_letter_that_is_refused_for_now_waits_longer_each_time_and_is_given_up_at_last(
    scene: Scene,
) -> None:
    scene.mail("end-notice", scene.sara, scene.order())
    pocket = Pocket()
    pocket.problem = TryLater("the mail server said 451 try later")
    session, waits = scene.session, []

    moment = MOMENT
    for _ in range(sender.MOST_ATTEMPTS):
        with clock.at(moment):
            go(scene, pocket)
        row = session.scalars(select(OutboundMail).where(OutboundMail.template == "end-notice")).one()
        waits.append(row.not_before - moment)
        moment = row.not_before

    assert waits[0] < waits[1] < waits[2] <= sender.LONGEST_PAUSE
    assert row.state == "failed"
    assert "451" in row.error


def test_while_the_server_is_away_letters_wait_and_none_is_given_up(scene: Scene) -> None:
    scene.order()
    pocket = Pocket()
    pocket.problem = Unreachable("the mail server cannot be reached: timed out")
    moment = MOMENT

    for _ in range(30):
        with clock.at(moment):
            go(scene, pocket)
        moment += timedelta(minutes=6)
    pocket.problem = None
    with clock.at(moment):
        sent = go(scene, pocket)

    assert sent == 2
    assert rows(scene.session) == [("received", "sent"), ("approve", "sent")]


def test_one_letter_that_cannot_be_written_does_not_stop_the_others(scene: Scene) -> None:
    request = scene.order()
    scene.mail("message", scene.sara, request, subject={"sv": "Hej"}, body={"sv": "Hej"})
    scene.session.execute(
        update(OutboundMail).where(OutboundMail.template == "received").values(template="poem")
    )
    scene.session.execute(
        update(OutboundMail).where(OutboundMail.template == "message").values(data={"subject": 7, "body": 7})
    )
    pocket = Pocket()

    go(scene, pocket)

    assert rows(scene.session) == [("poem", "failed"), ("approve", "sent"), ("message", "queued")]


def test_a_question_that_is_settled_before_its_letter_leaves_is_not_asked(scene: Scene) -> None:
    request = scene.order()
    approvals.decide(scene.session, scene.approval(request), "approve", actor=scene.cast.mia, revision=1)
    pocket = Pocket()

    go(scene, pocket)

    assert ("approve", "dropped") in rows(scene.session)
    assert scene.session.scalars(select(Link)).all() == []


def test_without_a_way_out_letters_wait(scene: Scene) -> None:
    scene.order()
    scene.session.commit()

    assert send_due(scene.cast.database, scene.cast.settings) == 0
    assert rows(scene.session) == [("received", "queued"), ("approve", "queued")]


def test_a_stand_in_is_told_whom_they_stand_in_for(scene: Scene) -> None:
    scene.session.add(
        Delegation(
            person_id=scene.cast.mia.id,
            delegate_id=scene.cast.noah.id,
            from_on=MOMENT.date(),
            to_on=MOMENT.date(),
        )
    )
    scene.order()
    pocket = Pocket()

    go(scene, pocket)

    told = {
        to: "ersättare för Mia Berg" in text_of(letter)
        for to, letter in zip(pocket.recipients, pocket.letters, strict=True)
    }
    assert told == {"sam@example.test": False, "mia@example.test": False, "noah@example.test": True}


def test_a_first_password_waits_from_the_letter_that_brings_it(scene: Scene) -> None:
    request = scene.order()
    made = scene.password(request)
    scene.mail("first-password", scene.cast.mia, request)
    pocket = Pocket()
    later = MOMENT + timedelta(days=14)

    with clock.at(later):
        go(scene, pocket)

    token = re.findall(r"/first-password/([\w-]+)", text_of(pocket.letters[-1]))[0]
    link = links.find(scene.session, "first-password", token)
    assert link is not None
    assert (link.subject_kind, link.subject_id) == ("first_password", made.id)
    assert made.expires_at == link.expires_at == later + timedelta(hours=72)
    assert "not shown here" not in pocket.letters[-1].as_string()


def test_an_extension_before_the_reminder_leaves_makes_it_needless(scene: Scene) -> None:
    ids = [scene.employment(scene.sara).id]
    scene.mail(
        "reminder-unit",
        scene.cast.mia,
        employments=ids,
        unit=scene.cast.unit.id,
        day="2026-11-30",
        can_extend=True,
    )

    go(scene, Pocket())

    assert rows(scene.session) == [("reminder-unit", "dropped")]


def test_a_simple_order_costs_its_requester_two_letters(scene: Scene) -> None:
    note = """  - id: told
    notify: requester
    message: {subject: Klar, body: Din dator är klar}
holding:"""
    publish_text(scene.session, ITEM.replace("holding:", note))
    cast = scene.cast
    request = scene.order(actor=cast.noah, who=cast.noah.id)
    approvals.decide(scene.session, scene.approval(request), "approve", actor=cast.mia, revision=1)
    go(scene, Pocket())
    task = scene.session.scalars(select(Task).where(Task.kind == "task", Task.request_id == request.id)).one()
    tasks.complete(scene.session, task, actor=cast.eva, results={})
    pocket = Pocket()

    go(scene, pocket)

    assert request.state == "delivered"
    mine = select(OutboundMail.template).where(
        OutboundMail.person_id == cast.noah.id, OutboundMail.state == "sent"
    )
    assert list(scene.session.scalars(mine.order_by(OutboundMail.id))) == ["received", "message"]
