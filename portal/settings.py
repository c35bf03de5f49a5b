"""What the operator decides, as it is in force.

The keys stand in `portal/setting_keys.py`. Values come from the file named by `PORTAL_CONFIG` and from the
environment (`PORTAL__MAIL__HOST`), which wins. `PORTAL_DATABASE_URL` and `PORTAL_SECRET_KEY` are short names
for two of them.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.i18n import LANGUAGES
from portal.setting_keys import KEYS, Key, Value


class SettingsProblem(Exception):
    """Everything that is wrong with the settings, a line each."""

    def __init__(self, problems: list[str]) -> None:
        """Keep all the lines."""
        self.problems = problems
        super().__init__("\n".join(problems))


_BY_NAME: Final = {key.name: key for key in KEYS}
_SHORT: Final = {"PORTAL_DATABASE_URL": "database.url", "PORTAL_SECRET_KEY": "secret.key"}


@dataclass(frozen=True)
class Effective:
    """One line of the page that shows the settings in force. A secret's value is never in it."""

    key: str
    value: Value
    source: str
    default: Value
    help: str


class Settings(Mapping[str, Value]):
    """The settings in force."""

    def __init__(self, values: Mapping[str, Value] | None = None, *, source: str = "code") -> None:
        """Take values over the defaults, checked."""
        self._values: dict[str, Value] = {}
        self._sources: dict[str, str] = {}
        self.take({name: (value, source) for name, value in (values or {}).items()})

    def take(self, found: Mapping[str, tuple[Any, str]]) -> None:
        """Take values with their sources, over those already there; tell everything that is wrong at once."""
        problems = []
        for name, (raw, source) in found.items():
            try:
                self._values[name] = _checked(name, raw)
                self._sources[name] = source
            except ValueError as problem:
                problems.append(f"{source}: {problem}")
        problems += self._disagreements()
        if problems:
            raise SettingsProblem(problems)
        self.__dict__.pop("zone", None)

    def __getitem__(self, name: str) -> Value:
        """Give a value by its full name."""
        return self._values.get(name, _BY_NAME[name].default)

    def __iter__(self) -> Iterator[str]:
        """Go through all names."""
        return iter(_BY_NAME)

    def __len__(self) -> int:
        """Count the settings."""
        return len(_BY_NAME)

    def text(self, name: str) -> str:
        """Give a value as text."""
        return str(self[name])

    def number(self, name: str) -> int:
        """Give a whole number."""
        return int(self[name])  # type: ignore[arg-type]  # checked against the default's type when taken

    def share(self, name: str) -> float:
        """Give a share of one."""
        return float(self[name])  # type: ignore[arg-type]  # as above

    def flag(self, name: str) -> bool:
        """Give a yes or no."""
        return bool(self[name])

    def names(self, name: str) -> list[str]:
        """Give a list."""
        return list(self[name])  # type: ignore[arg-type]  # as above

    def is_default(self, name: str) -> bool:
        """Tell whether a setting has not been set."""
        return name not in self._values

    @property
    def base_url(self) -> str:
        """The address of the portal without a slash at its end."""
        written = self.text("portal.base_url").rstrip("/")
        return written or f"http://{self.text('server.host')}:{self.number('server.port')}"

    @property
    def is_https(self) -> bool:
        """Tell whether people reach the portal over HTTPS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Tell whether the portal listens to this machine only."""
        return self.text("server.host") in ("127.0.0.1", "::1", "localhost")

    @property
    def data_dir(self) -> Path:
        """The folder for everything that is kept."""
        return Path(self.text("portal.data_dir")).expanduser().absolute()

    @property
    def database_url(self) -> str:
        """The database's address."""
        return self.text("database.url") or f"sqlite:///{self.data_dir / 'portal.db'}"

    @property
    def main_language(self) -> str:
        """The language to fall back on."""
        return self.names("portal.languages")[0]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The installation's time zone."""
        return ZoneInfo(self.text("portal.zone"))

    def file(self, name: str) -> Path | None:
        """Give a file or folder that a setting names, if it names one."""
        return Path(self.text(name)).expanduser().absolute() if self.text(name) else None

    def effective(self) -> list[Effective]:
        """List every setting with its value, where it comes from, its default and what it is for."""
        return [
            Effective(
                key.name,
                ("•••" if self[key.name] else "") if key.secret else self[key.name],
                self._sources.get(key.name, "default"),
                key.default,
                key.help,
            )
            for key in KEYS
        ]

    def _disagreements(self) -> list[str]:
        problems = []
        unknown = [each for each in self.names("portal.languages") if each not in LANGUAGES]
        if unknown or not self.names("portal.languages"):
            problems.append(f"portal.languages: choose among {', '.join(LANGUAGES)}.")
        if urlsplit(self.base_url).scheme not in ("http", "https") or not urlsplit(self.base_url).netloc:
            problems.append("portal.base_url: write the whole address, such as https://portal.example.org.")
        try:
            ZoneInfo(self.text("portal.zone"))
        except (ZoneInfoNotFoundError, ValueError):
            problems.append(f"portal.zone: {self.text('portal.zone')} is no time zone.")
        return problems


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the file and the environment."""
    environ = os.environ if environ is None else environ
    found: dict[str, tuple[Any, str]] = {}
    if environ.get("PORTAL_CONFIG"):
        found |= _from_file(Path(environ["PORTAL_CONFIG"]))
    found |= _from_environment(environ)
    settings = Settings()
    settings.take(found)
    return settings


def _from_file(file: Path) -> dict[str, tuple[Any, str]]:
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as problem:
        raise SettingsProblem([f"{file}: cannot be read: {problem.strerror}."]) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsProblem([f"{file}: {problem}"]) from problem
    found: dict[str, tuple[Any, str]] = {}
    for section, table in tables.items():
        if isinstance(table, dict):
            found |= {f"{section}.{name}": (value, str(file)) for name, value in table.items()}
        else:
            found[section] = (table, str(file))
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for variable, value in environ.items():
        if variable in _SHORT and value:
            found[_SHORT[variable]] = (value, variable)
        elif variable.startswith("PORTAL__"):
            found[variable.removeprefix("PORTAL__").replace("__", ".").lower()] = (value, variable)
    return found


def _checked(name: str, raw: Any) -> Value:
    key = _BY_NAME.get(name)
    if key is None:
        near = get_close_matches(name, _BY_NAME, n=1)
        raise ValueError(f"there is no setting {name}." + (f" Did you mean {near[0]}?" if near else ""))
    value = _as_type_of(key, raw)
    if key.choices and value not in key.choices:
        raise ValueError(f"{name} is one of {', '.join(key.choices)}.")
    return value


def _as_type_of(key: Key, raw: Any) -> Value:
    match key.default, raw:
        case bool(), bool():
            return raw
        case bool(), str() if raw.lower() in ("true", "false", "1", "0", "yes", "no"):
            return raw.lower() in ("true", "1", "yes")
        case bool(), _:
            raise ValueError(f"{key.name} is true or false.")
        case int() | float(), bool():
            raise ValueError(f"{key.name} is a number.")
        case int() | float(), int() | float() | str():
            try:
                number = type(key.default)(raw)
            except ValueError:
                raise ValueError(f"{key.name} is a number.") from None
            if number < 0:
                raise ValueError(f"{key.name} cannot be negative.")
            return number
        case list(), list():
            return [str(each) for each in raw]
        case list(), str():
            return [each.strip() for each in raw.split(",") if each.strip()]
        case str(), str():
            return raw
        case _:
            raise ValueError(f"{key.name} is not written right.")
