"""An automatic step that somebody did by hand in the other system: what our records say of it afterwards."""

from typing import Any

from sqlalchemy.orm import Session

from portal.domain import accounts
from portal.domain.queries.faults import account_of
from portal.domain.transitions import may, move
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.task import Task


def settle(session: Session, task: Task, *, actor: Person) -> dict[str, Any]:
    """Keep that an object is there, or gone, and return what later steps may ask of it."""
    account = account_of(session, task)
    if account is None or task.request is None:
        return {}
    if task.kind == "absent":
        holding = session.get_one(Holding, task.request.holding_id)
        left = accounts.end_claim(session, holding, account)
        if not left and may(account, "remove"):
            move(session, account, "remove", actor=actor, key=account.key)
        return {"account": account.id, "key": account.key, "action": "by_hand"}
    account.values = accounts.plain(accounts.wanted_state(session, account))
    if may(account, "make"):
        move(session, account, "make", actor=actor, key=account.key)
    return {**account.ref(), "account": account.id, "values": account.values, "action": "by_hand"}
