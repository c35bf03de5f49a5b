"""`wait`: until a day, for a number of days, or as long as the policy of the form of employment says."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from catalog.problems import N_
from catalog.steps.base import Spec
from catalog.texts import Name, TemplateText

Count = Annotated[int, Field(gt=0, le=3650)]


class Wait(Spec):
    """Exactly one of a day, days, working days and a policy."""

    kind: ClassVar[str] = "wait"

    until: TemplateText | None = None
    days: Count | None = None
    working_days: Count | None = None
    policy: Name | None = None

    @classmethod
    def raw(cls, value: Any, beside: dict[str, Any]) -> Any:
        """Read `wait: policy.grace` as the policy it names."""
        if isinstance(value, str) and value.startswith("policy."):
            value = {"policy": value.removeprefix("policy.")}
        return super().raw(value, beside)

    @model_validator(mode="after")
    def _exactly_one(self) -> "Wait":
        if (
            len(
                [part for part in (self.until, self.days, self.working_days, self.policy) if part is not None]
            )
            != 1
        ):
            raise ValueError(N_("Write exactly one of until, days, working_days and policy.grace."))
        return self
