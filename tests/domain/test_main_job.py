"""The main job, at the verbs: order, approve, provision, end on the day."""

from datetime import timedelta

from portal.domain import approvals, ordering
from tests.cast import Cast, publish_shipped, told


def test_a_seasonal_worker_gets_an_account_that_ends_on_the_day(cast: Cast) -> None:
    publish_shipped(cast.session, "employee-account")
    first, last = cast.today + timedelta(days=3), cast.today + timedelta(days=10)
    answers = {
        "worked_here": False, "given_name": "Åsa", "surname": "Öberg", "form": "seasonal",
        "first_day": first.isoformat(), "last_day": last.isoformat(), "job_title": "Nationalparksvärd",
        "at_unit": cast.unit.id, "workplace": "field",
    }  # fmt: skip

    request = ordering.submit(
        cast.session, cast.version("employee-account"), answers, actor=cast.sam, key="k1"
    )
    cast.work()
    assert request.state == "in_approval"
    assert request.beneficiary is not None
    assert request.beneficiary.title == "Nationalparksvärd"
    (approval,) = approvals.waiting_for(cast.session, cast.mia)
    approvals.decide(cast.session, approval, "approve", actor=cast.mia, revision=request.revision)
    cast.work()

    assert request.state == "in_delivery"
    (account,) = cast.store.objects["account"].values()
    assert account["values"]["username"] == "asaobe"
    assert account["values"]["enabled"] is False

    cast.next_day(3)
    assert request.state == "delivered", told(cast.session, request)
    (account,) = cast.store.objects["account"].values()
    assert account["values"]["enabled"] is True

    cast.next_day(7)
    (account,) = cast.store.objects["account"].values()
    assert account["values"]["enabled"] is True
    cast.next_day(1)
    (account,) = cast.store.objects["account"].values()
    assert account["values"]["enabled"] is False
