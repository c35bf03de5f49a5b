"""The report on how quick it is: a tiny run of all of it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import keys
from portal.bench import p95
from portal.cli import main
from tests.conftest import SECRET


@pytest.mark.slow
def test_a_tiny_run_measures_everything(tmp_path: Path) -> None:
    words = [
        "bench",
        "--orders",
        "2",
        "--rounds",
        "1",
        "--pages",
        "4",
        "--scale",
        "0.01",
        "--data",
        str(tmp_path),
    ]

    done = CliRunner().invoke(main, words)
    keys.use(keys.Keys([SECRET]))  # the run had keys of its own

    assert done.exit_code == 0, done.output
    assert "7 of 7 cases delivered" in done.output
    rates = re.findall(r"([a-z ]+): (\d+)/s", done.output)
    assert [what.strip() for what, _ in rates] == [
        "orders submitted",
        "orders decided",
        "tasks through the memory connector",
    ]
    assert re.search(r"home page of \d+ kB: [\d.]+ ms, bare Flask [\d.]+ ms", done.output)
    assert re.search(r"[\d.]+ ms  /requests/<number>\n", done.output)
    assert re.search(r"Start-up +[\d.]+ s", done.output)
    assert re.search(r"Memory +[1-9]\d+ MiB after the first page, [1-9]\d+ MiB after 4", done.output)
    assert "`make demo` makes all of it" in done.output


def test_nineteen_of_twenty_stay_under_the_p95() -> None:
    assert p95([float(n) for n in range(1, 101)]) == pytest.approx(95.05)
    assert p95([3.0]) == 3.0
