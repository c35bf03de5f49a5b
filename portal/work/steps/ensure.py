"""`ensure` and `absent`: make an object what its live claims add up to, or let go of it.

The account row, its claim and, for a first password, the sealed password are written in the claiming
transaction, before the first call; so a retry finds its own work by the marker and sets the same password.
"""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.placeholders import render
from catalog.process import ProcessStep
from catalog.steps.ensure import BENEFICIARY, Absent, Ensure
from connectors import ensure
from connectors.base import Connector
from connectors.ensure import Outcome
from portal import clock, keys
from portal.db import Database
from portal.domain import accounts, audit, holdings, items, requests
from portal.domain.accounts import BelongsToAnother
from portal.domain.errors import CannotStart
from portal.domain.steps import names_now
from portal.domain.steps.reserve import take
from portal.domain.transitions import may, move
from portal.domain.world import world_of
from portal.models.holding import Account, FirstPassword, Holding, ReservedName
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work.crash import crash_point

ALPHABET = "".join(c for c in string.ascii_letters + string.digits if c not in "Il1O0o")
MOST_NAMES = 5


@dataclass(frozen=True)
class Work:
    """One object and what is wanted of it, as plain data."""

    task_id: int
    account_id: int
    kind: str
    wanted: Mapping[str, Any]
    marker: str
    stable_id: str
    key: str
    remove: bool
    keep: str = ""
    is_link: bool = False
    made_by_us: bool = True
    began: bool = False
    always: bool = False
    payload: Mapping[str, Any] = field(default_factory=dict)

    def act(self, database: Database, connector: Connector) -> Outcome | None:
        """Plan and apply; what is kept because others need it is not touched."""
        if self.keep:
            return None
        if self.remove:
            plan = ensure.plan_absent(
                connector,
                self.kind,
                self.wanted,
                marker=self.marker,
                stable_id=self.stable_id,
                key=self.key if not self.is_link else "",
                made_by_us=self.made_by_us,
                remove_always=self.always,
            )
        else:
            plan = ensure.plan(
                connector,
                self.kind,
                self.wanted,
                marker=self.marker,
                stable_id=self.stable_id,
                key=self.key if not self.is_link else "",
                began=self.began,
            )
            if self.is_link and plan.action == "create" and not self.began:
                _note_beginning(database, self.task_id, self.payload)
        crash_point("planned")
        return ensure.apply(connector, plan, self.marker)


def _note_beginning(database: Database, task_id: int, payload: Mapping[str, Any]) -> None:
    """Remember that we are about to make a link, so that one found after a crash is known as ours."""
    with database.session() as session:
        began = update(Task).where(Task.id == task_id).values(payload={**payload, "began": True})
        session.execute(began)
        session.commit()


def prepare(session: Session, request: ServiceRequest, task: Task) -> Work:
    """Find or make the account row and the claim, and say what is wanted."""
    holding = session.get(Holding, request.holding_id) if request.holding_id else None
    if holding is None:
        raise CannotStart("The case has nothing to tie an object to.")
    item = items.load(request.version)
    process = requests.process_of(session, request, item)
    written = process.step(task.step)
    assert written is not None
    names = names_now(session, request, item, process)
    if isinstance(written.step.spec, Absent):
        return _prepare_absent(session, request, task, holding, written)
    spec = written.step.spec
    assert isinstance(spec, Ensure)
    kind = world_of(session).kind(spec.resource, spec.object_kind)
    wanted = {name: render(value, names) for name, value in (written.wanted or {}).items()}
    if kind.once:
        return _prepare_once(session, request, task, written, wanted)
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
    known = _known_account(session, request, written)
    kind = world_of(session).kind(spec.resource, spec.object_kind)
    if known is None and (written.object == BENEFICIARY or spec.of == BENEFICIARY):
        known = accounts.of_person(session, request.beneficiary_id or 0, spec.resource, spec.object_kind)
        if known is None:
            raise CannotStart("The person has no account of this kind that the step could change.")
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


def _known_account(session: Session, request: ServiceRequest, written: ProcessStep) -> Account | None:
    if written.account:
        return session.get(Account, int(written.account))
    if written.object and written.object != BENEFICIARY:
        for task in requests.tasks_of(session, request):
            if task.step == written.object and task.state == "done" and task.result.get("account"):
                return session.get(Account, int(task.result["account"]))
    return None


def _prepare_once(
    session: Session, request: ServiceRequest, task: Task, written: ProcessStep, wanted: dict[str, Any]
) -> Work:
    """A first password: made and sealed before the first call, so that a retry sets the same one."""
    spec = written.step.spec
    assert isinstance(spec, Ensure)
    account = _of_step(session, request, spec.of)
    row = session.scalars(select(FirstPassword).where(FirstPassword.task_id == task.id)).first()
    if row is None:
        secret = password()
        row = FirstPassword(
            task_id=task.id,
            account_id=account.id,
            sealed=keys.seal("first-password", secret.encode()),
            expires_at=clock.now() + timedelta(hours=world_of(session).password_hours),
        )
        session.add(row)
        session.flush()
    if row.sealed is None:
        raise CannotStart("The password has been shown already; make a new one.")
    opened = keys.open_sealed("first-password", row.sealed).decode()
    return Work(
        task.id,
        account.id,
        spec.object_kind,
        {**wanted, "account": account.ref(), "password": opened},
        account.marker,
        "",
        account.key,
        remove=False,
        is_link=True,
        began=True,
    )


def _of_step(session: Session, request: ServiceRequest, of: str) -> Account:
    if of == BENEFICIARY:
        found = session.scalars(
            select(Account).where(
                Account.person_id == request.beneficiary_id,
                Account.kind == "account",
                Account.state == "live",
            )
        ).first()
        if found is not None:
            return found
    for each in requests.tasks_of(session, request):
        if each.step == of and each.result.get("account"):
            return session.get_one(Account, int(each.result["account"]))
    raise CannotStart("There is no account to set a password for.")


def password() -> str:
    """Make a first password that can be read out: four groups of four, with letters and digits."""
    while True:
        groups = ["".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)]
        made = "-".join(groups)
        if (
            any(c.isdigit() for c in made)
            and any(c.isupper() for c in made)
            and any(c.islower() for c in made)
        ):
            return made


def _prepare_absent(
    session: Session, request: ServiceRequest, task: Task, holding: Holding, written: ProcessStep
) -> Work:
    """Let go of an object; a destructive step looks at the holding and its claims again just before."""
    spec = written.step.spec
    assert isinstance(spec, Absent)
    if request.purpose == "end" and holdings.due(session, holding, clock.today(session)) == "resume":
        raise CannotStart("The end has been moved, so nothing is removed.")
    account = _known_account(session, request, written)
    if account is None:
        raise CannotStart("The object to remove is not known.")
    kind = world_of(session).kind(account.resource, account.kind)
    wanted = accounts.wanted_state(session, account) or dict(account.values)
    wanted = {name: wanted[name] for name in kind.key if name in wanted}
    left = [c for c in accounts.live_claims(session, account) if c.holding_id != holding.id]
    keep = f"kept, also needed by {len(left)} other" if left else ""
    return Work(
        task.id,
        account.id,
        account.kind,
        wanted,
        account.marker,
        account.stable_id,
        account.key,
        remove=True,
        keep=keep,
        is_link=kind.link,
        made_by_us=account.made_by_us,
        always=spec.remove == "always",
    )


def record(
    session: Session, request: ServiceRequest, task: Task, work: Work, outcome: Outcome | None
) -> None:
    """Keep what the other system shows now."""
    account = session.get_one(Account, work.account_id)
    if work.remove:
        _record_absent(session, request, task, account, outcome)
        return
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


def _record_absent(
    session: Session, request: ServiceRequest, task: Task, account: Account, outcome: Outcome | None
) -> None:
    holding = session.get_one(Holding, request.holding_id)
    accounts.end_claim(session, holding, account)
    task.result = {"account": account.id, "key": account.key, "action": outcome.action if outcome else "keep"}
    if outcome is not None and may(account, "remove"):
        move(session, account, "remove", actor=None, key=account.key)
    audit.record(
        session, account, task.result["action"], actor=None, request=request, step=task.step, key=account.key
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
