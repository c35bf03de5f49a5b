"""The step kinds: nine words (`absent` lives with `ensure`), one file each."""

from collections.abc import Mapping

from catalog.steps.approve import Approve
from catalog.steps.ask import Ask
from catalog.steps.base import Spec
from catalog.steps.ensure import Absent, Ensure
from catalog.steps.notify import Notify
from catalog.steps.order import Order
from catalog.steps.reserve import Reserve
from catalog.steps.set import Set
from catalog.steps.task import Task
from catalog.steps.wait import Wait

KINDS: Mapping[str, type[Spec]] = {
    spec.kind: spec for spec in (Approve, Ask, Task, Ensure, Absent, Notify, Wait, Reserve, Set, Order)
}

NOT_YET = frozenset({"ask", "order"})
"""Kinds that are read but refused when an item is published."""

__all__ = [
    "KINDS",
    "NOT_YET",
    "Absent",
    "Approve",
    "Ask",
    "Ensure",
    "Notify",
    "Order",
    "Reserve",
    "Set",
    "Spec",
    "Task",
    "Wait",
]
