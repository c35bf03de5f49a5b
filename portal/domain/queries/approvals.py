"""What somebody is asked to decide, and what was decided."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain import approvals, items, links, promises, requests
from portal.domain.queries.said import Said, said
from portal.domain.world import world_of
from portal.errors import NotFound
from portal.i18n import N_
from portal.models.approval import Approval
from portal.models.audit import AuditEvent
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.work import Link
from portal.rights import rights_of
from portal.states import OPEN_REQUEST


def find_approval(session: Session, number: str, *, viewer: Person) -> Approval:
    """Find what somebody is asked about a case, else what they or somebody for them have answered."""
    if len(number) > 20:
        raise NotFound
    rows = session.scalars(
        select(Approval)
        .join(ServiceRequest)
        .where(ServiceRequest.number == number)
        .order_by(Approval.id.desc())
    ).all()
    mine = [row for row in rows if approvals.may_decide(session, row, viewer)]
    waiting = [row for row in mine if row.state == "waiting"]
    answered = [row for row in rows if row.decided_by_id == viewer.id]
    found = next(iter(waiting or answered or mine), None)
    if found is None:
        raise NotFound
    return found


def find_linked(session: Session, token: str) -> tuple[Link, Approval]:
    """Find the link of a letter and what it asks about; NotFound for all that is not one."""
    link = links.find(session, "approve", token)
    approval = session.get(Approval, link.subject_id) if link and link.subject_kind == "approval" else None
    if link is None or approval is None or link.person is None:
        raise NotFound
    return link, approval


def needs_sign_in(session: Session, approval: Approval, person: Person) -> bool:
    """Tell whether a link alone is not enough: what is sensitive, who has much power, a strict house."""
    if world_of(session).signin_for_approvals or rights_of(session, person).is_administrative:
        return True
    return items.load(approval.request.version).sensitive


def can_be_answered(session: Session, approval: Approval, person: Person) -> bool:
    """Tell whether a yes or a no of this person would count now."""
    request = approval.request
    return (
        approval.state == "waiting"
        and request.state in OPEN_REQUEST
        and request.sent_back_at is None
        and approval.revision == request.revision
        and approvals.may_decide(session, approval, person)
    )


def can_be_sent_back(session: Session, approval: Approval) -> bool:
    """Tell whether a question may still be asked before deciding."""
    return requests.may_change(session, approval.request) and approval.request.requester is not None


def ready_by(session: Session, approval: Approval) -> date | None:
    """Tell by which day it is done if the answer is yes today and nobody else has to answer."""
    request = approval.request
    promised = promises.promised(
        session,
        items.load(request.version),
        start=clock.working_now(session),
        first_day=requests.first_day_of(request),
    )
    return clock.local_day(promised, clock.zone(session)) if promised else None


def background(session: Session, approval: Approval) -> list[Said]:
    """Tell what is good to know before deciding: whether they have one already."""
    request = approval.request
    item = items.load(request.version)
    if request.beneficiary is None or not item.gives_holding or item.creates:
        return []
    count = len(
        session.scalars(
            select(Holding.id).where(
                Holding.person_id == request.beneficiary_id,
                Holding.item_key == request.item_key,
                Holding.state.in_(("active", "suspended")),
            )
        ).all()
    )
    name = request.beneficiary.name
    if not count:
        return [said(N_("%(name)s does not have this today."), name=name)]
    if count == 1:
        return [said(N_("%(name)s already has one of these."), name=name)]
    return [said(N_("%(name)s already has %(count)s of these."), name=name, count=count)]


def record_of(session: Session, approval: Approval) -> Said:
    """Tell what became of a question: who answered what and when, or why no answer is needed any more."""
    request = approval.request
    if approval.state in ("approved", "rejected"):
        return _decision(session, approval)
    if request.sent_back_at is not None:
        return said(N_("A question has been asked first, and %(name)s has not answered it yet."),
                    name=request.requester.name if request.requester else "")  # fmt: skip
    if request.state == "cancelled":
        return said(N_("The order has been withdrawn, so no answer is needed."))
    if approval.revision != request.revision:
        return said(
            N_("The order has changed since this was sent. Those who are asked now have a new letter.")
        )
    other = session.scalars(
        select(Approval)
        .where(Approval.request_id == request.id, Approval.state.in_(("approved", "rejected")),
               Approval.revision == approval.revision)
        .order_by((Approval.task_id == approval.task_id).desc(), Approval.decided_at.desc())
    ).first()  # fmt: skip
    if approval.state == "lapsed" and other is not None:
        return _decision(session, other)
    if approval.state == "lapsed" or request.state not in OPEN_REQUEST:
        return said(N_("No answer is needed any more."))
    return said(N_("Somebody else is asked now. You do not have to do anything."))


def _decision(session: Session, approval: Approval) -> Said:
    event = session.scalars(
        select(AuditEvent).where(
            AuditEvent.subject_kind == "approval",
            AuditEvent.subject_id == str(approval.id),
            AuditEvent.action.in_(("approve", "reject")),
        )
    ).first()
    at = event.worked_at if event is not None else approval.decided_at
    name = approval.decided_by.name if approval.decided_by else ""
    other = approval.on_behalf_of.name if approval.on_behalf_of else ""
    if approval.state == "approved":
        if other:
            return said(N_("%(name)s approved this for %(other)s on %(at)s."), name=name, other=other, at=at)
        return said(N_("%(name)s approved this on %(at)s."), name=name, at=at)
    if other:
        return said(N_("%(name)s rejected this for %(other)s on %(at)s."), name=name, other=other, at=at)
    return said(N_("%(name)s rejected this on %(at)s."), name=name, at=at)
