"""Regular expressions that authors write: readable, and quick on any answer."""

import re
import time

import pytest

from catalog.checks.patterns import fault_in

GOOD = [
    r"[^@]+", r"\d{6}-?\d{4}", r"[A-Z]{2}\d+", r"(\+46|0)[0-9 -]{6,20}", r"B\d{2}-\d{5}",
    r"[a-zåäö]+(-[a-zåäö]{2,20})?", r"(ab|cd)?x*", r"\w+@\w+",
]  # fmt: skip
BAD = [
    r"(a+)+", r"(a*)*$", r"([a-z]+)*", r"(a|aa)+", r"(a|a?)+", r"(.*a){20}", r"((a+)b?)+", r"(?=a+)b",
    r"(a)\1+", r"(?!x)y", r".*.*.*.*.*x", r"(?:(?:a{1,50}){1,50}){1,50}", r"(x+x+)+y", r"(\w+\s?)*$",
    r"(?<=a)b",
]  # fmt: skip


@pytest.mark.parametrize("pattern", GOOD)
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert fault_in(pattern) == ""


@pytest.mark.parametrize("pattern", BAD)
def test_i14_patterns_that_could_take_for_ever_are_refused(pattern: str) -> None:
    assert "for ever" in fault_in(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<x>a)(?P<x>b)", "a{5,2}", "(?z)"])
def test_what_is_no_pattern_is_said(pattern: str) -> None:
    assert fault_in(pattern) == "This pattern cannot be read."


def test_i14_what_is_taken_is_quick_on_hostile_answers() -> None:
    started = time.perf_counter()
    for pattern in GOOD:
        for answer in ("a" * 2000 + "!", "0" * 2000, "a@" * 500, "-" * 2000):
            re.fullmatch(pattern, answer)

    assert time.perf_counter() - started < 0.5
