"""Steps as one request has them, and which object in another system each of them means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.schema import CatalogItem, Step
from catalog.steps import Absent, Ensure
from catalog.steps.ensure import BENEFICIARY, Target

Purpose = Literal["deliver", "extend", "change", "suspend", "resume", "end", "undo"]


@dataclass(frozen=True)
class Done:
    """One settled step of an earlier request of the same holding."""

    step: str
    state: str = "done"
    row: str = ""
    kind: str = ""
    resource: str = ""
    skipped_by: Literal["", "rule", "agent"] = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    account: Any = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Done":
        """Read a stored record; unknown keys are somebody else's."""
        known = {
            key: record[key] for key in cls.__dataclass_fields__ if key in record and record[key] is not None
        }
        return cls(**known)


@dataclass(frozen=True)
class Written:
    """A step as one request has it. For ensure and absent: which object, and what is wanted of it."""

    step: Step
    wanted: Mapping[str, Any] | None = None
    """The values wanted, with their placeholders: rendered when the step starts."""
    whole: bool = False
    """They are the whole wanted state; otherwise they are laid over the values of the object's claim."""
    object: str = ""
    """The id of the step that makes the object; `beneficiary` is theirs from another item."""
    account: Any = None
    """The account's id, when the object was made by an earlier request."""
    row: str = ""
    after: frozenset[str] = frozenset()
    """Steps it stands on besides those that the text says."""
    undecided: str = ""
    """The rule that could not be decided while the steps were put together."""
    added: bool = False
    """The item does not say this step: it was added."""

    @property
    def id(self) -> str:
        """Read the step's id."""
        return self.step.id

    @property
    def when(self) -> str:
        """Read the rule that is looked at when the step is reached."""
        return "" if self.whole else self.step.when


def object_of(item: CatalogItem, step: Step) -> str:
    """Say whose object a step means: the id of the step that makes it, or `beneficiary`."""
    spec = step.spec
    if not isinstance(spec, Ensure | Absent):
        return ""
    if spec.of == BENEFICIARY:
        return BENEFICIARY
    if spec.of:
        meant = item.step(spec.of)
        if meant is None or meant.id == step.id or getattr(meant.spec, "target", "") != spec.target:
            return step.id
        return object_of(item, meant)
    if step in item.steps:
        return step.id
    makers = makers_of(item, spec.target)
    return makers[0].id if len(makers) == 1 else step.id


def spec_of(step: Step) -> Target:
    """Read what an ensure or absent step says."""
    assert isinstance(step.spec, Target)
    return step.spec


def makers_of(item: CatalogItem, target: str) -> list[Step]:
    """List the steps of the order that make an object of this resource and kind."""
    ensures = [step for step in item.steps if isinstance(step.spec, Ensure) and step.spec.target == target]
    return [step for step in ensures if spec_of(step).of != BENEFICIARY and object_of(item, step) == step.id]


def as_written(item: CatalogItem, step: Step, accounts: Mapping[str, Any]) -> Written:
    """Write a step as it stands in the order."""
    if not isinstance(step.spec, Ensure | Absent):
        return Written(step)
    meant = object_of(item, step)
    return Written(step, wanted=step.spec.with_, object=meant, account=accounts.get(meant))


def accounts_of(item: CatalogItem, done: Sequence[Done]) -> dict[str, Any]:
    """Find the accounts of the objects that were made."""
    found = {}
    for record in done:
        step = item.step(record.step)
        if record.account is not None and step is not None and isinstance(step.spec, Ensure):
            found[object_of(item, step)] = record.account
    return found


def section(
    item: CatalogItem, steps: Sequence[Step], done: Sequence[Done], *, after: frozenset[str] = frozenset()
) -> list[Written]:
    """Write the steps of an `on_…` list."""
    accounts = accounts_of(item, done)
    return [named(item, step, accounts, after) for step in steps]


def named(item: CatalogItem, step: Step, accounts: Mapping[str, Any], after: frozenset[str]) -> Written:
    """Write out which object a step of an `on_…` list means."""
    meant = object_of(item, step)
    if isinstance(step.spec, Ensure | Absent) and meant not in ("", step.id) and step.spec.of != meant:
        step = step.model_copy(update={"spec": step.spec.model_copy(update={"of": meant})})
    written = as_written(item, step, accounts)
    return Written(step, written.wanted, object=meant, account=accounts.get(meant), after=after)


def absent_for(item: CatalogItem, step: Step) -> Step:
    """Make the step that takes a step's object away."""
    name = f"gone_{step.id}"
    while item.step(name) is not None:
        name += "_"
    spec = Absent.model_construct(target=spec_of(step).target, of=step.id, with_={}, remove="made")
    return Step.model_construct(id=name, label=None, when="", needs=(), for_each=None, spec=spec)
