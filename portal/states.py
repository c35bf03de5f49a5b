"""The lifecycles, as tables: from what state each action leads where.

Buttons, audit lines and tests are drawn from these tables; `portal.domain.transitions.move` is the only door.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class RequestState(StrEnum):
    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    IN_DELIVERY = "in_delivery"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"


class HoldingState(StrEnum):
    PLANNED = "planned"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDING = "ending"
    ENDED = "ended"


class AccountState(StrEnum):
    PLANNED = "planned"
    LIVE = "live"
    GONE = "gone"


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class ItemState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class ResourceState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True)
class Lifecycle:
    """A noun's states and the actions between them."""

    noun: str
    table: Iterable[tuple[str, Iterable[StrEnum], StrEnum]]
    moves: dict[str, tuple[frozenset[StrEnum], StrEnum]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", {action: (frozenset(old), new) for action, old, new in self.table})

    def allows(self, action: str, state: str) -> bool:
        """Say whether the action leads anywhere from this state."""
        return state in self.moves[action][0]

    def target(self, action: str) -> StrEnum:
        """Return the state that the action leads to."""
        return self.moves[action][1]


_R, _T, _H, _C, _I = RequestState, TaskState, HoldingState, AccountState, ItemState
_OPEN = {_R.IN_APPROVAL, _R.IN_DELIVERY}

OPEN_REQUEST = frozenset(_OPEN)
CLOSED_REQUEST = frozenset({_R.DELIVERED, _R.REJECTED, _R.CANCELLED})
SETTLED_TASK = frozenset({_T.DONE, _T.SKIPPED, _T.CANCELLED})
PENDING_TASK = frozenset({_T.WAITING, _T.READY, _T.RUNNING})

REQUEST = Lifecycle(
    "request",
    [
        ("submit", {_R.DRAFT}, _R.IN_APPROVAL),
        ("deliver", {_R.IN_APPROVAL}, _R.IN_DELIVERY),
        ("await_approval", {_R.IN_DELIVERY}, _R.IN_APPROVAL),
        ("complete", _OPEN, _R.DELIVERED),
        ("reject", _OPEN, _R.REJECTED),
        ("cancel", {_R.DRAFT, *_OPEN}, _R.CANCELLED),
        ("reopen", {_R.DELIVERED}, _R.IN_DELIVERY),
    ],
)

TASK = Lifecycle(
    "task",
    [
        ("start", {_T.WAITING}, _T.READY),
        ("claim", {_T.READY, _T.RUNNING}, _T.RUNNING),
        ("put_back", {_T.RUNNING}, _T.READY),
        ("complete", {_T.WAITING, _T.READY, _T.RUNNING, _T.FAILED}, _T.DONE),
        ("fail", {_T.WAITING, _T.READY, _T.RUNNING}, _T.FAILED),
        ("retry", {_T.FAILED}, _T.READY),
        ("skip", {_T.WAITING, _T.READY, _T.FAILED}, _T.SKIPPED),
        ("cancel", {_T.WAITING, _T.READY, _T.FAILED, _T.RUNNING}, _T.CANCELLED),
    ],
)

APPROVAL = Lifecycle(
    "approval",
    [
        ("approve", {ApprovalState.WAITING}, ApprovalState.APPROVED),
        ("reject", {ApprovalState.WAITING}, ApprovalState.REJECTED),
        ("lapse", {ApprovalState.WAITING}, ApprovalState.LAPSED),
    ],
)

HOLDING = Lifecycle(
    "holding",
    [
        ("activate", {_H.PLANNED}, _H.ACTIVE),
        ("suspend", {_H.ACTIVE}, _H.SUSPENDED),
        ("resume", {_H.SUSPENDED}, _H.ACTIVE),
        ("end", {_H.PLANNED, _H.ACTIVE, _H.SUSPENDED}, _H.ENDING),
        ("revive", {_H.ENDING}, _H.ACTIVE),
        ("finish", {_H.ENDING}, _H.ENDED),
        ("drop", {_H.PLANNED}, _H.ENDED),
    ],
)

ACCOUNT = Lifecycle(
    "account",
    [
        ("make", {_C.PLANNED, _C.GONE}, _C.LIVE),
        ("remove", {_C.PLANNED, _C.LIVE}, _C.GONE),
    ],
)

ITEM = Lifecycle(
    "item",
    [
        ("publish", {_I.DRAFT, _I.PUBLISHED, _I.RETIRED}, _I.PUBLISHED),
        ("retire", {_I.PUBLISHED}, _I.RETIRED),
    ],
)

MAIL = Lifecycle(
    "mail",
    [
        ("send", {MailState.QUEUED}, MailState.SENT),
        ("give_up", {MailState.QUEUED}, MailState.FAILED),
        ("drop", {MailState.QUEUED}, MailState.DROPPED),
    ],
)

RESOURCE = Lifecycle(
    "resource",
    [
        ("pause", {ResourceState.RUNNING}, ResourceState.PAUSED),
        ("carry_on", {ResourceState.PAUSED}, ResourceState.RUNNING),
    ],
)
