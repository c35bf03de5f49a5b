"""What never reaches the log."""

import json
import logging

import pytest

from portal import logs


@pytest.mark.parametrize(
    "line",
    [
        "GET /approve/{0} 200",
        "https://portal.example.org/approve/{0}?choice=yes",
        "password={0}",
        "{{'password': '{0}'}}",
        'secret: "{0}"',
        "Authorization: Bearer {0}",
        "postgresql://portal:{0}@db/portal",
        "somewhere in a text {0} like this",
    ],
)
def test_l13_tokens_and_passwords_are_masked(line: str) -> None:
    secret = "Zx3kPq9vT1mNb7cR5wYs2dFg8hJl4aEo6uIi0XyZaBc"

    masked = logs.mask(line.format(secret))

    assert secret not in masked
    assert "•••" in masked


def test_ordinary_lines_stay_as_they_are() -> None:
    line = "B26-01482 delivered to Ängsbygden after 3 tasks (sha256 0f1e2d3c4b5a)"

    assert logs.mask(line) == line


def test_a_fault_is_one_line_of_json(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError as problem:
        logs.write_fault("ABCD1234", problem, path="/approve/" + "x" * 43)

    [line] = caplog.messages
    found = json.loads(line)
    assert (found["reference"], found["problem"]) == ("ABCD1234", "ValueError")
    assert "hunter2" not in line
    assert "xxxx" not in line


def test_lines_of_other_libraries_are_masked_too() -> None:
    record = logging.LogRecord("lib", logging.INFO, __file__, 1, "sent token=%s", ("abc123",), None)

    assert "abc123" not in logs.MaskedLine("%(message)s").format(record)
