"""`ensure`: make an object what its live claims add up to.

The account row and its claim are written in the claiming transaction, before the first call; so a retry
finds its own work by the marker.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.process import ProcessStep
from catalog.steps.ensure import BENEFICIARY, Ensure
from connectors.ensure import Outcome
from portal import clock
from portal.domain import accounts, audit, requests
from portal.domain.accounts import BelongsToAnother
from portal.domain.errors import CannotStart
from portal.domain.steps.reserve import take
from portal.domain.transitions import may, move
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.holding import Account, Holding, ReservedName
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work.steps import first_password
from portal.work.steps.outside import Work, begun, known_account

MOST_NAMES = 5


def prepare(session: Session, request: ServiceRequest, task: Task) -> Work:
    """Find or make the account row and the claim, and say what is wanted."""
    holding, written, names = begun(session, request, task)
    spec = written.step.spec
    assert isinstance(spec, Ensure)
    kind = world_of(session).kind(spec.resource, spec.object_kind)
    wanted = {name: render(value, names) for name, value in (written.wanted or {}).items()}
    if kind.once:
        return first_password.prepare(session, request, task, written, wanted)
    account = _account_of(session, request, holding, written, wanted)
    total = accounts.claim(
        session,
        holding,
        account,
        step=written.object or task.step,
        row=task.row,
        wanted=wanted,
        renew=request.purpose not in ("extend", "suspend", "end"),
    )
    if request.purpose in ("extend", "resume") and written.whole:
        request.facts = {**request.facts, "ends_on": holding.ends_on.isoformat() if holding.ends_on else None}
    return Work(
        task.id,
        account.id,
        account.kind,
        total,
        account.marker,
        account.stable_id,
        account.key,
        remove=False,
        is_link=kind.link,
        made_by_us=account.made_by_us,
        began=bool(task.payload.get("began")) or (account.state == "live" and account.made_by_us),
        payload=task.payload,
    )


def _account_of(
    session: Session, request: ServiceRequest, holding: Holding, written: ProcessStep, wanted: dict[str, Any]
) -> Account:
    """Find the account that a step means: its maker's, the beneficiary's, or the one its key names."""
    spec = written.step.spec
    assert isinstance(spec, Ensure)
    known = known_account(session, request, written)
    kind = world_of(session).kind(spec.resource, spec.object_kind)
    if known is None and (written.object == BENEFICIARY or spec.of == BENEFICIARY):
        known = accounts.of_person(session, request.beneficiary_id or 0, spec.resource, spec.object_kind)
        if known is None:
            raise CannotStart(N_("The person has no account of this kind that the step could change."))
    if known is not None:
        if all(name in wanted for name in kind.key) and not kind.link:
            key = accounts.key_of(kind, wanted)
            if key.casefold() != known.key.casefold() and written.whole:
                known.key = key  # a changed name is the same object, found by its stable id
        if not kind.link or accounts.key_of(kind, {**_claimed(session, known), **wanted}) == known.key:
            return known
        for claim in accounts.live_claims(session, known):  # the step now means another object
            if claim.holding_id == holding.id:
                claim.ended_at = clock.now()
    key = accounts.key_of(kind, wanted)
    if not key.strip(" /"):
        raise CannotStart(f"The step names no {', '.join(kind.key)}.")
    return _own(session, holding, spec.resource, spec.object_kind, key)


def _claimed(session: Session, account: Account) -> dict[str, Any]:
    return accounts.wanted_state(session, account)


def _own(session: Session, holding: Holding, resource: str, kind: str, key: str) -> Account:
    try:
        return accounts.find_or_make(session, holding, resource, kind, key)
    except BelongsToAnother as problem:
        raise CannotStart(str(problem)) from problem


def record(
    session: Session, request: ServiceRequest, task: Task, work: Work, outcome: Outcome | None
) -> None:
    """Keep what the other system shows now."""
    account = session.get_one(Account, work.account_id)
    assert outcome is not None
    kind = world_of(session).kind(account.resource, work.kind)
    if not kind.once:
        account.stable_id = outcome.stable_id or account.stable_id
        account.values = accounts.plain(outcome.values)
        if account.state == "planned":
            account.made_by_us = outcome.made_by_us
        if may(account, "make"):
            move(session, account, "make", actor=None, key=account.key)
    task.result = {**account.ref(), "account": account.id, "values": account.values, "action": outcome.action}
    if kind.once:
        task.result = {"account": account.id, "action": outcome.action}
        first_password.forget_earlier(session, task, account)
    audit.record(
        session,
        account,
        outcome.action if outcome.action != "nothing" else "confirm",
        actor=None,
        request=request,
        step=task.step,
        kind=work.kind,
        key=account.key,
    )


def try_other_name(session: Session, request: ServiceRequest, task: Task) -> bool:
    """A reserved name is taken out there: mark it foreign, take the next and begin the step again."""
    count = int(task.payload.get("names", 0))
    account_ids = _planned_of(session, request, task)
    if count >= MOST_NAMES or not account_ids:
        return False
    account = session.get_one(Account, account_ids[0])
    reserved = session.scalars(
        select(ReservedName).where(ReservedName.request_id == request.id, ReservedName.name == account.key)
    ).first()
    if reserved is None:
        return False
    reserved.is_foreign, reserved.person_id, reserved.unit_id, reserved.request_id = True, None, None, None
    session.flush()
    for step_task in requests.tasks_of(session, request):
        if step_task.kind == "reserve" and step_task.result.get("value") == reserved.name:
            fresh = take(session, request, reserved.space, step_task.payload["first"], foreign=())
            step_task.result = {**step_task.result, "value": fresh.name}
    for claim in accounts.live_claims(session, account):
        session.delete(claim)
    session.flush()
    session.delete(account)
    task.payload = {**task.payload, "names": count + 1}
    task.not_before = clock.now()
    move(
        session, task, "put_back", actor=None, note=f"{account.key} is taken, trying the next", step=task.step
    )
    return True


def _planned_of(session: Session, request: ServiceRequest, task: Task) -> list[int]:
    return list(
        session.scalars(
            select(Account.id)
            .join(Account.claims)
            .where(
                Account.claims.any(holding_id=request.holding_id, step=task.step),
                Account.state == "planned",
                Account.stable_id == "",
            )
            .distinct()
        )
    )
