"""Which names, steps and gates each step stands on. What is referred to counts as needed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

from catalog import placeholders, rules
from catalog.schema import Step
from catalog.steps import Reserve, Set
from catalog.steps.ensure import BENEFICIARY
from catalog.texts import Part, Rule, Template, Texts

Path = tuple[str | int, ...]


@lru_cache(maxsize=256)
def _markers(model: type[Part]) -> Mapping[str, type[Rule] | type[Template]]:
    """Find the fields of a model that are marked as rules or as texts with placeholders."""
    found: dict[str, type[Rule] | type[Template]] = {}
    for name, field in model.model_fields.items():
        for marker in (*field.metadata, *_marks_within(field.annotation)):
            if isinstance(marker, Rule | Template):
                found[name] = type(marker)
    return found


def _marks_within(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _marks_within(part)


def written(part: Part) -> Iterator[tuple[Path, type[Rule] | type[Template], Any]]:
    """Walk through everything in a part that is a rule or may hold placeholders, with where it stands."""
    marked = _markers(type(part))
    for name, field in type(part).model_fields.items():
        value, key = getattr(part, name), field.alias or name
        if name in marked:
            if value not in (None, "") and not (marked[name] is Rule and not isinstance(value, str)):
                yield (key,), marked[name], value
        elif isinstance(value, Part) and not isinstance(value, Step):
            yield from (((key, *path), marker, found) for path, marker, found in written(value))
        elif isinstance(value, tuple):
            for index, entry in enumerate(value):
                if isinstance(entry, Part) and not isinstance(entry, Step):
                    yield from (
                        ((key, index, *path), marker, found) for path, marker, found in written(entry)
                    )


def texts_in(value: Any) -> Iterator[tuple[Path, str]]:
    """Walk through the plain strings of a value that may hold placeholders."""
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, Texts):
        yield from ((() if not key else (key,), text) for key, text in value.root.items())
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from (((key, *path), text) for path, text in texts_in(entry))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from (((index, *path), text) for path, text in texts_in(entry))


def names_in(part: Part) -> frozenset[str]:
    """List every dotted name that a step or question refers to."""
    found: set[str] = set()
    for _, marker, value in written(part):
        if marker is Rule:
            found |= rules.names_in(value)
        else:
            found.update(name for _, text in texts_in(value) for name in placeholders.names_in(text))
    if isinstance(part, Step):
        found.update(name for _, rule in part.spec.rules() for name in rules.names_in(rule))
        if part.for_each:
            found.add(part.for_each)
    return frozenset(found)


def steps_in(names: frozenset[str]) -> frozenset[str]:
    """List the step ids among dotted names."""
    return frozenset(name.split(".")[1] for name in names if name.startswith("steps.") and name.count("."))


def result_steps(step: Step) -> frozenset[str]:
    """List the steps without whose result this one has no meaning: those its `of` and `with` name."""
    of = getattr(step.spec, "of", "")
    used = {of} if of and of != BENEFICIARY else set()
    return frozenset(used) | steps_in(placeholders.names_in(getattr(step.spec, "with_", {})))


def bound(step: Step) -> tuple[str, ...]:
    """List the names of one's own that a step gives."""
    if isinstance(step.spec, Reserve):
        return (step.spec.as_,)
    return tuple(step.spec.values()) if isinstance(step.spec, Set) else ()


def needs_of(steps: Sequence[Step]) -> dict[str, frozenset[str]]:
    """Say which steps must be settled before each is looked at: written, referred to, and gates."""
    ids = {step.id for step in steps}
    givers: dict[str, list[str]] = {}
    for step in steps:
        for name in bound(step):
            givers.setdefault(name, []).append(step.id)
    needs: dict[str, frozenset[str]] = {}
    gates: set[str] = set()
    for index, step in enumerate(steps):
        names = names_in(step)
        needed = set(step.needs) if step.needs is not None else {steps[index - 1].id} if index else set()
        needed |= steps_in(names) | result_steps(step)
        for root in {name.split(".")[0] for name in names}:
            needed.update(givers.get(root, ()))
        if not step.spec.gate_free:
            needed |= gates
        needs[step.id] = frozenset(needed & ids) - ({step.id} & set(bound_by(step, givers)))
        if step.kind == "approve":
            gates.add(step.id)
    return needs


def bound_by(step: Step, givers: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Let a step that sets a name anew read the old value of that name."""
    return tuple(giver for name in bound(step) for giver in givers.get(name, ()) if giver == step.id)
