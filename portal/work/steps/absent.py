"""`absent`: let go of an object; it goes only when nobody else needs it."""

from sqlalchemy.orm import Session

from catalog.steps.ensure import Absent
from connectors.ensure import Outcome
from portal import clock
from portal.domain import accounts, audit, holdings
from portal.domain.errors import CannotStart
from portal.domain.transitions import may, move
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.holding import Account, Holding
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work.steps.outside import Work, begun, known_account


def prepare(session: Session, request: ServiceRequest, task: Task) -> Work:
    """Say what is let go of; a destructive step looks at the holding and its claims again just before."""
    holding, written, _ = begun(session, request, task)
    spec = written.step.spec
    assert isinstance(spec, Absent)
    if request.purpose == "end" and holdings.due(session, holding, clock.today(session)) == "resume":
        raise CannotStart(N_("The end has been moved, so nothing is removed."))
    account = known_account(session, request, written)
    if account is None:
        raise CannotStart(N_("The object to remove is not known."))
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
    """End the claim; with the last one the object is gone."""
    account = session.get_one(Account, work.account_id)
    holding = session.get_one(Holding, request.holding_id)
    accounts.end_claim(session, holding, account)
    task.result = {"account": account.id, "key": account.key, "action": outcome.action if outcome else "keep"}
    if outcome is not None and may(account, "remove"):
        move(session, account, "remove", actor=None, key=account.key)
    audit.record(
        session, account, task.result["action"], actor=None, request=request, step=task.step, key=account.key
    )
