"""`notify`: a letter to somebody in the house; done when it is queued."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog.process import ProcessStep
from catalog.rules import evaluate
from catalog.schema import CatalogItem
from catalog.steps.notify import Message, Notify
from portal import clock
from portal.domain import mails, org
from portal.domain.approvers import people_in
from portal.domain.texts import rendered
from portal.domain.transitions import move
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task


def start(
    session: Session,
    request: ServiceRequest,
    item: CatalogItem,
    written: ProcessStep,
    task: Task,
    names: Mapping[str, Any],
) -> None:
    """Queue the letter to everyone meant."""
    spec = written.step.spec
    assert isinstance(spec, Notify)
    data: dict[str, Any] = {"step": task.step}
    template = "message"
    if isinstance(spec.message, Message):
        data |= {"subject": rendered(spec.message.subject, names), "body": rendered(spec.message.body, names)}
    else:
        template = spec.message
    receivers = [person for who in spec.to for person in receivers_of(session, request, who, names)]
    mails.queue_all(session, template, to=receivers, request=request, **data)
    task.result = {"people": sorted({person.id for person in receivers})}
    task.settled_at = clock.now()
    move(session, task, "complete", actor=None, step=task.step)


def receivers_of(
    session: Session, request: ServiceRequest, who: str, names: Mapping[str, Any]
) -> Iterator[Person]:
    """Walk through the people whom a word, a team or a rule means."""
    if who == "beneficiary":
        found = [request.beneficiary]
    elif who == "requester":
        found = [request.requester]
    elif who == "manager":
        found = [org.manager_of(session, request.employment, request.unit)]
    elif who == "coordinators":
        found = [*org.coordinators_of(session, request.unit)]
    elif who.startswith("team/"):
        found = [*org.members_of(session, who)]
    else:
        found = [session.get(Person, each) for each in people_in(evaluate(who, names))]
    yield from (person for person in found if person is not None)
