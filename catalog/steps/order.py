"""`order`: another item is ordered, with answers. Read, but not yet carried out."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.steps.base import Spec
from catalog.texts import RuleText, Slug, TemplateValues


class Order(Spec):
    """Which item, for whom, with which answers, and what happens when it is rejected."""

    kind: ClassVar[str] = "order"
    main: ClassVar[str] = "item"
    effect: ClassVar[bool] = True

    item: Slug
    with_: TemplateValues = Field(default_factory=dict, alias="with")
    for_: RuleText = Field(default="beneficiary", alias="for")
    on_reject: Literal["fail", "go_on"] = "fail"
