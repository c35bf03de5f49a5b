"""`portal catalog`: files and the database."""

from pathlib import Path

import pytest
from sqlalchemy import select

from portal.domain import items
from portal.models.item import CatalogItem
from portal.models.team import SharedList
from tests.cast import ITEMS, LISTS
from tests.cli.house import Installation

TEN_MISTAKES = """\
format: 1
id: wrong
kind: order
title: {sv: Fel}
summary: Fel
category: nowhere
icon: key
owner: team/nobody
order_for: everyone
price: {monthly: many}
questions:
  - {name: day, type: calendar, label: Dag}
  - {name: day, type: date, label: Dag}
  - {name: other, type: text, label: Annat, when: "form = 'x'"}
steps:
  - id: boss
    approve: {by: manager}
  - id: made
    ensure: nowhere/account
    with: {username: "{nothing}"}
  - id: desk
    task: {team: team/none, title: Gör}
    needs: [absent]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The shipped item for remote work, as somebody's own file."""
    copy = tmp_path / "mine" / "remote-work.yaml"
    copy.parent.mkdir()
    copy.write_text(next(ITEMS.glob("*/remote-work.yaml")).read_text("utf-8"), "utf-8")
    return copy


def test_check_prints_every_problem_with_its_place(portal: Installation, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(TEN_MISTAKES, "utf-8")

    done = portal("catalog", "check", str(wrong))

    lines = [line for line in done.output.splitlines() if line.startswith(f"{wrong}:")]
    assert done.exit_code == 1
    assert len(lines) >= 10
    assert all(part.isdecimal() for line in lines for part in line.split(":")[1:3])


def test_everything_that_is_shipped_can_be_checked_and_loaded(portal: Installation) -> None:
    checked = portal("catalog", "check", str(ITEMS), str(LISTS))
    loaded = portal("catalog", "load", str(ITEMS), str(LISTS), "--publish")
    session = portal.cast.session

    assert checked.exit_code == 0, checked.output
    assert loaded.exit_code == 0, loaded.output
    assert len(session.scalars(select(CatalogItem).where(CatalogItem.state == "published")).all()) >= 16
    assert session.scalars(select(SharedList)).first() is not None
    again = portal("catalog", "load", str(ITEMS), "--publish")
    assert again.exit_code == 0
    assert "version" not in again.output


def test_loading_makes_a_draft_and_says_what_is_different(portal: Installation, file: Path) -> None:
    portal("catalog", "load", str(LISTS))
    portal("catalog", "load", str(file), "--publish")
    file.write_text(file.read_text("utf-8").replace("icon: ", "icon: x-", 1), "utf-8")

    shown = portal("catalog", "diff", str(file))
    done = portal("catalog", "load", str(file))

    entry = portal.cast.session.get_one(CatalogItem, "remote-work")
    assert done.exit_code == 0, done.output
    assert "Icon" in shown.output
    assert "Icon" in done.output
    assert entry.draft is not None
    assert entry.version is not None
    assert entry.version.number == 1


def test_what_was_changed_in_the_browser_is_not_written_over(portal: Installation, file: Path) -> None:
    session, eva = portal.cast.session, portal.cast.eva
    portal("catalog", "load", str(LISTS), str(file), "--publish")
    own = items.current(session, "remote-work").text.replace("icon: ", "icon: y-", 1)
    items.save_draft(session, "remote-work", own, actor=eva)
    file.write_text(file.read_text("utf-8").replace("icon: ", "icon: x-", 1), "utf-8")

    refused = portal("catalog", "load", str(file))
    kept = session.get_one(CatalogItem, "remote-work").draft
    forced = portal("catalog", "load", str(file), "--replace")

    assert refused.exit_code == 1
    assert "was changed in the browser" in refused.output
    assert kept is not None
    assert "icon: y-" in kept
    assert forced.exit_code == 0, forced.output
    assert "icon: x-" in (session.get_one(CatalogItem, "remote-work").draft or "")


def test_an_export_gives_back_what_can_be_loaded_again(
    portal: Installation, file: Path, tmp_path: Path
) -> None:
    session, eva = portal.cast.session, portal.cast.eva
    portal("catalog", "load", str(LISTS), str(file), "--publish")
    own = items.current(session, "remote-work").text.replace("icon: ", "icon: y-", 1)
    items.save_draft(session, "remote-work", own, actor=eva)

    done = portal("catalog", "export", str(tmp_path / "out"), "remote-work")
    written = Path(done.output.strip())
    loaded = portal("catalog", "load", str(written))

    assert done.exit_code == 0, done.output
    assert written.read_text("utf-8") == own
    assert loaded.exit_code == 0, loaded.output
    assert portal("catalog", "export", str(tmp_path / "out"), "nothing").exit_code == 1


def test_nothing_is_loaded_when_one_file_is_wrong(portal: Installation, file: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(TEN_MISTAKES, "utf-8")

    done = portal("catalog", "load", str(file), str(wrong), "--publish")

    assert done.exit_code == 1
    assert "Nothing was loaded" in done.output
    assert portal.cast.session.scalars(select(CatalogItem)).all() == []
