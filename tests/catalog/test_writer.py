"""Writing items: one form, the same bytes each time, and reading them gives the item."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.loader import read_item
from catalog.schema import CatalogItem, Question, Step
from catalog.texts import Texts
from catalog.writer import write_item
from tests.catalog.world import ACCOUNT, ITEM

ITEMS = Path(__file__).parents[2] / "catalog" / "items"
FILES = sorted(ITEMS.rglob("*.yaml"))

CANONICAL = """\
format: 1
id: intranet
kind: order
title: {sv: Intranät, nb: Intranett, en: Intranet}
summary: {sv: Läsa, nb: Lese, en: Read}
category: access
owner: team/it-accounts

questions:
  - name: level
    type: choice
    label: {sv: Nivå, nb: Nivå, en: Level}
    required: true
    choices: [read, write]
  - name: why
    type: long_text
    label: {sv: Varför, nb: Hvorfor, en: Why}
    when: level == 'write'

steps:
  - id: manager
    approve: {by: manager, fallback: team/approval-desk, remind: [2, 4], escalate: 5}
  - id: group
    ensure: staff-directory/membership
    with: {account: "{beneficiary.accounts.staff-directory}", group: readers}
  - id: tell
    notify: beneficiary
    message: ready
"""


def test_an_item_is_written_in_one_form() -> None:
    assert write_item(read_item(ITEM)) == CANONICAL
    assert write_item(read_item(CANONICAL)) == CANONICAL


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_item_comes_back_as_it_was(file: Path) -> None:
    item = read_item(file.read_text("utf-8"))

    written = write_item(item)

    assert read_item(written) == item
    assert write_item(read_item(written)) == written


def test_the_account_of_the_architecture_comes_back_as_it_was() -> None:
    item = read_item(ACCOUNT + "on_suspend: []\n")

    assert read_item(write_item(item)) == item
    assert "on_suspend: []" in write_item(item)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Ja, tack", '"Ja, tack"'),
        ("no", '"no"'),
        ("null", '"null"'),
        ("1.10", '"1.10"'),
        ("2027-08-31", '"2027-08-31"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("[x]", '"[x]"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("Åre går", "Åre går"),
        ("x\u2028y", '"x\\u2028y"'),
    ],
)
def test_what_another_reader_could_misread_is_quoted(text: str, written: str) -> None:
    item = read_item(ITEM).model_copy(update={"title": Texts(root={"": text})})

    assert f"title: {written}\n" in write_item(item)
    assert read_item(write_item(item)).title.get("sv") == text


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn"), include_characters="\n\t"),
    min_size=1,
    max_size=60,
)
TEXTS = st.dictionaries(st.sampled_from(("sv", "nb", "en")), TEXT, min_size=1).map(
    lambda root: Texts(root=root)
)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.dates() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=60)
@given(
    title=TEXTS,
    words=st.lists(TEXT, max_size=4),
    label=TEXTS,
    hint=TEXT,
    default=TEXT,
    wanted=st.dictionaries(NAME, VALUE, max_size=4),
)
def test_any_item_comes_back_as_it_was(
    title: Texts, words: list[str], label: Texts, hint: str, default: str, wanted: dict[str, object]
) -> None:
    question = Question(name="one", type="text", label=label, hint=Texts(root={"": hint}), default=default)
    step = Step.model_validate({"id": "group", "ensure": "directory/group", "with": wanted, "needs": ()})
    item = CatalogItem(
        id="any", title=title, summary=label, category="c", owner="team/t", keywords=tuple(words),
        questions=(question,), steps=(step,),
    )  # fmt: skip

    written = write_item(item)

    assert read_item(written) == item
    assert write_item(read_item(written)) == written
