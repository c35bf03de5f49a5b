"""What is offered to whom, and what the first page tells."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.domain import messages, ordering
from portal.domain.queries import catalog, people
from portal.domain.queries.nudges import nudges_for
from portal.errors import NotFound
from portal.models.item import CatalogItem
from portal.models.person import Person
from tests.cast import Cast, hire, publish_shipped, publish_text
from tests.views.stage import CARD


@pytest.fixture
def card(cast: Cast) -> None:
    publish_text(cast.session, CARD.format(id="card", by="manager", sensitive="false"))


def keys(cast: Cast, person: Person) -> list[str]:
    return [offer.key for offer in catalog.items_for(cast.session, person)]


def kinds(cast: Cast, person: Person) -> list[str]:
    return [nudge.kind for nudge in nudges_for(cast.session, person)]


def test_an_item_is_offered_to_those_it_is_for(cast: Cast, card: None) -> None:
    publish_shipped(cast.session, "employee-account")

    assert keys(cast, cast.mia) == ["employee-account", "card"]
    assert keys(cast, cast.sam) == ["employee-account", "card"]
    assert keys(cast, cast.noah) == ["card"]
    with pytest.raises(NotFound):
        catalog.find_item(cast.session, "employee-account", viewer=cast.noah)


def test_what_is_not_published_is_not_there(cast: Cast, card: None) -> None:
    cast.session.get_one(CatalogItem, "card").state = "retired"
    cast.session.flush()

    assert keys(cast, cast.noah) == []
    with pytest.raises(NotFound):
        catalog.find_item(cast.session, "card", viewer=cast.noah)


def test_the_price_shown_is_the_least_one_can_pay(cast: Cast) -> None:
    publish_shipped(cast.session, "laptop", "accessory", "remote-work")
    offers = {offer.key: offer for offer in catalog.items_for(cast.session, cast.noah)}

    assert {key: offer.price_from(cast.session) for key, offer in offers.items()} == {
        "laptop": (Decimal(0), Decimal(312), True),
        "accessory": (Decimal(190), Decimal(0), True),
        "remote-work": (Decimal(0), Decimal(0), False),
    }


def test_a_draft_is_its_owners_alone(cast: Cast, card: None) -> None:
    draft = ordering.save_draft(cast.session, cast.version("card"), {"why": "x"}, actor=cast.noah)

    assert catalog.find_draft(cast.session, draft.number, viewer=cast.noah) == draft
    with pytest.raises(NotFound):
        catalog.find_draft(cast.session, draft.number, viewer=cast.mia)


def test_what_is_popular_is_counted_and_filled_up(cast: Cast, card: None) -> None:
    publish_text(cast.session, CARD.format(id="other", by="manager", sensitive="false"))
    ordering.submit(cast.session, cast.version("other"), {}, actor=cast.noah, key="first-order")
    offers = catalog.items_for(cast.session, cast.noah)

    assert [offer.key for offer in catalog.popular(cast.session, offers)] == ["other", "card"]
    assert [offer.key for offer in catalog.often_in_unit(cast.session, cast.noah, offers)] == ["other"]
    assert catalog.often_in_unit(cast.session, cast.olof, offers) == []
    assert [offer.key for offer, _ in catalog.latest_of(cast.session, cast.noah, offers)] == ["other"]


def test_the_first_page_tells_what_waits_and_what_is_on_its_way(cast: Cast, card: None) -> None:
    case = ordering.submit(cast.session, cast.version("card"), {}, actor=cast.noah, key="nudge-order")
    ordering.save_draft(cast.session, cast.version("card"), {}, actor=cast.noah)

    assert kinds(cast, cast.mia) == ["approvals"]
    assert kinds(cast, cast.noah) == ["draft", "on_its_way"]
    assert kinds(cast, cast.olof) == []

    messages.send_back(cast.session, case, actor=cast.mia, question="Which door?")

    assert kinds(cast, cast.noah) == ["questions", "draft"]
    assert kinds(cast, cast.mia) == []


def test_those_who_lead_are_told_who_leaves_soon(cast: Cast) -> None:
    hire(cast.session, "Elin", cast.unit, form="seasonal", ends_on=cast.today + timedelta(days=10))
    hire(cast.session, "Ida", cast.unit, form="seasonal", ends_on=cast.today + timedelta(days=90))

    found = nudges_for(cast.session, cast.mia)

    assert [(each.kind, each.count, each.on) for each in found] == [
        ("leaving", 1, cast.today + timedelta(days=10))
    ]
    assert kinds(cast, cast.noah) == []


def test_people_are_found_by_the_beginnings_of_their_names(cast: Cast) -> None:
    cast.noah.given_name, cast.noah.surname = "Åsa-Karin", "von Öberg"
    cast.session.flush()

    def found(text: str) -> list[Person]:
        return people.find_people(cast.session, cast.olof, text).people

    assert (
        found("åsa")
        == found("Åsa öb")
        == found("karin")
        == found("noah@")
        == found("öberg, å")
        == [cast.noah]
    )
    assert found("sa") == [cast.sam]
    assert found("%") == found("_") == found("") == []


def test_whom_one_may_order_for_is_all_one_finds_there(cast: Cast) -> None:
    def found(viewer: Person, text: str) -> list[Person]:
        return people.find_people(cast.session, viewer, text, whom="orderable").people

    assert found(cast.mia, "noah") == [cast.noah]
    assert found(cast.mia, "olof") == []
    assert found(cast.noah, "noah") == []
    assert found(cast.eva, "olof") == [cast.olof]


def test_a_protected_name_is_shown_to_few_and_found_by_none_other(cast: Cast) -> None:
    cast.noah.is_protected = True
    cast.session.flush()

    shown = {each.given_name: people.shown_name(cast.noah, each) for each in (cast.mia, cast.noah, cast.olof)}

    assert shown == {"Mia": "Noah Dal", "Noah": "Noah Dal", "Olof": people.MASKED}
    assert people.find_people(cast.session, cast.olof, "noah").people == []
    assert people.find_people(cast.session, cast.mia, "noah").people == [cast.noah]
