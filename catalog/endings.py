"""How what was made is turned off, taken away at the end, or undone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from catalog.objects import Done, Written, absent_for, accounts_of, object_of, section, spec_of
from catalog.references import needs_of
from catalog.schema import CatalogItem, Step
from catalog.steps import Absent, Ensure
from catalog.steps.ensure import BENEFICIARY


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


def switched_off(item: CatalogItem, done: Sequence[Done], once: frozenset[str]) -> Iterator[Written]:
    """Turn off, by default, the objects whose steps mention `enabled`."""
    accounts = accounts_of(item, done)
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


def undoing(item: CatalogItem, done: Sequence[Done], once: frozenset[str]) -> list[Step]:
    """Pick the `on_end` steps whose object was made, and close the gaps that waits leave."""
    live = {step.id for step in live_objects(item, done, once)}
    needs = needs_of(item.on_end)
    kept = [step for step in item.on_end if object_of(item, step) in live]
    left_out = {step.id for step in item.on_end} - {step.id for step in kept}

    def through(ids: frozenset[str], seen: frozenset[str] = frozenset()) -> frozenset[str]:
        within = [through(needs[name], seen | {name}) for name in ids & left_out - seen]
        return (ids - left_out).union(*within)

    return [step.model_copy(update={"needs": tuple(sorted(through(needs[step.id])))}) for step in kept]


def ending(
    item: CatalogItem, steps: Sequence[Step], done: Sequence[Done], once: frozenset[str]
) -> list[Written]:
    """Add an `absent` for each object no step names: last made first, before the first written."""
    accounts = accounts_of(item, done)
    written = section(item, steps, done)
    named = {step.object for step in written}
    gone = [
        Written(
            absent_for(item, step).model_copy(update={"needs": None}), {}, object=step.id,
            account=accounts.get(step.id), added=True,
        )
        for step in reversed(live_objects(item, done, once))
        if step.id not in named
    ]  # fmt: skip
    first = next((index for index, step in enumerate(written) if step.step.kind == "absent"), len(written))
    after = frozenset(step.id for step in gone)
    later = [replace(step, after=after) if step.step.kind == "absent" else step for step in written[first:]]
    return [*written[:first], *gone, *later]
