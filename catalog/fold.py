"""Which steps a request has: the order's own, or what something that happens to a holding makes of them.

Because `ensure` states the wanted result, extending, resuming and changing are the item's own ensure steps
wanted again: per object folded in order into one wanted state. Ending adds an `absent` for each object that
no `on_end` step names. Steps with `for_each` are not folded: they cannot be published yet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog import placeholders, rules
from catalog.endings import ending, live_objects, switched_off, undoing
from catalog.objects import (
    Done,
    Purpose,
    Written,
    absent_for,
    accounts_of,
    as_written,
    object_of,
    section,
    spec_of,
)
from catalog.references import steps_in
from catalog.schema import CatalogItem, Step
from catalog.steps import Ensure
from catalog.steps.ensure import BENEFICIARY


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
            return [as_written(item, step, {}) for step in item.steps]
        case "extend" | "resume" | "change":
            folded = fold(item, purpose, done, names, suspended=suspended and purpose != "resume", once=once)
            own = {"extend": item.on_extend, "resume": item.on_resume, "change": item.on_change}[purpose]
            return [*folded, *section(item, own, done, after=frozenset(step.id for step in folded))]
        case "suspend":
            if item.on_suspend is not None:
                return section(item, item.on_suspend, done)
            return list(switched_off(item, done, once))
        case "end":
            return ending(item, item.on_end, done, once)
        case "undo":
            return ending(item, undoing(item, done, once), done, once)


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
    accounts = accounts_of(item, done)
    live = {step.id for step in live_objects(item, done, once)}
    objects: dict[str, list[Step]] = {}
    for step in item.steps:
        if isinstance(step.spec, Ensure) and step.spec.target not in once and not step.for_each:
            objects.setdefault(_key(item, step), []).append(step)
    folded = []
    for key, steps in objects.items():
        counted = [step for step in steps if _counts(last.get(step.id), purpose)]
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
        elif purpose == "change" and key in live:
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
    absent = absent_for(item, step)
    return Written(absent, {}, object=step.id, account=accounts.get(step.id), added=True)


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
