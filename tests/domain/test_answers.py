"""Answers: what is asked, what is taken, and a sentence for everything that is not."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalog.schema import CatalogItem
from portal.domain import answers, items
from portal.domain.answers import FOR, Cleaned
from portal.models.holding import Holding
from portal.models.person import Person
from tests.cast import Cast, load_lists, publish_text

KIT = """
format: 1
id: kit
title: {sv: Utrustning, nb: Utstyr, en: Kit}
summary: {sv: Utrustning, nb: Utstyr, en: Kit}
category: devices
owner: team/it-delivery
order_for: both
price: {monthly: 100}
questions:
  - name: model
    type: choice
    label: {sv: Modell, nb: Modell, en: Model}
    required: true
    choices: [plain, strong]
    default: plain
  - name: reason
    type: long_text
    label: {sv: Varför, nb: Hvorfor, en: Why}
    required: true
    when: model == 'strong'
    max: 500
  - {name: more, type: section, label: {sv: Mer, nb: Mer, en: More}, when: model == 'strong'}
  - name: shield
    type: yes_no
    label: {sv: Skydd, nb: Beskyttelse, en: Shield}
    when: model == 'strong'
    default: true
  - {name: amount, type: number, label: {sv: Antal, nb: Antall, en: Amount}, min: 1, max: 5}
  - name: length
    type: number
    decimals: 1
    label: {sv: Längd, nb: Lengde, en: Length}
    message: {sv: Mellan en och tio, nb: Mellom en og ti, en: Between one and ten}
    min: 1
    max: 10
  - {name: code, type: text, label: {sv: Kod, nb: Kode, en: Code}, pattern: "[A-Z]{3}", max: 10}
  - {name: mail, type: text, label: {sv: E-post, nb: E-post, en: Mail}, format: email}
  - {name: phone, type: text, label: {sv: Telefon, nb: Telefon, en: Phone}, format: phone}
  - {name: first, type: date, label: {sv: Från, nb: Fra, en: From}, min: today}
  - name: last
    type: date
    label: {sv: Till, nb: Til, en: Until}
    valid: first == none or last >= first
    message: {sv: Efter första dagen, nb: Etter første dag, en: After the first day}
  - {name: extras, type: choices, label: {sv: Till, nb: Til, en: Extras}, choices: [mouse, bag, dock], max: 2}
  - {name: helper, type: person, label: {sv: Hjälp, nb: Hjelp, en: Helper}}
  - {name: readers, type: people, label: {sv: Läsare, nb: Lesere, en: Readers}}
  - {name: place, type: choice, list: delivery-places, label: {sv: Plats, nb: Sted, en: Place}}
  - {name: at_unit, type: unit, label: {sv: Enhet, nb: Enhet, en: Unit}, default: "{me.unit}"}
  - {name: replaces, type: holding, item: kit, label: {sv: Ersätter, nb: Erstatter, en: Replaces}}
steps:
  - id: desk
    task: {team: team/it-delivery, title: {sv: Gör, nb: Gjør, en: Do}}
holding: {follows: nothing, end_word: return}
on_end:
  - id: back
    task: {team: team/it-delivery, title: {sv: Ta emot, nb: Ta imot, en: Take it back}}
"""
SHOWN = (
    "model",
    "amount",
    "length",
    "code",
    "mail",
    "phone",
    "first",
    "last",
    "extras",
    "helper",
    "readers",
    "place",
    "at_unit",
    "replaces",
)


@pytest.fixture
def kit(cast: Cast) -> CatalogItem:
    load_lists(cast.session)
    return items.load(publish_text(cast.session, KIT))


def read(cast: Cast, kit: CatalogItem, raw: Any = None, **more: Any) -> Cleaned:
    more = {"actor": cast.noah, "beneficiary": cast.noah, "shown": SHOWN, **more}
    return answers.clean(cast.session, kit, raw or {}, **more)


def message(found: Cleaned, name: str) -> str:
    why = found.errors[name]
    own = why.values.get("text")
    return own["en"] if isinstance(own, dict) else why.message


def test_a_first_look_holds_the_defaults_and_asks_what_they_lead_to(cast: Cast, kit: CatalogItem) -> None:
    found = read(cast, kit, shown=())

    assert found.answers == {"model": "plain", "at_unit": cast.unit.id}
    assert "reason" not in [question.name for question in found.visible]


def test_a_question_that_comes_up_has_its_default_also_inside_a_section(cast: Cast, kit: CatalogItem) -> None:
    found = read(cast, kit, {"model": "strong"})

    assert found.answers["shield"] is True
    assert found.appeared == ("reason", "shield")
    assert message(found, "reason") == "Fill in “%(label)s”."


def test_a_box_left_unanswered_on_the_form_does_not_get_its_default_back(
    cast: Cast, kit: CatalogItem
) -> None:
    found = read(cast, kit, {"model": "strong", "reason": "GIS"}, shown=(*SHOWN, "reason", "shield"))

    assert "shield" not in found.answers
    assert found.is_sound


def test_hidden_questions_are_neither_required_nor_kept(cast: Cast, kit: CatalogItem) -> None:
    found = read(cast, kit, {"model": "plain"})

    assert found.is_sound
    assert found.answers == {"model": "plain"}


def test_an_answer_to_a_hidden_question_is_refused_and_left_out(cast: Cast, kit: CatalogItem) -> None:
    found = read(cast, kit, {"model": "plain", "reason": "GIS", "shield": "yes"})

    assert found.answers == {"model": "plain"}
    assert found.disappeared == ("reason", "shield")
    assert set(found.errors) == {"reason", "shield"}


def test_what_is_no_question_is_refused(cast: Cast, kit: CatalogItem) -> None:
    found = read(cast, kit, {"model": "plain", "status": "approved", "price": "0", "requester_id": "1"})

    assert set(found.errors) == {"status", "price", "requester_id"}
    assert found.answers == {"model": "plain"}


TAKEN: list[tuple[str, Any, Any]] = [
    ("amount", " 3 ", 3),
    ("amount", 4, 4),
    ("length", "2,5", "2.5"),
    ("length", Decimal("3.5"), "3.5"),
    ("code", "ABC", "ABC"),
    ("mail", "noah@example.test", "noah@example.test"),
    ("phone", "+46 70-123 45 67", "+46 70-123 45 67"),
    ("last", "2027-02-03", "2027-02-03"),
    ("last", date(2027, 2, 3), "2027-02-03"),
    ("extras", ["bag", "mouse"], ["bag", "mouse"]),
    ("extras", "bag", ["bag"]),
    ("extras", ["bag", "bag"], ["bag"]),
    ("reason", "a\r\nb  ", "a\nb"),
    ("shield", "no", False),
    ("shield", True, True),
]
"""Question, what is typed, what is kept."""


def test_a_sound_answer_is_kept_as_plain_data(cast: Cast, kit: CatalogItem) -> None:
    found = [
        (name, typed, read(cast, kit, {"model": "strong", "reason": "GIS", name: typed}).answers.get(name))
        for name, typed, _ in TAKEN
    ]

    assert found == TAKEN


REFUSED: list[tuple[str, Any, str]] = [
    ("model", "golden", "Choose one of the answers that are offered."),
    ("model", ["plain", "strong"], "Give one answer only."),
    ("model", 7, "Choose one of the answers that are offered."),
    ("place", "nowhere", "Choose one of the answers that are offered."),
    ("amount", "three", "Write a number, with figures only."),
    ("amount", "2.5", "Write a whole number."),
    ("amount", "0", "Write %(number)s or more."),
    ("amount", "6", "Write %(number)s or less."),
    ("amount", True, "Write a number."),
    ("amount", float("nan"), "Write a number, with figures only."),
    ("amount", 2**63, "Write a number, with figures only."),
    ("amount", {"a": 1}, "Write a number."),
    ("length", "11", "Between one and ten"),
    ("length", "1.55", "Write at most %(number)s decimals."),
    ("code", "abc", "This is not written in the form that is asked for."),
    ("code", "A" * 11, "Write at most %(number)s characters."),
    ("code", "A" * 1_000_000, "Write at most %(number)s characters."),
    ("code", "A\ud800B", "There are characters here that cannot be kept. Write the text again."),
    ("code", "A\x00B", "There are characters here that cannot be kept. Write the text again."),
    ("code", 12, "Write an answer in words."),
    ("mail", "noah", "Write an address such as name@example.org."),
    ("phone", "call me", "Write a number such as 070-123 45 67."),
    ("first", "2026-02-30", "Choose a day that is in the calendar, written like 2026-11-30."),
    ("first", "soon", "Choose a day that is in the calendar, written like 2026-11-30."),
    ("first", "1950-01-01", "Choose %(day)s or later."),
    ("extras", ["mouse", "bag", "dock"], "Choose at most %(number)s."),
    ("extras", ["hat"], "Choose one of the answers that are offered."),
    ("extras", ["mouse"] * 1_000, "Choose fewer."),
    ("helper", "Noah", "Choose one of those that are offered."),
    ("helper", "999999", "Search for the person and choose among those that are found."),
    ("helper", 2**70, "Search for the person and choose among those that are found."),
    ("at_unit", "999999", "Choose one of the units that are offered."),
    ("replaces", "1", "Choose one of those that are offered."),
]
"""Question, what is typed, what is said."""


def test_an_answer_that_cannot_be_taken_gets_a_sentence_at_its_field(cast: Cast, kit: CatalogItem) -> None:
    found = []
    for name, typed, _ in REFUSED:
        cleaned = read(cast, kit, {"model": "plain", name: typed})
        found.append((name, list(cleaned.errors), name in cleaned.answers, message(cleaned, name)))

    assert found == [(name, [name], False, why) for name, _, why in REFUSED]


def test_the_authors_rule_speaks_in_the_authors_words(cast: Cast, kit: CatalogItem) -> None:
    today = cast.today
    before, after = today - timedelta(days=1), today + timedelta(days=2)

    wrong = read(cast, kit, {"model": "plain", "first": after.isoformat(), "last": today.isoformat()})
    waiting = read(cast, kit, {"model": "plain", "first": before.isoformat(), "last": before.isoformat()})
    right = read(cast, kit, {"model": "plain", "first": today.isoformat(), "last": after.isoformat()})

    assert message(wrong, "last") == "After the first day"
    assert set(waiting.errors) == {"first"}
    assert right.is_sound


def test_only_ones_own_holdings_can_be_chosen(cast: Cast, kit: CatalogItem) -> None:
    def give(owner: Person) -> Holding:
        holding = Holding(
            item_key="kit",
            version_id=cast.version("kit").id,
            person_id=owner.id,
            state="active",
            values={},
            created_at=cast.version("kit").published_at,
        )
        cast.session.add(holding)
        cast.session.flush()
        return holding

    own, others = give(cast.noah), give(cast.olof)

    assert read(cast, kit, {"model": "plain", "replaces": str(own.id)}).answers["replaces"] == own.id
    assert message(read(cast, kit, {"model": "plain", "replaces": str(others.id)}), "replaces") == (
        "Choose one of those that are offered."
    )


def test_somebody_with_protected_identity_is_chosen_only_by_those_who_may_know(
    cast: Cast, kit: CatalogItem
) -> None:
    cast.noah.is_protected = True
    cast.session.flush()

    by_stranger = read(
        cast, kit, {"model": "plain", "helper": cast.noah.id}, actor=cast.olof, beneficiary=cast.olof
    )
    by_manager = read(
        cast, kit, {"model": "plain", "helper": cast.noah.id}, actor=cast.mia, beneficiary=cast.mia
    )

    assert set(by_stranger.errors) == {"helper"}
    assert by_manager.answers["helper"] == cast.noah.id


def test_somebody_who_has_left_is_not_chosen(cast: Cast, kit: CatalogItem) -> None:
    cast.noah.is_disabled = True
    cast.session.flush()

    found = read(cast, kit, {"model": "plain", "readers": [cast.noah.id, cast.mia.id]}, actor=cast.mia)

    assert set(found.errors) == {"readers"}


def test_nobody_orders_for_a_stranger(cast: Cast, kit: CatalogItem) -> None:
    found = read(cast, kit, {"model": "plain"}, beneficiary=cast.olof)

    assert found.refused_at == FOR
    assert found.errors[FOR].message == "You may not order for %(name)s."


def test_a_draft_needs_nothing_and_keeps_what_is_wrong_as_it_was_typed(cast: Cast, kit: CatalogItem) -> None:
    typed = {"model": "strong", "amount": "many", "first": "", "extras": ["bag"]}

    found = read(cast, kit, typed, draft=True)
    again = read(cast, kit, found.answers, shown=())

    assert found.answers["amount"] == "many"
    assert found.answers["first"] == ""
    assert found.answers["extras"] == ["bag"]
    assert message(again, "amount") == "Write a number, with figures only."
    assert again.answers["extras"] == ["bag"]


def test_a_form_and_plain_data_are_read_alike(cast: Cast, kit: CatalogItem) -> None:
    form = MultiDict([("model", "plain"), ("extras", "mouse"), ("extras", "bag"), ("amount", "2")])

    sent = read(cast, kit, form)

    assert sent.answers == {"model": "plain", "extras": ["mouse", "bag"], "amount": 2}
    assert read(cast, kit, sent.answers).answers == sent.answers


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=40)
    | st.dates().map(str)
    | st.sampled_from(["plain", "strong", "yes", "bag", "1", "2", "2027-01-01", "1e9", "٣"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(raw=st.dictionaries(st.sampled_from([*SHOWN, "reason", "shield", "nothing", "more", ""]), JUNK))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_i11_whatever_is_sent_is_taken_or_refused_with_a_sentence(
    cast: Cast, kit: CatalogItem, raw: dict[str, Any]
) -> None:
    found = read(cast, kit, raw)
    kept = read(cast, kit, found.answers, shown=(*SHOWN, "reason", "shield"))

    assert set(found.answers) <= {question.name for question in found.visible}
    assert not set(found.answers) & set(found.errors) or FOR in found.errors or "last" in found.errors
    assert kept.answers == found.answers
    assert all(why.message for why in found.errors.values())
