"""Which steps a request has: the order's own, or what something that happens to a holding makes of them.

Because `ensure` states the wanted result, extending, resuming and changing are the item's own ensure steps wanted again:
per object folded in order into one wanted state. Ending adds an `absent` for each object that no `on_end` step names.
Steps with `for_each` are not folded: they cannot be published yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from catalog import placeholders, rules
from catalog.references import needs_of, steps_in
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


def steps_for(
    item: CatalogItem,
    purpose: Purpose,
    done: Sequence[Done],
    names: Mapping[str, Any],
    *,
    suspended: bool = False,
    once: frozenset[str] = frozenset(),
) -> list[Written]:
    """List the steps of a request of this purpose."""
    match purpose:
        case "deliver":
            return [_as_written(item, step, {}) for step in item.steps]
        case "extend" | "resume" | "change":
            folded = fold(item, purpose, done, names, suspended=suspended and purpose != "resume", once=once)
            own = {"extend": item.on_extend, "resume": item.on_resume, "change": item.on_change}[purpose]
            return [*folded, *_section(item, own, done, after=frozenset(step.id for step in folded))]
        case "suspend":
            if item.on_suspend is not None:
                return _section(item, item.on_suspend, done)
            return list(_switched_off(item, done, once))
        case "end":
            return _ending(item, item.on_end, done, once)
        case "undo":
            return _ending(item, _undoing(item, done, once), done, once)


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


def _as_written(item: CatalogItem, step: Step, accounts: Mapping[str, Any]) -> Written:
    if not isinstance(step.spec, Ensure | Absent):
        return Written(step)
    meant = object_of(item, step)
    return Written(step, wanted=step.spec.with_, object=meant, account=accounts.get(meant))


def _accounts(item: CatalogItem, done: Sequence[Done]) -> dict[str, Any]:
    found = {}
    for record in done:
        step = item.step(record.step)
        if record.account is not None and step is not None and isinstance(step.spec, Ensure):
            found[object_of(item, step)] = record.account
    return found


def _section(
    item: CatalogItem, steps: Sequence[Step], done: Sequence[Done], *, after: frozenset[str] = frozenset()
) -> list[Written]:
    accounts = _accounts(item, done)
    return [_named(item, step, accounts, after) for step in steps]


def _named(item: CatalogItem, step: Step, accounts: Mapping[str, Any], after: frozenset[str]) -> Written:
    """Write out which object a step of an `on_…` list means."""
    meant = object_of(item, step)
    if isinstance(step.spec, Ensure | Absent) and meant not in ("", step.id) and step.spec.of != meant:
        step = step.model_copy(update={"spec": step.spec.model_copy(update={"of": meant})})
    written = _as_written(item, step, accounts)
    return Written(step, written.wanted, object=meant, account=accounts.get(meant), after=after)


def fold(
    item: CatalogItem,
    purpose: Purpose,
    done: Sequence[Done],
    names: Mapping[str, Any],
    *,
    suspended: bool,
    once: frozenset[str],
) -> list[Written]:
    """Fold the ensure steps that were done into one wanted state per object, the later word winning."""
    last = {record.step: record for record in done if not record.row}
    accounts = _accounts(item, done)
    objects: dict[str, list[Step]] = {}
    for step in item.steps:
        if isinstance(step.spec, Ensure) and step.spec.target not in once and not step.for_each:
            objects.setdefault(_key(item, step), []).append(step)
    folded = []
    for key, steps in objects.items():
        counted = [step for step in steps if _counts(last.get(step.id), purpose)]
        made = any(last[step.id].state == "done" for step in counted)
        try:
            wanted_steps = [step for step in counted if rules.holds(step.when, names)]
        except rules.Undecidable as error:
            folded.append(
                _wanted_again(steps[0], {}, object_of(item, steps[0]), accounts, undecided=error.rule)
            )
            continue
        if wanted_steps:
            wanted: dict[str, Any] = {}
            for step in wanted_steps:
                wanted |= spec_of(step).with_
            if suspended and "enabled" in wanted:
                wanted["enabled"] = False
            folded.append(_wanted_again(steps[0], wanted, object_of(item, steps[0]), accounts))
        elif made and purpose == "change" and key == steps[0].id:
            folded.append(_no_longer(item, steps[0], accounts))
    return _standing(folded, last)


def _key(item: CatalogItem, step: Step) -> str:
    meant = object_of(item, step)
    return f"{BENEFICIARY} {spec_of(step).target}" if meant == BENEFICIARY else meant


def _counts(record: Done | None, purpose: Purpose) -> bool:
    if record is None:
        return False
    return record.state == "done" or (purpose == "change" and record.skipped_by == "rule")


def _wanted_again(
    step: Step, wanted: Mapping[str, Any], meant: str, accounts: Mapping[str, Any], *, undecided: str = ""
) -> Written:
    spec = step.spec.model_copy(update={"with_": dict(wanted)})
    again = step.model_copy(update={"spec": spec, "needs": (), "when": ""})
    return Written(
        again, dict(wanted), whole=True, object=meant, account=accounts.get(meant), undecided=undecided
    )


def _no_longer(item: CatalogItem, step: Step, accounts: Mapping[str, Any]) -> Written:
    absent = _absent(item, step)
    return Written(absent, {}, object=step.id, account=accounts.get(step.id), added=True)


def _absent(item: CatalogItem, step: Step) -> Step:
    name = f"gone_{step.id}"
    while item.step(name) is not None:
        name += "_"
    spec = Absent.model_construct(target=spec_of(step).target, of=step.id, with_={}, remove="made")
    return Step.model_construct(id=name, label=None, when="", needs=(), for_each=None, spec=spec)


def _standing(folded: list[Written], last: Mapping[str, Done]) -> list[Written]:
    """Leave out what uses the result of something that is neither there nor wanted."""
    while True:
        there = {written.id for written in folded} | {
            name for name, record in last.items() if record.state == "done"
        }
        standing = [
            written
            for written in folded
            if not written.whole or steps_in(placeholders.names_in(written.wanted)) <= there
        ]
        if len(standing) == len(folded):
            return standing
        folded = standing


def live_objects(item: CatalogItem, done: Sequence[Done], once: frozenset[str] = frozenset()) -> list[Step]:
    """List the steps that made objects which are still there, first made first."""
    live: dict[str, Done] = {}
    for record in done:
        step = item.step(record.step)
        if record.state != "done" or record.row:
            continue
        if step is not None and isinstance(step.spec, Ensure):
            meant = object_of(item, step)
            if meant != BENEFICIARY and step.spec.target not in once:
                live.setdefault(meant, record)
        elif record.kind == "absent" or (step is not None and isinstance(step.spec, Absent)):
            meant = (
                object_of(item, step) if step is not None else record.step.removeprefix("gone_").rstrip("_")
            )
            live.pop(meant, None)
            if record.account is not None:
                live = {key: made for key, made in live.items() if made.account != record.account}
    return [step for step in map(item.step, live) if step is not None]


def _switched_off(item: CatalogItem, done: Sequence[Done], once: frozenset[str]) -> Iterator[Written]:
    """Turn off, by default, the objects whose steps mention `enabled`."""
    accounts = _accounts(item, done)
    for maker in live_objects(item, done, once):
        mentions = (
            step
            for step in item.steps
            if isinstance(step.spec, Ensure)
            and object_of(item, step) == maker.id
            and "enabled" in step.spec.with_
        )
        if any(mentions):
            spec = Ensure.model_construct(target=spec_of(maker).target, of="", with_={"enabled": False})
            off = maker.model_copy(update={"spec": spec, "needs": (), "when": ""})
            yield Written(off, spec.with_, object=maker.id, account=accounts.get(maker.id), added=True)


def _undoing(item: CatalogItem, done: Sequence[Done], once: frozenset[str]) -> list[Step]:
    """Pick the `on_end` steps whose object was made, and close the gaps that waits leave."""
    live = {step.id for step in live_objects(item, done, once)}
    needs = needs_of(item.on_end)
    kept = [step for step in item.on_end if object_of(item, step) in live]
    left_out = {step.id for step in item.on_end} - {step.id for step in kept}

    def through(ids: frozenset[str], seen: frozenset[str] = frozenset()) -> frozenset[str]:
        within = [through(needs[name], seen | {name}) for name in ids & left_out - seen]
        return (ids - left_out).union(*within)

    return [step.model_copy(update={"needs": tuple(sorted(through(needs[step.id])))}) for step in kept]


def _ending(
    item: CatalogItem, steps: Sequence[Step], done: Sequence[Done], once: frozenset[str]
) -> list[Written]:
    """Add an `absent` for each object no step names: last made first, before the first written one, else last."""
    accounts = _accounts(item, done)
    written = _section(item, steps, done)
    named = {step.object for step in written}
    gone = [
        Written(
            _absent(item, step).model_copy(update={"needs": None}), {}, object=step.id,
            account=accounts.get(step.id), added=True,
        )
        for step in reversed(live_objects(item, done, once))
        if step.id not in named
    ]  # fmt: skip
    first = next((index for index, step in enumerate(written) if step.step.kind == "absent"), len(written))
    after = frozenset(step.id for step in gone)
    later = [replace(step, after=after) if step.step.kind == "absent" else step for step in written[first:]]
    return [*written[:first], *gone, *later]
