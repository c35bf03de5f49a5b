"""A first password: made and sealed before the first call, so that a retry sets the same one."""

import secrets
import string
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.process import ProcessStep
from catalog.steps.ensure import BENEFICIARY, Ensure
from portal import clock, keys
from portal.domain import requests
from portal.domain.errors import CannotStart
from portal.domain.world import world_of
from portal.i18n import N_
from portal.models.holding import Account, FirstPassword
from portal.models.request import ServiceRequest
from portal.models.task import Task
from portal.work.steps.outside import Work

ALPHABET = "".join(c for c in string.ascii_letters + string.digits if c not in "Il1O0o")


def prepare(
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
        raise CannotStart(N_("The password has been shown already; make a new one."))
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


def forget_earlier(session: Session, task: Task, account: Account) -> None:
    """A new password is set: the earlier ones open nothing any more, so nobody is shown them."""
    session.execute(
        update(FirstPassword)
        .where(FirstPassword.account_id == account.id, FirstPassword.task_id != task.id)
        .values(sealed=None)
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
    raise CannotStart(N_("There is no account to set a password for."))


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
