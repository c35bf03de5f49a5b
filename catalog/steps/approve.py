"""`approve`: somebody must say yes before anything written after it starts."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from catalog.steps.base import Place, Spec

Number = Annotated[int, Field(gt=0)]
Share = Annotated[str, Field(pattern=r"^\d{1,3}%$")]
WORDS = frozenset({"manager", "cost_centre_owner", "information_owner"})
"""Approvers the portal finds by itself; anything else is `team/<key>` or a rule that gives a person."""


class Approve(Spec):
    """Who decides, who is asked when there is nobody, and when they are reminded (working days)."""

    kind: ClassVar[str] = "approve"
    gate_free: ClassVar[bool] = True

    by: tuple[str, ...]
    fallback: str = ""
    remind: tuple[int, ...] = ()
    escalate: Annotated[int, Field(gt=0)] | None = None
    decide: Literal["first", "all"] | Number | Share | None = None
    own_order: Literal["is_yes", "next_level"] = "is_yes"

    @field_validator("by", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def rules(self) -> tuple[tuple[Place, str], ...]:
        """List the approvers that are written as rules."""
        asked = [*((("by", index), who) for index, who in enumerate(self.by)), (("fallback",), self.fallback)]
        return tuple((place, who) for place, who in asked if is_rule(who))


def is_rule(who: str) -> bool:
    """Tell a rule from a word and from a team."""
    return bool(who) and who not in WORDS and not who.startswith("team/")
