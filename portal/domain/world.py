"""What the domain must know of the installation, as plain data on the session.

Connectors, files and settings stay outside: `create_app`, the workers and the command line read them once
and put a `World` on every session's `info`. Tests make their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sqlalchemy.orm import Session

from catalog.categories import Category, shipped
from catalog.known import KindInfo, Known


@dataclass(frozen=True)
class LeaveRule:
    """When a kind of leave pauses what somebody has; None = never."""

    pause_after_days: int | None = None


@dataclass(frozen=True)
class Policy:
    """What happens around the last day of one form of employment (config/lifecycle.yaml)."""

    form: str
    label: Mapping[str, str] = field(default_factory=dict)
    needs_last_day: bool = False
    longest_months: int = 0
    remind_days: tuple[int, ...] = ()
    remind_to: tuple[str, ...] = ("manager",)
    can_extend: bool = False
    bundle: bool = False
    grace_days: int = 90
    leave: Mapping[str, LeaveRule] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """The installation as the verbs see it."""

    known: Known
    categories: tuple[Category, ...] = field(default_factory=shipped)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    concurrency: Mapping[str, int] = field(default_factory=dict)
    calendar: str = "SE"
    closed_days: frozenset[date] = frozenset()
    link_days: int = 30
    password_hours: int = 72
    base_url: str = "http://127.0.0.1:8000"
    main_language: str = "sv"
    desk: str = "team/approval-desk"
    resend_working_days: int = 10
    signin_for_approvals: bool = False

    def kind(self, resource: str, kind: str) -> KindInfo:
        """Return what is known of a kind; raises KeyError for what is not connected."""
        return self.known.resources[resource].kinds[kind]

    def policy(self, form: str) -> Policy:
        """Return the policy of a form of employment, or one that does nothing early."""
        return self.policies.get(form) or Policy(form)


def world_of(session: Session) -> World:
    """Return the installation's world, put on the session by whoever made its factory."""
    return cast(World, session.info["world"])
