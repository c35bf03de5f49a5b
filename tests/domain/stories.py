"""Short roads that the lifecycle stories share."""

from datetime import date
from typing import Any

from portal.domain import approvals, ordering
from portal.models.employment import Employment
from portal.models.holding import Holding
from portal.models.person import Person
from portal.models.request import ServiceRequest
from tests.cast import Cast

COUNT = iter(range(1, 10_000))


def order_account(cast: Cast, form: str, first: date, last: date | None, **more: Any) -> ServiceRequest:
    """Order an account for somebody new, decide it by the head's own order, and let it be made."""
    answers = {
        "worked_here": False,
        "given_name": "Åsa",
        "surname": "Öberg",
        "form": form,
        "first_day": first.isoformat(),
        "last_day": last.isoformat() if last else None,
        "job_title": "Nationalparksvärd",
        "at_unit": cast.unit.id,
        "workplace": "field",
        **more,
    }
    request = ordering.submit(
        cast.session, cast.version("employee-account"), answers, actor=cast.mia, key=f"story-{next(COUNT)}"
    )
    cast.work()
    return request


def change(
    cast: Cast, person: Person, what: str, *, actor: Person | None = None, **more: Any
) -> ServiceRequest:
    """Use the one front door: "Change an employment"."""
    answers = {"who": person.id, "what": what, **more}
    request = ordering.submit(
        cast.session,
        cast.version("change-employment"),
        answers,
        actor=actor or cast.mia,
        key=f"story-{next(COUNT)}",
    )
    cast.work()
    for approval in approvals.waiting_for(cast.session, cast.mia):
        approvals.decide(cast.session, approval, "approve", actor=cast.mia, revision=approval.revision)
    cast.work()
    return request


def accounts_of(cast: Cast, person: Person) -> list[dict[str, Any]]:
    """What the directory shows of somebody's accounts."""
    rows = [row["values"] for row in cast.store.objects.get("account", {}).values()]
    names = (person.given_name, person.surname)
    return [dict(row) for row in rows if (row.get("given_name"), row.get("surname")) == names]


def account_of(cast: Cast, person: Person) -> dict[str, Any]:
    """What the directory shows of somebody's one account."""
    (found,) = accounts_of(cast, person)
    return found


def holding_of(cast: Cast, request: ServiceRequest) -> Holding:
    """What a case gave."""
    return cast.session.get_one(Holding, request.holding_id)


def employment_of(cast: Cast, request: ServiceRequest) -> Employment:
    """The post that a case made."""
    return cast.session.get_one(Employment, request.employment_id)
