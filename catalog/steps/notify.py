"""`notify`: a letter to somebody in the house."""

from typing import ClassVar

from pydantic import Field, field_validator

from catalog.steps.base import Place, Spec
from catalog.texts import Part, Slug, TemplateTexts

WORDS = frozenset({"beneficiary", "requester", "manager", "coordinators"})
"""Receivers the portal finds by itself; anything else is `team/<key>` or a rule that gives people."""


class Message(Part):
    """The letter's own words."""

    subject: TemplateTexts
    body: TemplateTexts


class Notify(Spec):
    """To whom, and what: the name of a letter in templates/mail/, or its words."""

    kind: ClassVar[str] = "notify"
    main: ClassVar[str] = "to"

    to: tuple[str, ...]
    message: Slug | Message = Field(union_mode="left_to_right")

    @field_validator("to", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def rules(self) -> tuple[tuple[Place, str], ...]:
        """List the receivers that are written as rules."""
        return tuple((("to", index), who) for index, who in enumerate(self.to) if is_rule(who))


def is_rule(who: str) -> bool:
    """Tell a rule from a word and from a team."""
    return who not in WORDS and not who.startswith("team/")
