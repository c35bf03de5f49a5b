"""A text in the portal's languages, and the small types that every part of an item is written with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

MAIN = ""
"""The key of a text that was written as one string: it is in the main language."""


class Texts(RootModel[dict[str, str]]):
    """One text: `{sv: …, nb: …, en: …}`, or one string in the main language."""

    model_config = ConfigDict(frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {MAIN: value} if isinstance(value, str) else value

    def get(self, language: str, main: str = "sv") -> str:
        """Read the text in a language, else in the main one, else in any."""
        for key in (language, MAIN, main):
            if key in self.root:
                return self.root[key]
        return next(iter(self.root.values()), "")

    def __bool__(self) -> bool:
        return any(self.root.values())

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.root.items())))


class Part(BaseModel):
    """The common ground of everything in an item: never changed, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


@dataclass(frozen=True)
class Rule:
    """Marks a field whose text is a rule."""

    gives: str = "a value"


@dataclass(frozen=True)
class Template:
    """Marks a field whose texts may hold placeholders."""


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
TeamKey = Annotated[str, Field(pattern=r"^team/[a-z][a-z0-9-]*$")]
RuleText = Annotated[str, Rule()]
TemplateText = Annotated[str, Template()]
TemplateTexts = Annotated[Texts, Template()]
TemplateValues = Annotated[Mapping[str, Any], Template()]
