"""The memory connector, and the suite's own teeth: without marker or read-back it bites."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors import ensure
from connectors.base import Connector, Found, Wanted
from connectors.conformance import Conformance, Example
from connectors.ensure import apply, plan
from connectors.errors import Invalid, Unavailable, Unknown
from connectors.memory import Memory, forget, store
from connectors.registry import open_resource
from tests.connectors.examples import directory_examples, make, noah


class MemorySuite(Conformance):
    """The suite on memory."""

    connector: type[Memory] = Memory

    def open(self) -> Connector:
        """Open the store of this test."""
        return self.connector("memory", {"store": "conformance", "path": None}, {})

    def examples(self) -> list[Example]:
        """Try a directory's kinds."""
        return directory_examples()

    def wrong_config(self) -> Mapping[str, Any]:
        """Misspell a setting."""
        return {"connector": "memory", "stor": "x"}


class TestMemory(MemorySuite):
    """The suite as it should be."""


class _WithoutMarker(Memory):
    def create(self, wanted: Wanted, marker: str) -> None:
        super().create(wanted, "")


class _WithoutIdentity(Memory):
    """Allows two of the same name, as some systems do, so that only the marker tells."""

    def find(self, wanted: Wanted) -> Found | None:
        return None


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    forget("conformance")
    forget()


def _complaints(suite: Conformance) -> set[str]:
    """Run the suite by hand and return the tests that fail."""
    failed = set()
    for name in (n for n in dir(suite) if n.startswith("test_")):
        forget("conformance")
        try:
            getattr(suite, name)()
        except Exception:  # a bitten test may fail in any way
            failed.add(name)
    return failed


def _suite_of(connector: type[Memory]) -> Conformance:
    suite = MemorySuite()
    suite.connector = connector
    return suite


def test_the_suite_is_content_with_memory() -> None:
    assert _complaints(_suite_of(Memory)) == set()


def test_the_suite_bites_a_connector_that_forgets_the_marker() -> None:
    complaints = _complaints(_suite_of(_WithoutMarker))

    assert "test_a_lost_answer_makes_nothing_twice" in complaints
    assert "test_what_is_made_is_found_again_and_a_second_time_nothing_happens" in complaints


def test_the_suite_bites_a_connector_that_cannot_find_by_name() -> None:
    assert "test_what_a_stranger_made_is_a_conflict_and_stays" in _complaints(_suite_of(_WithoutIdentity))


def test_the_suite_bites_when_nothing_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(connector: Connector, wish: Wanted, marker: str) -> Found | None:
        connector.create(wish, marker)
        return None

    monkeypatch.setattr(ensure, "_create", blind)

    complaints = _complaints(_suite_of(Memory))

    assert "test_a_lost_answer_makes_nothing_twice" in complaints
    assert "test_what_is_made_is_found_again_and_a_second_time_nothing_happens" in complaints


def test_failures_come_as_often_as_told_and_leave_no_trace() -> None:
    resource = open_resource("staff-directory", {"connector": "memory"})
    store().fail_next(Unavailable("away"), 2)
    marker = f"ordna:{uuid.uuid4()}"

    for _ in range(2):
        with pytest.raises(Unavailable):
            plan(resource, "account", noah("noaost"), marker=marker)
    make(resource, "account", noah("noaost"), marker)

    assert store().ledger == [("create", "account", "noaost")]


def test_a_lost_answer_leaves_one_account_in_the_ledger() -> None:
    resource = open_resource("staff-directory", {"connector": "memory"})
    marker = f"ordna:{uuid.uuid4()}"
    planned = plan(resource, "account", noah("noaost"), marker=marker)
    store().fail_next(Unknown("lost"), after=True)

    made = apply(resource, planned, marker)

    assert made.made_by_us
    assert store().ledger == [("create", "account", "noaost")]


def test_a_file_shows_one_process_what_another_made(tmp_path: Path) -> None:
    config = {"connector": "memory", "path": str(tmp_path / "memory.json")}
    make(open_resource("one", {**config, "store": "one"}), "group", {"name": "rangers"}, "ordna:1")

    seen = plan(
        open_resource("two", {**config, "store": "two"}), "group", {"name": "rangers"}, marker="ordna:1"
    )

    assert seen.action == "nothing"
    forget("one")
    forget("two")


def test_a_membership_of_nobody_is_refused_by_name() -> None:
    resource = open_resource("staff-directory", {"connector": "memory"})

    with pytest.raises(Invalid) as refused:
        make(resource, "membership", {"account": "nobody", "group": "rangers"})

    assert refused.value.field == "account"
