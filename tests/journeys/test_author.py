"""An author copies the VPN, makes it another service, publishes it, and it is ordered and delivered."""

import re

import pytest
from sqlalchemy import select

from portal.models.person import Person
from portal.models.request import ServiceRequest
from tests.cast import Cast, publish_shipped
from tests.domain.stories import order_account
from tests.views.staff import House, StaffBrowser, make_house, text
from tests.views.studio import current_text, draft_of, field_of, place, save, shown, text_in, wall_in

GROUP = "vpn-tillsyn"


@pytest.fixture
def house(cast: Cast) -> House:
    """A portal with the VPN in it, and an employee who has an account."""
    publish_shipped(cast.session, "employee-account", "remote-work")
    group = {"id": GROUP, "key": GROUP, "marker": None, "values": {"name": GROUP}}
    cast.store.objects.setdefault("group", {})[GROUP] = group
    order_account(cast, "permanent", cast.today, None)
    cast.next_day()
    wall_in(cast, "vpn", GROUP, "nature", "alla-anstallda")
    return make_house(cast)


def new_colleague(house: House) -> Person:
    """The employee who has an account."""
    return house.cast.session.scalars(select(Person).where(Person.given_name == "Åsa")).one()


def order(browser: StaffBrowser, key: str, **answers: str) -> str:
    """Fill in the order form as it is shown, send it, and give the case's number."""
    page = text(browser, f"/order/{key}")
    data = {name: field_of(page, name) for name in ("key", "version", "shown")}
    data |= {f"a.{name}": value for name, value in answers.items()}
    answer = browser.send(f"/order/{key}", {"for": "me", **data})
    assert answer.status_code == 303, shown(answer, answer.status_code)
    return answer.headers["Location"].rpartition("/")[2]


def test_an_author_makes_another_vpn_and_it_is_ordered_and_delivered(house: House) -> None:
    cast, eva = house.cast, house.eva()
    asa = new_colleague(house)

    # copied, with an id and titles of its own
    assert 'href="/studio/remote-work/copy"' in text(eva, "/studio")
    titles = {"title_sv": "VPN för tillsyn", "title_nb": "VPN for tilsyn", "title_en": "VPN for inspections"}
    eva.send("/studio/remote-work/copy", {"key": GROUP, **titles})
    written = text_in(shown(eva.get(f"/studio/{GROUP}")))
    assert "title: {sv: VPN för tillsyn, nb: VPN for tilsyn, en: VPN for inspections}" in written

    # price, approver and group changed, the group misspelt: seen at its line, and not published
    changed = written.replace("promise:", "price: {monthly: 49}\npromise:", 1)
    changed = changed.replace("approve: {by: manager,", "approve: {by: team/it-security,")
    wrong = changed.replace("group: vpn", "group: vpn-tilsyn")
    assert save(eva, GROUP, wrong).status_code == 303
    page = shown(eva.get(f"/studio/{GROUP}"))
    where = place(wrong, "vpn-tilsyn}", GROUP)
    assert "1 error" in page
    assert f">{where}</a>" in page
    assert "“vpn-tilsyn” lies outside what" in page
    assert where in shown(eva.get(f"/studio/{GROUP}/try"))
    refused = {"revision": field_of(page, "revision"), "reason": "A VPN for inspections"}
    assert eva.send(f"/studio/{GROUP}/publish", refused).status_code == 422
    assert eva.get(f"/order/{GROUP}").status_code == 404

    # put right, and tried as the one who will order it
    right = changed.replace("group: vpn", f"group: {GROUP}")
    answer = save(eva, GROUP, right, save="", then="try")
    assert answer.headers["Location"] == f"/studio/{GROUP}/try"
    tried = {"as_person": str(asa.id), "shown": "from_where", "a.from_where": "home", "try": "1"}
    trial = shown(eva.send(f"/studio/{GROUP}/try", tried))
    assert "Now as Åsa Öberg" in trial
    assert re.search(r"49\sSEK/month", trial)
    assert "it-security" in trial.partition("Who is asked, and why")[2].partition("</section>")[0]
    assert GROUP in trial.partition("The steps, in order")[2]
    assert not cast.session.scalars(select(ServiceRequest).where(ServiceRequest.item_key == GROUP)).all()

    # published, the first version, with a reason
    page = shown(eva.get(f"/studio/{GROUP}/publish"))
    assert "This is the first version." in page
    data = {"revision": field_of(page, "revision"), "reason": "A VPN for inspections"}
    assert eva.send(f"/studio/{GROUP}/publish", data).status_code == 303
    assert draft_of(house, GROUP) is None
    assert f"group: {GROUP}" in current_text(house, GROUP)

    # ordered, decided by the new approver, and delivered to the directory
    number = order(house.client(asa), GROUP, from_where="home", to_day="")
    case = cast.session.scalars(select(ServiceRequest).where(ServiceRequest.number == number)).one()
    assert case.price_monthly == 49
    decided = {"decision": "approve", "revision": str(case.revision), "comment": ""}
    assert house.client(cast.mia).send(f"/requests/{number}/decide", decided).status_code in (403, 404)
    assert eva.send(f"/requests/{number}/decide", decided).status_code == 303
    cast.work()
    assert cast.session.get_one(ServiceRequest, case.id).state == "delivered"
    members = [row["values"] for row in cast.store.objects["membership"].values()]
    assert [each["group"] for each in members].count(GROUP) == 1
    assert "vpn" not in [each["group"] for each in members]
    assert "<span>1</span>" in orders_listed(text(eva, "/studio"))


def orders_listed(listed: str) -> str:
    """What the list says of the new service's orders."""
    row = next(row for row in listed.split('<tr role="row">') if f'/studio/{GROUP}"' in row)
    return row.partition("Orders in 90 days")[2].partition("</td>")[0]
