"""The connected systems as the operator's file names them: what they are, how far they may go, their secrets.

The file is read again each time, parsed when it has changed, and secrets are looked up when a system is
opened, so that a corrected password is used without a restart. Nobody but the operator names a file or a
variable here.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal.settings import Settings, SettingsProblem

MODES: Final = ("plan", "ask", "auto")
SECRET_PREFIX: Final = "PORTAL_RESOURCE_"
OUR_KEYS: Final = {"connector", "mode", "concurrency", "title"}


@dataclass(frozen=True)
class ResourceConfig:
    """One connected system as it is written in the file, its secrets not yet looked up."""

    name: str
    connector: str
    mode: str
    concurrency: int
    title: str | Mapping[str, str]
    config: Mapping[str, Any]
    secrets_dir: Path

    def opened(self) -> dict[str, Any]:
        """Give everything that was written, with the secrets looked up now."""
        return {name: self._resolved(value) for name, value in self.config.items()}

    def digest(self) -> str:
        """Tell settings apart, secrets too, without giving them away."""
        whole = json.dumps([self.connector, self.opened()], sort_keys=True, default=str)
        return hashlib.sha256(whole.encode()).hexdigest()

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._resolved(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._resolved(each) for each in value]
        if isinstance(value, str) and value.startswith("env:"):
            return self._from_environment(value.removeprefix("env:"))
        if isinstance(value, str) and value.startswith("file:"):
            return self._from_file(value.removeprefix("file:"))
        return value

    def _from_environment(self, variable: str) -> str:
        if not variable.startswith(SECRET_PREFIX):
            raise self._problem(f"secrets are read from variables that begin with {SECRET_PREFIX} only")
        if variable not in os.environ:
            raise self._problem(f"the variable {variable} is not set")
        return os.environ[variable]

    def _from_file(self, name: str) -> str:
        file = (self.secrets_dir / name).resolve()
        if not file.is_relative_to(self.secrets_dir.resolve()):
            raise self._problem(f"the secret {name} lies outside {self.secrets_dir}")
        try:
            return file.read_text("utf-8").rstrip("\r\n")
        except OSError as problem:
            raise self._problem(f"the secret {file} cannot be read: {problem.strerror}") from problem

    def _problem(self, what: str) -> SettingsProblem:
        return SettingsProblem([f"resources.{self.name}: {what}."])


def read(settings: Settings) -> dict[str, ResourceConfig]:
    """Read the connected systems from the operator's file; none if there is no file."""
    file = settings.file("files.resources")
    if file is None:
        return {}
    try:
        text = file.read_text("utf-8")
        return dict(_parsed(file, text, settings.file("files.secrets") or file.parent))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsProblem([f"{file}: {problem}"]) from problem


@lru_cache(maxsize=8)
def _parsed(file: Path, text: str, secrets_dir: Path) -> Mapping[str, ResourceConfig]:
    """Parse the text once; every task asks."""
    tables = tomllib.loads(text).get("resources", {})
    problems = [each for name, table in tables.items() for each in _problems(name, table)]
    if problems:
        raise SettingsProblem([f"{file}: {each}" for each in problems])
    return {name: _read_one(name, table, secrets_dir) for name, table in tables.items()}


def _problems(name: str, table: Any) -> list[str]:
    if not isinstance(table, dict):
        return [f"{name} is not a table [resources.{name}]."]
    problems = []
    if not table.get("connector"):
        problems.append(f'{name} does not say which connector it uses: connector = "ldap".')
    if table.get("mode", "ask") not in MODES:
        problems.append(f"{name}: mode is one of {', '.join(MODES)}.")
    if not isinstance(table.get("concurrency", 1), int) or table.get("concurrency", 1) < 1:
        problems.append(f"{name}: concurrency is a number, at least 1.")
    return problems


def _read_one(name: str, table: Mapping[str, Any], secrets_dir: Path) -> ResourceConfig:
    return ResourceConfig(
        name=name,
        connector=table["connector"],
        mode=table.get("mode", "ask"),
        concurrency=table.get("concurrency", 1),
        title=table.get("title", name),
        config={key: value for key, value in table.items() if key not in OUR_KEYS},
        secrets_dir=secrets_dir,
    )
