"""Steps, each by itself: ids, teams, approvers, letters, what is set, and what cannot be carried out yet."""

from catalog.checks.head import _unknown, unknown_team
from catalog.known import Known
from catalog.problems import N_
from catalog.reading import SECTION_NAMES, Reading
from catalog.schema import Step
from catalog.steps import NOT_YET, Approve, Notify, Order, Set, Task, Wait
from catalog.steps.set import TARGETS
from catalog.tree import Path

POLICIES = frozenset({"grace"})
TAKEN_RESULTS = frozenset({"state", "values", "decision"})


def check(reading: Reading, known: Known) -> None:
    """Look at every step."""
    seen: dict[str, Path] = {}
    for section in SECTION_NAMES:
        for index, step in reading.steps[section]:
            path = reading.step_path(section, index)
            if step.id in seen:
                line, _ = reading.tree.place((*seen[step.id], "id"))
                message = N_("There is another step “%(name)s”, on line %(line)s.")
                reading.tree.problem((*path, "id"), "duplicate-step", message, name=step.id, line=line)
            seen.setdefault(step.id, path)
            _one(reading, known, section, index, step)


def _one(reading: Reading, known: Known, section: str, index: int, step: Step) -> None:
    path = reading.step_path(section, index)
    if step.kind in NOT_YET:
        message = N_("A step of the kind %(kind)s cannot be carried out yet, so this cannot be published.")
        reading.tree.problem(path, "later", message, kind=step.kind)
    if step.for_each:
        message = N_("“for_each” cannot be carried out yet, so this cannot be published.")
        reading.tree.problem((*path, "for_each"), "later", message, key=True)
    match step.spec:
        case Approve():
            _approve(reading, known, section, index, step.spec)
        case Notify():
            for place, who in enumerate(step.spec.to):
                if who.startswith("team/") and not known.has_team(who):
                    unknown_team(
                        reading, reading.step_path(section, index, ("spec", "to", place)), who, known
                    )
            message_name = step.spec.message
            if (
                isinstance(message_name, str)
                and known.letters is not None
                and message_name not in known.letters
            ):
                _unknown(reading, (*path, "message"), "letter", message_name, known.letters)
        case Task():
            _task(reading, known, section, index, step.spec)
        case Wait(policy=str(policy)) if policy not in POLICIES:
            _unknown(reading, (*path, "wait"), "policy", policy, POLICIES)
        case Set():
            _set(reading, section, index, step.spec)
        case Order():
            _order(reading, known, path, step.spec)


def _approve(reading: Reading, known: Known, section: str, index: int, spec: Approve) -> None:
    for inner, who in [
        *((("by", place), who) for place, who in enumerate(spec.by)),
        (("fallback",), spec.fallback),
    ]:
        where = reading.step_path(section, index, ("spec", *inner))
        if who.startswith("team/") and not known.has_team(who):
            unknown_team(reading, where, who, known)
        if who == "information_owner" and not reading.item.information_owner:
            message = N_("The item names no information_owner, so nobody can be asked.")
            reading.tree.problem(where, "no-approver", message)
    if not spec.by:
        message = N_("Nobody is asked. Write in “by” who decides.")
        reading.tree.problem(reading.step_path(section, index, ("spec", "by")), "no-approver", message)
    if not spec.fallback:
        message = N_("Who decides when there is nobody else to ask? Write “fallback: team/…”.")
        reading.tree.problem(reading.step_path(section, index, ("spec",)), "no-fallback", message)
    days = [*spec.remind, *([spec.escalate] if spec.escalate else [])]
    if sorted(set(days)) != days:
        message = N_("Reminders come in rising order, and before the escalation.")
        reading.tree.problem(reading.step_path(section, index, ("spec", "remind")), "remind", message)


def _task(reading: Reading, known: Known, section: str, index: int, spec: Task) -> None:
    if not known.has_team(spec.team):
        unknown_team(reading, reading.step_path(section, index, ("spec", "team")), spec.team, known)
    seen: set[str] = set()
    for place, result in enumerate(spec.results):
        where = reading.step_path(section, index, ("spec", "results", place, "name"))
        if result.name in seen or result.name in TAKEN_RESULTS:
            message = N_("There is another “%(name)s” already. Each name can be given once.")
            reading.tree.problem(where, "duplicate-name", message, name=result.name)
        seen.add(result.name)
        if (result.type == "choice") != bool(result.choices):
            message = N_("A result of the type choice has choices, and no other has.")
            reading.tree.problem(where, "choices", message)


def _set(reading: Reading, section: str, index: int, spec: Set) -> None:
    for noun, values in spec.nouns.items():
        path = reading.step_path(section, index, ("spec", "nouns", noun))
        if noun == "values":
            continue
        if noun not in TARGETS:
            _unknown(reading, path, "noun", noun, frozenset(TARGETS) | {"values"})
            continue
        for name in values:
            if name not in TARGETS[noun]:
                _unknown(reading, (*path, name), "attribute", name, TARGETS[noun])


def _order(reading: Reading, known: Known, path: Path, spec: Order) -> None:
    if known.items is not None and spec.item not in known.items | {reading.item.id}:
        _unknown(reading, (*path, "order"), "item", spec.item, known.items)
    reached, look = {spec.item}, [spec.item]
    while look:
        for item in known.orders.get(look.pop(), frozenset()) - reached:
            reached.add(item)
            look.append(item)
    if reading.item.id in reached:
        message = N_("“%(item)s” orders this item again, and so on for ever.")
        reading.tree.problem((*path, "order"), "order-circle", message, item=spec.item)
