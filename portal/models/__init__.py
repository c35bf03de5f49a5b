"""The tables; importing this package knows them all."""

from portal.models import (
    approval,
    audit,
    employment,
    holding,
    item,
    org,
    person,
    request,
    setting,
    sign_in,
    task,
    team,
    work,
)
from portal.models.base import Base

__all__ = [
    "Base",
    "approval",
    "audit",
    "employment",
    "holding",
    "item",
    "org",
    "person",
    "request",
    "setting",
    "sign_in",
    "task",
    "team",
    "work",
]
