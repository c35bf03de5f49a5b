"""Ensure, absent and reserve: connected systems, kinds, attributes and walls, and what is left at the end."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from catalog import placeholders
from catalog.checks.head import _unknown
from catalog.known import KindInfo, Known
from catalog.objects import makers_of, object_of
from catalog.problems import N_
from catalog.reading import SECTION_NAMES, Reading
from catalog.schema import Step
from catalog.steps import Absent, Ensure, Reserve
from catalog.steps.ensure import BENEFICIARY, Target
from catalog.tree import Path

MOST_VALUES = 200


def check(reading: Reading, known: Known) -> None:
    """Look at every step that means something in another system."""
    for section in SECTION_NAMES:
        for index, step in reading.steps[section]:
            if isinstance(step.spec, Target):
                path = reading.step_path(section, index, ("spec",))
                kind = _target(reading, known, path, step.spec.target)
                _of(reading, section, index, step)
                if kind is not None:
                    _values(reading, known, section, index, step, kind)
            elif isinstance(step.spec, Reserve):
                for place, attribute in enumerate(step.spec.free_in):
                    _free_in(
                        reading,
                        known,
                        reading.step_path(section, index, ("spec", "free_in", place)),
                        attribute,
                    )
    _left_over(reading, known)


def _target(reading: Reading, known: Known, path: Path, target: str) -> KindInfo | None:
    """Find the kind, or say which part of resource/kind is not known."""
    resource, _, name = target.partition("/")
    info = known.resources.get(resource)
    if info is None:
        _unknown(reading, path, "resource", resource, frozenset(known.resources))
        return None
    if name not in info.kinds:
        _unknown(reading, path, "kind", name, frozenset(info.kinds))
        return None
    if info.allowed_kinds is not None and name not in info.allowed_kinds:
        message = N_("%(resource)s does not let items use %(kind)s.")
        reading.tree.problem(path, "walls", message, resource=info.title or resource, kind=name)
    return info.kinds[name]


def _free_in(reading: Reading, known: Known, path: Path, written: str) -> None:
    target, _, attribute = written.partition(".")
    kind = _target(reading, known, path, target)
    if kind is not None and attribute not in kind.fields:
        _unknown(reading, path, "attribute", attribute, frozenset(kind.fields))


def _of(reading: Reading, section: str, index: int, step: Step) -> None:
    """See to it that a step says whose object it means, and that there is one."""
    spec, item = step.spec, reading.item
    assert isinstance(spec, Target)
    where = reading.step_path(section, index, ("spec", "of"))
    if spec.of and spec.of != BENEFICIARY and spec.of not in reading.unread_steps:
        named = item.step(spec.of)
        if named is None:
            ids = frozenset(other.id for other in item.steps) | {BENEFICIARY}
            _unknown(reading, where, "step", spec.of, ids)
        elif not isinstance(named.spec, Ensure):
            message = N_("“%(name)s” makes no object, so nothing can be of it.")
            reading.tree.problem(where, "of", message, name=spec.of)
    if spec.of or (section == "steps" and isinstance(spec, Ensure)):
        return
    makers = makers_of(item, spec.target)
    if len(makers) > 1 and not spec.with_:
        message = N_("Which one is meant? Write “of:” with one of %(known)s.")
        listed = ", ".join(sorted(maker.id for maker in makers))
        reading.tree.problem((*where[:2],), "of", message, known=listed)
    elif not makers and not spec.with_ and not reading.unread_steps:
        message = N_("No step makes a %(target)s, so it is not clear which is meant. Write “of:” or “with:”.")
        reading.tree.problem((*where[:2],), "of", message, target=spec.target)


def _values(reading: Reading, known: Known, section: str, index: int, step: Step, kind: KindInfo) -> None:
    spec = step.spec
    assert isinstance(spec, Target)
    for name, value in spec.with_.items():
        path = reading.step_path(section, index, ("spec", "with", name))
        if name not in kind.fields:
            _unknown(reading, path, "attribute", name, frozenset(kind.fields))
            continue
        if not _fits(value, kind.fields[name]):
            message = N_("“%(value)s” cannot be the value of %(name)s.")
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            reading.tree.problem(path, "value", message, value=shown[:60], name=name)
            continue
        _inside_walls(reading, known, path, spec, name, value)
    makes = isinstance(spec, Ensure) and object_of(reading.item, step) == step.id and not spec.of
    missing = [name for name in kind.needed if name not in spec.with_ and name not in kind.supplied]
    if makes and missing and not kind.once and spec.with_.keys() <= kind.fields.keys():
        message = N_("A new %(kind)s cannot be made without %(names)s.")
        path = reading.step_path(section, index, ("spec",))
        reading.tree.problem(path, "needed", message, kind=spec.target, names=", ".join(missing))


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a literal can be an attribute's value; what is looked up is judged when known."""
    if value is None or value == "" or (isinstance(value, str) and "{" in value):
        return True
    types = set(_types(schema))
    if not types:
        return True
    matching = {
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "array": isinstance(value, list | tuple),
        "object": isinstance(value, Mapping | str),
        "string": isinstance(value, str) or hasattr(value, "isoformat"),
    }
    return any(matching.get(name, True) for name in types)


def _types(schema: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(schema.get("type"), str) and schema["type"] != "null":
        yield schema["type"]
    for part in schema.get("anyOf", ()):
        yield from _types(part)
    if "$ref" in schema or "allOf" in schema:
        yield "object"


def _inside_walls(reading: Reading, known: Known, path: Path, spec: Target, name: str, value: Any) -> None:
    """Refuse what lies outside the resource's walls, for every value that a choice can give it."""
    info = known.resources[spec.resource]
    allowed = info.allowed.get(f"{spec.object_kind}.{name}")
    for possible in islice(_possible(reading, known, value), MOST_VALUES):
        said = info.outside(spec.object_kind, {name: possible}) if info.outside else None
        if said or (allowed is not None and str(possible) not in allowed):
            title = info.title or spec.resource
            message = N_("“%(value)s” lies outside what %(resource)s lets items use.")
            reading.tree.problem(path, "walls", message, value=str(possible), resource=title, said=said or "")


def _possible(reading: Reading, known: Known, value: Any) -> Iterator[Any]:
    """List the values a template can have, when it looks only at one choice."""
    if not isinstance(value, str) or "{" not in value:
        if value not in (None, ""):
            yield value
        return
    try:
        roots = {name.split(".")[0] for name in placeholders.names_in(value)}
    except placeholders.TemplateFault:
        return
    question = reading.item.question(next(iter(roots))) if len(roots) == 1 else None
    if question is None or question.type != "choice":
        return
    rows = (known.lists or {}).get(question.list or "", ())
    answers = [*rows, *({"value": choice.value} for choice in question.choices)]
    for answer in answers:
        possible = placeholders.render(value, {question.name: answer})
        if possible not in (None, ""):
            yield possible


def _left_over(reading: Reading, known: Known) -> None:
    """Say which objects nobody takes care of at the end; memberships go by themselves."""
    item = reading.item
    named = {object_of(item, step) for step in item.on_end if isinstance(step.spec, Ensure | Absent)}
    if any(
        isinstance(raw, dict) and not {"id"} <= raw.keys() for raw in reading.tree.value.get("on_end") or []
    ):
        return
    if len(item.on_end) < len(reading.tree.value.get("on_end") or []):
        return
    for index, step in reading.steps["steps"]:
        if not isinstance(step.spec, Ensure) or object_of(item, step) != step.id or step.id in named:
            continue
        parent = item.step(step.spec.of) if step.spec.of else None
        if step.spec.of and (parent is None or not isinstance(parent.spec, Ensure)):
            continue
        kind = known.kind(step.spec.target)
        if kind is not None and not kind.link and not kind.once and not kind.one_shot:
            message = N_("“%(name)s” is made but not named in “on_end”. What happens to it at the end?")
            path = reading.step_path("steps", index, ("spec",))
            reading.tree.problem(path, "not-ended", message, name=step.id)
