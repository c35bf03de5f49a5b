"""The files that the demo is made from: organisation, names, story, phrases and volumes."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

import catalog
from portal.work.world import shipped_config

DATA = Path(__file__).parent / "data"
CATALOG = Path(catalog.__file__).parent
"""Where the shipped items and lists lie."""


@cache
def read(name: str) -> dict[str, Any]:
    """Read one of the demo's own files."""
    return cast(dict[str, Any], YAML(typ="safe").load((DATA / f"{name}.yaml").read_text("utf-8")))


@cache
def volumes() -> dict[str, Any]:
    """Read how much there is of everything."""
    return tomllib.loads(shipped_config("demo.toml").read_text("utf-8"))


def organisation() -> dict[str, Any]:
    """Return units, teams, grants, groups and oddities."""
    return read("organisation")


def story() -> dict[str, Any]:
    """Return the people of the story and their situations."""
    return read("story")


def phrases() -> dict[str, Any]:
    """Return what people have written."""
    return read("phrases")


GROUPS = ["enhet-*", "alla-anstallda", "externa", "dator-std", "vpn", "diariet-*", "brev-*", "lic-*"]
"""The groups of the directory that the demo's portal may touch."""
