"""`task`: done by hand, in a team's queue; with `letter` also a mail to somebody outside."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from catalog.problems import N_
from catalog.steps.base import Spec
from catalog.texts import Name, Part, RuleText, TeamKey, TemplateText, TemplateTexts, Texts


class ResultChoice(Part):
    """One answer an agent can pick."""

    value: str
    label: Texts


class Result(Part):
    """Something the agent notes when the task is done; reached as `steps.<id>.<name>`."""

    name: Name
    label: Texts
    type: Literal["text", "long_text", "number", "date", "yes_no", "choice"] = "text"
    required: bool = False
    choices: tuple[ResultChoice, ...] = ()
    hint: Texts | None = None


class Letter(Part):
    """A mail to an operator or supplier; the case's number is put last in the subject."""

    to: TemplateText
    subject: TemplateTexts
    body: TemplateTexts


class Due(Part):
    """When a task should be done: counted from when it is ready, or on a day."""

    working_days: Annotated[int, Field(gt=0, le=1000)] | None = None
    hours: Annotated[int, Field(gt=0, le=10_000)] | None = None
    minutes: Annotated[int, Field(gt=0, le=100_000)] | None = None
    on: TemplateText | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Due":
        if (
            len([part for part in (self.working_days, self.hours, self.minutes, self.on) if part is not None])
            != 1
        ):
            raise ValueError(N_("Write exactly one of working_days, hours, minutes and on."))
        return self


class Task(Spec):
    """What a team does by hand."""

    kind: ClassVar[str] = "task"
    effect: ClassVar[bool] = True

    team: TeamKey
    title: TemplateTexts
    instructions: TemplateTexts | None = None
    checklist: tuple[TemplateTexts, ...] = ()
    results: tuple[Result, ...] = ()
    letter: Letter | None = None
    due: Due | None = None
    urgent: RuleText = ""
