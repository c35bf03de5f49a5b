"""New versions of an item, what refuses them, their history; copies; what is taken out of the catalog."""

import pytest
from sqlalchemy import select

from portal.domain import items, loading
from portal.models.audit import AuditEvent
from portal.models.item import CatalogItem
from tests.cast import Cast
from tests.views.staff import House, make_house
from tests.views.studio import CARD, draft_of, grant, place, published, save, shown, wall_in

VPN = """format: 1
id: door
kind: order
title: {sv: Port, nb: Port, en: Door}
summary: {sv: En port, nb: En port, en: A door}
category: network
owner: team/it-accounts

steps:
  - id: manager
    approve: {by: manager, fallback: team/approval-desk}
  - id: member
    ensure: staff-directory/membership
    with: {account: "{beneficiary.accounts.staff-directory}", group: vpn}
"""


@pytest.fixture
def house(cast: Cast) -> House:
    published(cast)
    return make_house(cast)


def entry(house: House, key: str = "card") -> CatalogItem:
    """Read an item's row afresh."""
    return house.cast.session.get_one(CatalogItem, key, populate_existing=True)


def publish(house: House, key: str = "card", **data: str) -> tuple[int, str]:
    """Press the button of the publish page."""
    revision = {"revision": str(entry(house, key).draft_revision)}
    answer = house.eva().send(f"/studio/{key}/publish", {**revision, **data})
    return answer.status_code, shown(answer, answer.status_code)


def test_publishing_shows_what_changes_and_needs_a_reason(house: House) -> None:
    eva = house.eva()
    text = CARD.replace("monthly: 129", "monthly: 150").replace("en: Why}", "en: Reason}")
    save(eva, "card", text.replace("sv: Guld, nb: Gull, ", "sv: Guld, "))

    page = shown(eva.get("/studio/card/publish"))
    status, unsaid = publish(house, reason="  ")

    assert "Price: from “monthly 129” to “monthly 150”." in page
    assert "“Reason”: label from “Why” to “Reason”." in page
    assert "1 warning, which does not stop it" in page
    assert "+ price: {monthly: 150}</ins>" in page
    assert status == 422
    assert "Write what has changed and why" in unsaid
    assert entry(house).version.number == 1  # type: ignore[union-attr]  # it is published


def test_a_published_version_is_ordered_and_kept_with_its_reason(house: House) -> None:
    save(house.eva(), "card", CARD.replace("monthly: 129", "monthly: 150"))

    status, _body = publish(house, reason="The price went up.")

    assert status == 303
    assert items.load(house.cast.version("card")).price.monthly == 150
    assert draft_of(house, "card") is None
    history = shown(house.eva().get("/studio/card/versions"))
    assert history.index("Version 2") < history.index("Version 1")
    assert "The price went up." in history
    assert "Published by Eva Falk" in history
    assert "Price: from “monthly 129” to “monthly 150”." in history
    assert "monthly: 129" in shown(house.eva().get("/studio/card/versions/1"))
    assert house.eva().get("/studio/card/versions/3").status_code == 404


def test_errors_refuse_a_version_each_with_its_place(house: House) -> None:
    wrong = CARD.replace("by: manager", "by: boss")
    save(house.eva(), "card", wrong)

    page = shown(house.eva().get("/studio/card/publish"))
    status, body = publish(house, reason="In a hurry")

    assert "1 error must be put right before this is published" in page
    assert 'name="reason"' not in page
    assert status == 422
    assert place(wrong, "boss") in body
    assert entry(house).version.number == 1  # type: ignore[union-attr]  # it is published


def test_a_value_outside_a_resources_walls_is_refused_with_its_place(house: House) -> None:
    cast = house.cast
    published(cast, VPN)
    wall_in(cast, "vpn", "nature")
    outside = VPN.replace("group: vpn", "group: domain-admins")
    save(house.eva(), "door", outside)

    status, body = publish(house, "door", reason="More for us")

    assert status == 422
    assert place(outside, "domain-admins", "door") in body
    assert "“domain-admins” lies outside what" in body
    with pytest.raises(items.HasProblems):
        items.publish(cast.session, "door", actor=cast.eva, reason="By another way", text=outside)


def test_an_id_that_is_not_the_items_own_is_refused(house: House) -> None:
    save(house.eva(), "card", CARD.replace("id: card", "id: pass"))

    status, body = publish(house, reason="Another name")

    assert status == 422
    assert "card.yaml:2:5" in body


def test_a_draft_that_changed_since_it_was_shown_is_not_published(house: House) -> None:
    save(house.eva(), "card", CARD.replace("monthly: 129", "monthly: 150"))
    revision = str(entry(house).draft_revision)
    save(house.eva(), "card", CARD.replace("monthly: 129", "monthly: 9999"))

    status, body = publish(house, reason="The price went up.", revision=revision)

    assert status == 409
    assert "The draft has changed since you opened this page." in body
    assert "9999" in body
    assert entry(house).version.number == 1  # type: ignore[union-attr]  # it is published


def test_who_only_writes_does_not_publish(house: House) -> None:
    cast = house.cast
    grant(cast, cast.noah, "catalog.edit", "accounts")
    grant(cast, cast.noah, "catalog.publish", "network")
    noah = house.client(cast.noah)
    save(noah, "card", CARD.replace("monthly: 129", "monthly: 1"))
    revision = {"revision": str(entry(house).draft_revision), "reason": "Cheaper"}

    assert "Save and go on to publish" not in shown(noah.get("/studio/card"))
    assert noah.send("/studio/card/publish", revision).status_code == 403
    assert noah.send("/studio/card/retire", revision).status_code == 403
    assert entry(house).version.number == 1  # type: ignore[union-attr]  # it is published


def test_a_draft_can_be_thrown_away(house: House) -> None:
    eva = house.eva()
    save(eva, "card", CARD.replace("monthly: 129", "monthly: 150"))
    revision = entry(house).draft_revision

    assert eva.send("/studio/card/discard", {"revision": str(revision - 1)}).status_code == 409
    assert eva.send("/studio/card/discard", {"revision": str(revision)}).status_code == 303

    assert draft_of(house, "card") is None
    assert "monthly: 129" in shown(eva.get("/studio/card"))


def test_a_copy_gets_an_id_and_titles_of_its_own(house: House) -> None:
    eva = house.eva()
    titles = {"title_sv": "Bricka", "title_nb": "", "title_en": "Badge <b>"}

    bad = shown(eva.send("/studio/card/copy", {"key": "A badge", **titles}), 422)
    taken = shown(eva.send("/studio/card/copy", {"key": "card", **titles}), 422)
    untitled = shown(eva.send("/studio/card/copy", {"key": "badge"}), 422)
    made = eva.send("/studio/card/copy", {"key": "badge", **titles})

    assert "Write an id of small letters" in bad
    assert 'value="Bricka"' in bad
    assert "There is already a service with the id card." in taken
    assert "Write a title in the main language." in untitled
    assert made.headers["Location"] == "/studio/badge"
    copied = draft_of(house, "badge")
    assert copied is not None
    assert "title: {sv: Bricka, en: Badge <b>}" in copied
    assert "id: badge" in copied
    assert (
        copied.partition("summary")[2]
        == items.current(house.cast.session, "card").text.partition("summary")[2]
    )
    assert "badge" not in shown(house.client(house.cast.noah).get("/catalog/accounts"))


def test_a_retired_item_is_not_ordered_until_it_is_published_again(house: House) -> None:
    eva, noah = house.eva(), house.client(house.cast.noah)
    revision = {"revision": str(entry(house).draft_revision)}

    assert eva.send("/studio/card/retire", {**revision, "reason": ""}).status_code == 422
    assert eva.send("/studio/card/retire", {**revision, "reason": "Nobody uses it"}).status_code == 303
    gone = noah.get("/order/card").status_code
    status, _body = publish(house, reason="Somebody did")

    assert gone == 404
    assert status == 303
    assert noah.get("/order/card").status_code == 200


def test_what_is_published_stays_in_its_category_while_a_draft_moves_it(house: House) -> None:
    save(house.eva(), "card", CARD.replace("category: accounts", "category: access"))

    assert entry(house).category == "accounts"
    publish(house, reason="It belongs there")
    assert entry(house).category == "access"


def test_what_was_changed_in_the_browser_is_known_until_it_is_exported(house: House) -> None:
    row = entry(house)
    loading.mark_in_step(row)
    house.cast.session.commit()
    assert not loading.changed_in_browser(entry(house))

    save(house.eva(), "card", CARD.replace("  - id: manager", "\n  - id: manager"))  # only its layout
    assert not loading.changed_in_browser(entry(house))
    save(house.eva(), "card", CARD.replace("monthly: 129", "monthly: 150"))
    assert loading.changed_in_browser(entry(house))
    publish(house, reason="The price went up.")
    assert loading.changed_in_browser(entry(house))
    loading.mark_in_step(entry(house))
    assert not loading.changed_in_browser(entry(house))


def test_every_change_is_in_the_history(house: House) -> None:
    save(house.eva(), "card", CARD.replace("monthly: 129", "monthly: 150"))
    publish(house, reason="The price went up.")

    query = select(AuditEvent).where(
        AuditEvent.subject_id == "card", AuditEvent.actor_id == house.cast.eva.id
    )
    told = [(each.action, each.body.get("note", "")) for each in house.cast.session.scalars(query)]
    assert told == [("save_draft", ""), ("publish", "The price went up.")]
