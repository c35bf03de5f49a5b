"""Cases that the clock opens about what people have: end, extend, suspend, resume, change, undo.

One open lifecycle case per holding: a later wish replaces an earlier one that has no running task, also one
that needs attention. Lifecycle runs under the holding's own version.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.process import process_for
from catalog.schema import CatalogItem
from catalog.values import pack
from portal import clock
from portal.domain import audit, holdings, items, mails, numbers, requests
from portal.domain.names import names_for
from portal.domain.transitions import may, move
from portal.models.holding import Account, Claim, Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.states import OPEN_REQUEST


def look_at(session: Session, holding: Holding, on: date) -> ServiceRequest | None:
    """Open the case that is due for a holding on a day, if any; the sweep and tests call it."""
    purpose = holdings.due(session, holding, on)
    if not purpose:
        return None
    return begin(session, holding, purpose)


def open_case(session: Session, holding: Holding) -> ServiceRequest | None:
    """Return the lifecycle case that is open for a holding."""
    return session.scalars(
        select(ServiceRequest).where(
            ServiceRequest.holding_id == holding.id,
            ServiceRequest.purpose != "deliver",
            ServiceRequest.state.in_(OPEN_REQUEST),
        )
    ).first()


def begin(
    session: Session,
    holding: Holding,
    purpose: str,
    *,
    actor: Person | None = None,
    origin: str = "lifecycle",
) -> ServiceRequest | None:
    """Open a case of this purpose in place of an earlier wish; None when an earlier one is at work now."""
    if purpose == "end":
        _end_by_its_own_day(session, holding, actor)
    earlier = open_case(session, holding)
    if earlier is not None:
        earlier = requests.lock(session, earlier.id)
        same = earlier.purpose == purpose and earlier.facts.get("ends_on") == _iso(holding.ends_on)
        if same or _is_running(session, earlier):
            return None
        replace(session, earlier)
    if purpose == "end" and holding.state == "planned":
        _end_planned(session, holding)
        return None
    if not _has_steps(session, holding, purpose) and purpose != "end":
        _nothing_to_do(session, holding, purpose)
        return None
    request = _new_case(session, holding, purpose, actor=actor, origin=origin)
    if purpose in ("end", "undo") and may(holding, "end"):
        move(session, holding, "end", actor=actor)
        holding.ended_on = clock.today(session)
        if holding.until_on is not None and holding.until_on == holding.ends_on:
            mails.queue(session, "ended", to=holding.person, holding=holding.id)
    requests.advance_request(session, request)
    return request


def _end_by_its_own_day(session: Session, holding: Holding, actor: Person | None) -> None:
    """What is ended before its day gets yesterday as its own last day, so that nothing takes it up again."""
    today = clock.today(session)
    if holding.ends_on is None or holding.ends_on >= today:
        holdings.set_until(session, holding, today - timedelta(days=1), actor=actor)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _is_running(session: Session, request: ServiceRequest) -> bool:
    return any(task.state == "running" for task in requests.tasks_of(session, request))


def replace(session: Session, earlier: ServiceRequest) -> None:
    """Close an earlier wish that a later one takes the place of."""
    for task in requests.tasks_of(session, earlier):
        if task.state in ("waiting", "ready", "failed"):
            requests.close_task(session, task)
    earlier.closed_at = clock.now()
    earlier.needs_attention = False
    move(session, earlier, "cancel", actor=None, note="replaced")


def _end_planned(session: Session, holding: Holding) -> None:
    """What was never delivered ends with its order; what the order made belongs to the end case."""
    order = session.get(ServiceRequest, holding.request_id) if holding.request_id else None
    if order is not None and order.state in OPEN_REQUEST:
        from portal.domain.withdrawing import cancel  # withdrawing a case ends what it planned: a true circle

        cancel(session, requests.lock(session, order.id), actor=None, note="ended before it was delivered")
    elif not holdings.made_something(session, holding):
        holdings.drop(session, holding)


def _nothing_to_do(session: Session, holding: Holding, purpose: str) -> None:
    """No step of the item has anything to do for this: the holding itself is brought up to date."""
    leave = holdings.pausing_leave(session, holding, clock.today(session))
    if purpose == "suspend":
        holding.leave_id = leave.id if leave else None
    elif purpose == "resume":
        holding.leave_id = leave.id if leave else None
        for action in ("resume", "revive"):
            if may(holding, action):
                move(session, holding, action, actor=None)
                holding.ended_on = None
    holding.applied_ends_on = holding.ends_on


def done_before(session: Session, holding: Holding) -> list[dict[str, Any]]:
    """Return what earlier cases of a holding settled, oldest first, as the process wants to know it."""
    rows = session.execute(
        select(Task, ServiceRequest.id)
        .join(ServiceRequest, Task.request_id == ServiceRequest.id)
        .where(ServiceRequest.holding_id == holding.id, Task.state.in_(("done", "skipped")))
        .order_by(ServiceRequest.id, Task.id)
    ).all()
    item = items.load(holding.version)
    found = []
    for task, _ in rows:
        step = item.step(task.step)
        target = getattr(step.spec, "target", "") if step else task.payload.get("target", "")
        found.append(
            {
                "step": task.step,
                "row": task.row,
                "kind": task.kind or (step.kind if step else ""),
                "resource": target,
                "state": task.state,
                "skipped_by": task.skipped_by,
                "result": task.result,
                "account": task.result.get("account"),
            }
        )
    return [*_from_claims(session, holding), *found] if holding.request_id is None else found


def _from_claims(session: Session, holding: Holding) -> list[dict[str, Any]]:
    """What was adopted has no case that made it: its claims say what is there, step by step."""
    item = items.load(holding.version)
    rows = session.execute(
        select(Claim, Account)
        .join(Account)
        .where(Claim.holding_id == holding.id, Claim.ended_at.is_(None))
        .order_by(Claim.id)
    )
    return [
        {
            "step": step,
            "row": claim.row,
            "kind": "ensure",
            "resource": f"{account.resource}/{account.kind}",
            "state": "done",
            "skipped_by": "",
            "result": {**account.ref(), "account": account.id, "values": account.values},
            "account": account.id,
        }
        for claim, account in rows
        for step in (claim.step, *_steps_of(item, claim.step, f"{account.resource}/{account.kind}"))
    ]


def _steps_of(item: CatalogItem, step: str, target: str) -> list[str]:
    """Return the later steps of an item that change the object which a step has made."""
    return [
        each.id
        for each in item.steps
        if getattr(each.spec, "of", "") == step and getattr(each.spec, "target", "") == target
    ]


def _has_steps(session: Session, holding: Holding, purpose: str) -> bool:
    item = items.load(holding.version)
    names = names_for(session, _draft(session, holding, purpose), item)
    process = process_for(
        item,
        purpose,  # type: ignore[arg-type]
        done_before(session, holding),
        names,
        holding.state == "suspended",
        once=requests.once_kinds(session),
    )
    return bool(process.steps)


def _draft(session: Session, holding: Holding, purpose: str) -> ServiceRequest:
    """Make the case as it would be, without adding it."""
    made = session.get(ServiceRequest, holding.request_id) if holding.request_id else None
    with session.no_autoflush:
        return ServiceRequest(
            number="",
            item_key=holding.item_key,
            version_id=holding.version_id,
            version=holding.version,
            origin="lifecycle",
            purpose=purpose,
            requester=None,
            beneficiary=holding.person,
            beneficiary_id=holding.person_id,
            unit=holding.unit,
            unit_id=holding.unit_id,
            employment=holding.employment,
            employment_id=holding.employment_id,
            holding_id=holding.id,
            answers=dict(made.answers) if made else dict(holding.values.get("answers") or {}),
            facts={
                "ends_on": _iso(holding.ends_on),
                **({"values": made.facts["values"]} if made and "values" in made.facts else {}),
            },
            process_inputs={},
            currency=holding.currency,
            cost_centre=holding.cost_centre,
            price_once=0,
            price_monthly=0,
            state="draft",
            revision=1,
            round=1,
            created_at=clock.now(),
        )


def _new_case(
    session: Session, holding: Holding, purpose: str, *, actor: Person | None, origin: str
) -> ServiceRequest:
    request = _draft(session, holding, purpose)
    request.origin = origin
    request.requester = actor
    request.number = numbers.next_number(session)
    request.submitted_at = clock.now()
    done = done_before(session, holding)
    names = names_for(session, request, items.load(holding.version))
    request.process_inputs = {
        "done": done,
        "suspended": holding.state == "suspended",
        "names": pack(dict(names)),
    }
    session.add(request)
    session.flush()
    move(session, request, "submit", actor=actor, purpose=purpose)
    return request


def draft_undo(session: Session, request: ServiceRequest, holding: Holding) -> None:
    """A closed order left something behind: draft the case that takes it back, for an agent's yes."""
    _end_by_its_own_day(session, holding, None)
    undo = _new_case(session, holding, "undo", actor=None, origin="undo")
    if may(holding, "end"):
        move(session, holding, "end", actor=None)
    undo.sent_back_at = clock.now()
    undo.facts = {**undo.facts, "awaits_agent": True}
    audit.record(session, undo, "await_agent", actor=None, request=undo)
