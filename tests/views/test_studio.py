"""The studio: the list of items, an item as text with its problems, its form, and trying it."""

import pytest

from portal.domain import items, ordering
from portal.models.item import CatalogItem
from tests.cast import Cast, publish_shipped
from tests.views.staff import House, make_house
from tests.views.studio import (
    CARD,
    current_text,
    draft_of,
    everything,
    field_of,
    grant,
    look,
    place,
    published,
    save,
    shown,
    text_in,
)


@pytest.fixture
def house(cast: Cast) -> House:
    published(cast)
    return make_house(cast)


def row_of(page: str, key: str) -> str:
    """Give the row of one item in the list."""
    return next(row for row in page.split('<tr role="row">') if f'/studio/{key}"' in row)


def test_the_list_says_how_each_item_stands(house: House) -> None:
    cast = house.cast
    ordering.submit(cast.session, cast.version("card"), {"level": "plain"}, actor=cast.noah, key="one")
    items.copy(cast.session, "card", "badge", actor=cast.eva, title={"sv": "Bricka", "en": "Badge"})
    broken = items.text_of(cast.session.get_one(CatalogItem, "badge")).replace("it-accounts", "it-acounts")
    items.save_draft(cast.session, "badge", broken, actor=cast.eva)

    page = shown(house.eva().get("/studio"))

    card, badge = row_of(page, "card"), row_of(page, "badge")
    assert "Published" in card
    assert "<span>1</span>" in card.partition("Orders in 90 days")[2][:40]
    assert "it-accounts" in card
    assert "error" not in card
    assert "Draft" in badge
    assert "1 error" in badge
    assert "nb: 1 missing" in badge
    assert "/studio/badge/copy" in badge


def test_the_list_can_be_narrowed(house: House) -> None:
    items.copy(house.cast.session, "card", "badge", actor=house.cast.eva, title={"sv": "Bricka"})
    eva = house.eva()

    def keys(query: str) -> list[str]:
        page = shown(eva.get(f"/studio?{query}"))
        return [key for key in ("badge", "card") if f'href="/studio/{key}"' in page]

    assert keys("") == ["badge", "card"]
    assert keys("q=bricka") == ["badge"]
    assert keys("state=published") == ["card"]
    assert keys("state=changed") == []
    assert keys("category=network") == []
    assert keys("trouble=1") == ["badge"]


def test_who_does_not_write_services_is_refused(house: House) -> None:
    noah = house.client(house.cast.noah)

    for path in (
        "/studio",
        "/studio/card",
        "/studio/card/try",
        "/studio/card/publish",
        "/studio/card/versions",
    ):
        assert noah.get(path).status_code == 403
    assert noah.send("/studio/card", {"text": "x", "save": "1", "revision": "1"}).status_code == 403


def test_an_author_of_one_category_finds_only_that(house: House) -> None:
    cast = house.cast
    published(cast, CARD.replace("id: card", "id: pass").replace("category: accounts", "category: access"))
    grant(cast, cast.noah, "catalog.edit", "access")
    noah = house.client(cast.noah)

    listed = shown(noah.get("/studio"))

    assert 'href="/studio/pass"' in listed
    assert 'href="/studio/card"' not in listed
    assert noah.get("/studio/pass").status_code == 200
    assert noah.get("/studio/card").status_code == 404
    assert (
        save(noah, "pass", CARD.replace("id: card", "id: pass")).status_code == 403
    )  # into another category
    assert noah.get("/studio/pass/publish").status_code == 403
    assert draft_of(house, "pass") is None


def test_every_problem_stands_beside_its_line(house: House) -> None:
    text = CARD.replace("it-accounts", "it-acounts").replace("team/caretakers", "team/nobody")
    text = text.replace("level == 'gold'\n\nsteps", "levl == 'gold'\n\nsteps").replace("nb: Kort, ", "")

    page = shown(look(house.eva(), "card", text))

    assert "3 errors, 1 warning" in page
    for wrong in ("{sv: Kort, en: Card}", "team/it-acounts", "levl == 'gold'", "team/nobody"):
        assert f">{place(text, wrong)}</a>" in page
    assert "Did you mean “team/it-accounts”?" in page
    assert '<span id="line-7" class="bad">7</span>' in page
    assert '<span id="line-4" class="warn">4</span>' in page
    assert '<span id="line-5">5</span>' in page


def test_a_draft_is_kept_with_its_problems_and_nobody_else_sees_it(house: House) -> None:
    text = CARD.replace("en: Card", "en: <script>Pass</script>").replace("monthly: 129", "monthly: much")
    before = current_text(house, "card")

    answer = save(house.eva(), "card", text.replace("\n", "\r\n"))

    assert answer.status_code == 303
    assert draft_of(house, "card") == text
    assert current_text(house, "card") == before
    raw = house.eva().get("/studio/card").get_data(as_text=True)
    assert "<script>Pass" not in raw
    assert "1 error" in raw


def test_saving_the_same_text_makes_no_draft(house: House) -> None:
    answer = save(house.eva(), "card", current_text(house, "card"), then="try")

    assert answer.headers["Location"] == "/studio/card/try"
    assert draft_of(house, "card") is None


def test_n10_the_second_of_two_authors_is_told_and_nothing_is_overwritten(house: House) -> None:
    eva, text = house.eva(), current_text(house, "card")
    revision = field_of(shown(eva.get("/studio/card")), "revision")
    theirs, mine = text.replace("monthly: 129", "monthly: 150"), text.replace("monthly: 129", "monthly: 99")
    assert save(eva, "card", theirs, revision=revision).status_code == 303

    page = shown(save(eva, "card", mine, revision=revision), 409)

    assert "Somebody else saved while you were writing" in page
    assert "− price: {monthly: 150}</del>" in page
    assert "+ price: {monthly: 99}</ins>" in page
    assert text_in(page) == mine
    assert draft_of(house, "card") == theirs

    assert shown(save(eva, "card", mine, revision=revision), 409)  # saving once more still asks
    assert draft_of(house, "card") == theirs
    over = field_of(page, "over")
    assert save(eva, "card", mine, revision=revision, over=over).status_code == 303
    assert draft_of(house, "card") == mine
    assert (
        save(eva, "card", theirs, revision=revision, over=over).status_code == 409
    )  # a third has been there


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This file holds no item"),
        ("- a list", "This file holds no item"),
        ("a: [" * 300, "nested too deeply"),
        ("a: &x [*x]", "error"),
        ("\ta: 1", "not valid YAML"),
        ("null", "This file holds no item"),
    ],
)
def test_whatever_is_written_is_answered_with_a_place(house: House, text: str, said: str) -> None:
    page = shown(look(house.eva(), "card", text))

    assert said in page
    assert "card.yaml:1:" in page
    assert draft_of(house, "card") is None


def test_a_text_that_is_too_long_is_not_kept(house: House) -> None:
    page = shown(save(house.eva(), "card", CARD + "#" * 200_000), 422)

    assert "The text is too long to be kept." in page
    assert draft_of(house, "card") is None


def test_the_live_part_gives_numbers_problems_and_form_and_writes_nothing(house: House) -> None:
    eva = house.eva()
    token = eva.token("/studio/card")
    before = everything(house.cast.session)
    data = {"csrf_token": token, "text": CARD, "revision": "2", "shown": "level", "a.level": "gold"}
    wrong = CARD.replace("by: manager", "by: boss")

    good = shown(eva.post("/studio/card/live", data=data))
    bad = shown(eva.post("/studio/card/live", data=data | {"text": wrong}))

    for part in ("gutter", "problems", "preview", "as"):
        assert f'<div id="{part}">' in good
    assert "No problems" in good
    assert 'name="a.why"' in good
    assert place(wrong, "boss") in bad
    assert "The form is shown here when the errors are put right." in bad
    assert everything(house.cast.session) == before


def test_the_form_is_shown_as_the_chosen_person_meets_it(house: House) -> None:
    cast, eva = house.cast, house.eva()

    found = shown(look(eva, "card", CARD, as_person_query="noah"))
    as_noah = shown(look(eva, "card", CARD, as_person=str(cast.noah.id)))
    as_mia = shown(look(eva, "card", CARD, as_person=str(cast.mia.id)))

    assert "<b>Noah Dal</b>" in found
    assert "Now as Eva Falk" in found
    assert "Now as Noah Dal" in as_noah
    assert "Who is it for?" not in as_noah
    assert "Mia Berg, Naturvård" in as_mia
    assert "Who is it for?" in as_mia


def test_protected_people_are_not_looked_through(house: House) -> None:
    cast = house.cast
    grant(cast, cast.noah, "catalog.edit", "accounts")
    cast.olof.is_protected = True
    noah = house.client(cast.noah)

    page = shown(look(noah, "card", CARD, as_person=str(cast.olof.id)))
    searched = shown(look(noah, "card", CARD, as_person_query="olof"))

    assert "Now as Noah Dal" in page
    assert "Olof" not in page
    assert "Nobody was found" in searched


def tried(house: House, person_id: int, **answers: str) -> dict[str, str]:
    """What is sent from the page where an item is tried."""
    return {"as_person": str(person_id), "shown": "level why", "try": "1", **answers}


def test_trying_shows_price_approvers_with_reasons_and_steps_in_order(house: House) -> None:
    cast, eva = house.cast, house.eva()
    answers = {"a.level": "gold", "a.why": "Because"}

    page = shown(eva.send("/studio/card/try", tried(house, cast.noah.id, **answers)))

    assert "Nothing happens here" in page
    assert "199" in page.partition("Price</h2>")[2][:600]
    asked = page.partition("Who is asked, and why")[2].partition("The steps, in order")[0]
    assert asked.index("Mia Berg") < asked.index("it-security")
    assert "As the manager of the one it is for." in asked
    steps = page.partition("The steps, in order")[2]
    assert steps.index("Approval") < steps.index("Print the card")
    assert "Left out" not in steps


def test_trying_says_which_steps_are_left_out_and_why(house: House) -> None:
    cast = house.cast

    page = shown(house.eva().send("/studio/card/try", tried(house, cast.noah.id, **{"a.level": "plain"})))

    steps = page.partition("The steps, in order")[2]
    assert "Left out" in steps
    assert "Its rule does not hold with these answers: level == 'gold'" in steps


def test_trying_without_an_answer_says_so_at_the_field(house: House) -> None:
    page = shown(house.eva().send("/studio/card/try", tried(house, house.cast.noah.id)), 422)

    assert '<a href="#q-level">Choose an answer to “Sort”.</a>' in page


def test_trying_writes_nothing_at_all(house: House) -> None:
    cast = house.cast
    publish_shipped(cast.session, "employee-account", "remote-work", "laptop")
    eva = house.eva()
    token = eva.token("/studio/card/try")
    before = everything(cast.session)
    answers = {
        "csrf_token": token,
        "a.given_name": "Åsa",
        "a.surname": "Öberg",
        "a.form": "permanent",
        "try": "1",
    }

    for key in ("card", "employee-account", "remote-work", "laptop"):
        for path in ("", "/try", "/publish", "/versions", "/versions/1", "/copy", "/retire"):
            assert eva.get(f"/studio/{key}{path}").status_code == 200
        assert eva.post(f"/studio/{key}/try", data=answers).status_code in (200, 422)
        assert eva.post(f"/studio/{key}/try/live", data=answers).status_code == 200

    assert everything(cast.session) == before


def test_what_cannot_be_ordered_or_has_errors_is_not_tried(house: House) -> None:
    cast, eva = house.cast, house.eva()
    publish_shipped(cast.session, "guest-wifi")
    wrong = CARD.replace("by: manager", "by: boss")
    save(eva, "card", wrong)

    assert "There is nothing to try: this is only read." in shown(eva.get("/studio/guest-wifi/try"))
    page = shown(eva.get("/studio/card/try"))
    assert "It can be tried when the errors are put right." in page
    where = place(wrong, "boss")
    assert f'href="/studio/card#line-{where.split(":")[1]}">{where}</a>' in page
