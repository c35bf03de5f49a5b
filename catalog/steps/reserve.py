"""`reserve`: take a user name, an address or a number before any other system is asked."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from catalog.steps.base import Spec
from catalog.texts import Name, Slug, TemplateText

FreeIn = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$")]


class Reserve(Spec):
    """What the name is called here, in which name space, and what the first candidate is made from."""

    kind: ClassVar[str] = "reserve"
    gate_free: ClassVar[bool] = True

    as_: Name = Field(alias="as")
    space: Slug
    from_: TemplateText = Field(alias="from")
    then: Literal["number"] = "number"
    free_in: tuple[FreeIn, ...] = ()


def candidates(first: str) -> Iterator[str]:
    """Give the name itself, then with 2, 3, 4 … behind it (before an @)."""
    local, at, domain = first.partition("@")
    yield first
    number = 1
    while True:
        number += 1
        yield f"{local}{number}{at}{domain}"
