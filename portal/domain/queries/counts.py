"""The small numbers in the menus: one cheap question each, and nobody counts beyond 99."""

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.queries import extensions
from portal.models.approval import Approval
from portal.models.person import Delegation, Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.models.team import Team, TeamMember
from portal.states import OPEN_REQUEST

MOST = 100
"""One more than is shown: the menu writes 99+."""

AT_HAND = ("ready", "running", "failed")


def todo(session: Session, person: Person) -> int:
    """Count what waits for somebody: approvals, questions, tasks they have taken, last days."""
    today = clock.today(session)
    absent = select(Delegation.person_id).where(
        Delegation.delegate_id == person.id, Delegation.from_on <= today, Delegation.to_on >= today
    )
    one = literal(1)
    asked = (
        select(one)
        .select_from(Approval)
        .join(ServiceRequest, ServiceRequest.id == Approval.request_id)
        .where(
            Approval.state == "waiting",
            ServiceRequest.sent_back_at.is_(None),
            ServiceRequest.beneficiary_id.is_distinct_from(person.id),
            or_(
                Approval.person_id == person.id,
                Approval.person_id.in_(absent),
                Approval.team.in_(_teams(person)) & ServiceRequest.requester_id.is_distinct_from(person.id),
            ),
        )
    )
    questions = select(one).where(
        ServiceRequest.requester_id == person.id,
        ServiceRequest.state.in_(OPEN_REQUEST),
        ServiceRequest.sent_back_at.is_not(None),
    )
    taken = select(one).where(
        Task.person_id == person.id, Task.state.in_(AT_HAND), Task.is_automatic.is_(False)
    )
    each = union_all(asked, questions, taken).limit(MOST).subquery()
    counted = int(session.scalar(select(func.count()).select_from(each)) or 0)
    return min(MOST, counted + len(extensions.waiting_for(session, person)))


def _teams(person: Person) -> Select[str]:
    return (
        select(Team.key)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.person_id == person.id)
    )
