"""What is installed is whole."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_a_wheel_carries_templates_configuration_catalog_and_tables(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())

    wanted = {
        "portal/templates/base.html",
        "portal/templates/signin.html",
        "portal/config/portal.example.toml",
        "portal/config/lifecycle.yaml",
        "portal/migrations/script.py.mako",
        "portal/migrations/versions/0001_the_first_tables.py",
        "portal/static/tokens.css",
        "catalog/items/accounts/employee-account.yaml",
        "catalog/categories.yaml",
    }
    assert sorted(wanted - names) == []


def test_a_wheel_carries_every_translation_compiled(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    sources = (ROOT / "portal" / "translations").glob("*/LC_MESSAGES/*.po")

    wanted = {str(file.with_suffix(".mo").relative_to(ROOT)) for file in sources}
    assert sorted(wanted - names) == []


def test_a_wheel_carries_nothing_of_the_workshop(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.startswith("ordna-")} == {"catalog", "connectors", "portal"}


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = text.split("dependencies = [")[1].split("\n]")[0] + text.split("demo = [")[1].split("\n]")[0]

    bare = [line for line in block.splitlines() if line.strip().startswith('"') and "#" not in line]
    assert bare == []
