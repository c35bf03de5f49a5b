"""The one place where a running demo shows itself to the rest: who can be tried, and its line on top."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app
from flask import session as cookie
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class OneClick:
    """A person to try the portal as, and why."""

    person_id: int
    name: str
    role: str
    why: str


@dataclass(frozen=True)
class Demo:
    """What a demo gives. With a code, nothing of it is shown to who has not given the code."""

    people: Callable[[Session], Sequence[OneClick]]
    banner: Callable[[Session], Mapping[str, Any]]
    code: str = ""


def switch_on(app: Flask, demo: Demo) -> None:
    """Let the app run as a demo."""
    app.extensions["portal_demo"] = demo


def running() -> Demo | None:
    """Give the running demo, if there is one."""
    return cast("Demo | None", current_app.extensions.get("portal_demo"))


def lets_in() -> bool:
    """Tell whether the demo may be shown to who is asking."""
    demo = running()
    if demo is None:
        return False
    return not demo.code or secrets.compare_digest(str(cookie.get("demo_code", "")), _digest(demo.code))


def give_code(code: str) -> bool:
    """Remember in the browser that the right code was given; tell whether it was."""
    demo = running()
    if demo is None or not secrets.compare_digest(code.strip().encode(), demo.code.encode()):
        return False
    cookie["demo_code"] = _digest(demo.code)
    return True


def new_code() -> str:
    """Make a code that is easy to type on a telephone."""
    return f"{secrets.randbelow(1_000_000):06d}"


def _digest(code: str) -> str:
    return hashlib.sha256(b"demo:" + code.encode()).hexdigest()[:16]
