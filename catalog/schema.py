"""What a catalog item is: frozen models, nothing unknown in them. Files become these in loader.py."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, field_validator, model_validator

from catalog.problems import N_
from catalog.steps import KINDS, Spec
from catalog.texts import Name, Part, RuleText, Slug, TeamKey, Template, TemplateTexts, Texts

Count = Annotated[int, Field(gt=0)]
Money = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
QuestionType = Literal[
    "text",
    "long_text",
    "number",
    "date",
    "choice",
    "choices",
    "yes_no",
    "person",
    "people",
    "unit",
    "holding",
    "information",
    "section",
]
SILENT = frozenset({"information", "section"})
"""Question types that ask nothing."""

IS_TARGETS = frozenset(
    {
        "person",
        "beneficiary",
        "unit",
        *(f"person.{name}" for name in ("given_name", "surname", "mobile", "mail", "hr_number", "company")),
        *(
            f"employment.{name}"
            for name in (
                "form",
                "starts_on",
                "ends_on",
                "title",
                "unit",
                "manager",
                "workplace",
                "replaces",
                "sponsor",
            )
        ),
        *(f"leave.{name}" for name in ("kind", "starts_on", "ends_on", "keep_phone", "account_readable")),
    }
)
"""Where a question with `is:` is written at submit, and read from each time it is used."""


class Amount(Part):
    """What something costs once and each month."""

    once: Money = Decimal(0)
    monthly: Money = Decimal(0)


class Price(Amount):
    """What the item costs by itself; `times` names the number question that multiplies it."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "SEK"
    times: Name | None = None


class Span(Part):
    """A promised time: exactly one of working days, hours and minutes."""

    working_days: Annotated[int, Field(gt=0, le=1000)] | None = None
    hours: Annotated[int, Field(gt=0, le=10_000)] | None = None
    minutes: Annotated[int, Field(gt=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Span":
        if len([part for part in (self.working_days, self.hours, self.minutes) if part is not None]) != 1:
            raise ValueError(N_("Write exactly one of working_days, hours and minutes."))
        return self


class Promise(Part):
    """What is promised: until it is done, and for some items until somebody answers."""

    done: Span | None = None
    answer: Span | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_part(cls, value: Any) -> Any:
        if isinstance(value, dict) and value and not value.keys() & {"done", "answer"}:
            return {"done": value}
        return value


class ByHand(Part):
    """Minutes of work before the portal and now, for the ledger of freed time."""

    before: Annotated[int, Field(ge=0)]
    now: Annotated[int, Field(ge=0)] = 0


class Choice(Part):
    """One thing to choose; a string alone is a value shown as it is written."""

    value: Annotated[str, Field(min_length=1, max_length=60)]
    label: Texts | None = None
    hint: Texts | None = None
    price: Amount | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"value": value} if isinstance(value, str) else value

    def shown(self, language: str, main: str = "sv") -> str:
        """Read the label, or the value where there is none."""
        return self.label.get(language, main) if self.label else self.value


class Question(Part):
    """One field of the order form."""

    name: Name
    type: QuestionType
    label: TemplateTexts
    hint: TemplateTexts | None = None
    required: bool = False
    when: RuleText = ""
    default: Annotated[Any, Template()] = None
    choices: tuple[Choice, ...] = ()
    list: Slug | None = None
    item: tuple[Slug, ...] = ()
    whose: Literal["beneficiary", "anyone"] = "beneficiary"
    is_: str | None = Field(default=None, alias="is")
    min: int | RuleText | None = None
    max: int | RuleText | None = None
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    format: Literal["email", "phone"] | None = None
    pattern: Annotated[str, Field(max_length=200)] = ""
    valid: RuleText = ""
    message: Texts | None = None
    times: Name | None = None
    report: bool = False

    @field_validator("item", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @property
    def asks(self) -> bool:
        """Tell a question from a heading and from an explanation."""
        return self.type not in SILENT

    @property
    def many(self) -> bool:
        """Tell whether the answer is a list."""
        return self.type in {"choices", "people"}


class Step(Part):
    """One line of the process. What its kind says of itself is in `spec`."""

    id: Name
    label: Texts | None = None
    when: RuleText = ""
    needs: tuple[Name, ...] | None = None
    for_each: Name | None = None
    spec: SerializeAsAny[Spec]

    @property
    def kind(self) -> str:
        """Read the step kind."""
        return self.spec.kind

    @model_validator(mode="before")
    @classmethod
    def _by_kind(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "spec" in value:
            return value
        own, spec = split(value)
        return {**own, "spec": spec}


SHARED = frozenset({"id", "label", "when", "needs", "for_each"})
"""What every step may say, whatever its kind."""


def split(raw: dict[str, Any]) -> tuple[dict[str, Any], Spec]:
    """Part a step as written into what all steps have and what its kind says."""
    kinds = [key for key in raw if key in KINDS]
    if len(kinds) != 1:
        raise ValueError(f"a step says exactly one of {', '.join(sorted(KINDS))}")
    kind, value = KINDS[kinds[0]], raw[kinds[0]]
    own = {key: raw[key] for key in raw if key in SHARED}
    beside = {key: raw[key] for key in raw if key not in SHARED and key != kinds[0]}
    if kind.kind == "approve" and isinstance(value, dict) and "label" in value:
        own.setdefault("label", value["label"])
        value = {key: value[key] for key in value if key != "label"}
    return own, kind.model_validate(kind.raw(value, beside))


class Renewal(Part):
    """How long something is kept before the holder is asked whether it is needed."""

    months: Count


class HoldingSpec(Part):
    """What somebody has as a result, and when that ends."""

    follows: Literal["employment", "person", "nothing"] = "employment"
    until: Name | None = None
    title: TemplateTexts | None = None
    end_word: Literal["return", "cancel", "end"] = "end"
    renew: Renewal | None = None
    remind: tuple[Count, ...] = ()
    unit_change: Literal["keep", "end"] = "keep"
    transferable: bool = False


class CatalogItem(Part):
    """Something that can be ordered, reported, read or followed as a link."""

    format: Literal[1] = 1
    id: Slug
    kind: Literal["order", "report", "information", "link"] = "order"
    title: Texts
    summary: Texts
    description: Texts | None = None
    category: Slug
    icon: Slug = "box"
    keywords: tuple[str, ...] = ()
    owner: TeamKey
    order_for: Literal["self", "others", "both", "unit"] = "self"
    available_to: RuleText = ""
    sensitive: bool = False
    price: Price = Price()
    promise: Promise | None = None
    minutes_by_hand: ByHand | None = None
    classification: str = ""
    retention: str = ""
    review_by: date | None = None
    information_owner: str = ""
    languages_unread: tuple[str, ...] = ()
    link: Texts | None = None
    body: Texts | None = None
    creates: Literal["person"] | None = None
    questions: tuple[Question, ...] = ()
    steps: tuple[Step, ...] = ()
    holding: HoldingSpec | None = None
    on_end: tuple[Step, ...] = ()
    on_suspend: tuple[Step, ...] | None = None
    on_resume: tuple[Step, ...] = ()
    on_extend: tuple[Step, ...] = ()
    on_change: tuple[Step, ...] = ()

    def question(self, name: str) -> Question | None:
        """Find a question by its name."""
        return next((question for question in self.questions if question.name == name), None)

    def step(self, step_id: str) -> Step | None:
        """Find a step by its id, wherever it stands."""
        return next((step for step in self.all_steps() if step.id == step_id), None)

    def all_steps(self) -> Iterator[Step]:
        """Walk through every step, the order's own first."""
        yield from self.steps
        for section in SECTIONS:
            yield from getattr(self, section) or ()

    @property
    def gives_holding(self) -> bool:
        """Tell whether somebody has something as a result."""
        return self.holding is not None or any(step.kind == "ensure" for step in self.steps)


SECTIONS = ("on_end", "on_suspend", "on_resume", "on_extend", "on_change")
"""The lists of steps that run when something happens to a holding."""
