"""The steps together: what each stands on exists, nothing stands on itself, and every step can be reached."""

from collections.abc import Mapping, Sequence

from catalog import rules
from catalog.checks.head import _unknown
from catalog.known import Known
from catalog.placeholders import TemplateFault
from catalog.problems import N_
from catalog.reading import SECTION_NAMES, Reading
from catalog.references import needs_of
from catalog.rules import RuleFault
from catalog.schema import Step


def check(reading: Reading, known: Known) -> None:
    """Look at every list of steps as a whole."""
    for section in SECTION_NAMES:
        steps = list({step.id: (index, step) for index, step in reversed(reading.steps[section])}.values())[
            ::-1
        ]
        _needs(reading, section, steps)
        try:
            needs = needs_of([step for _, step in steps])
        except (RuleFault, TemplateFault):
            continue
        circles = _circles(needs)
        for circle in circles:
            first = min(circle, key=[step.id for _, step in steps].index)
            index = next(index for index, step in steps if step.id == first)
            message = N_("These steps wait for each other: %(steps)s. None of them can ever begin.")
            path = reading.step_path(section, index)
            key = "needs" if "needs" in (reading.tree.at(path) or {}) else "id"
            reading.tree.problem((*path, key), "circle", message, steps=", ".join(sorted(circle)))
        _unreachable(reading, section, steps, needs, frozenset().union(*circles))


def _needs(reading: Reading, section: str, steps: Sequence[tuple[int, Step]]) -> None:
    ids = frozenset(step.id for _, step in steps)
    for index, step in steps:
        for place, needed in enumerate(step.needs or ()):
            path = (*reading.step_path(section, index), "needs", place)
            if needed not in ids and needed not in reading.unread_steps:
                _unknown(reading, path, "step", needed, ids - {step.id})


def _circles(needs: Mapping[str, frozenset[str]]) -> list[frozenset[str]]:
    """Find the groups of steps that stand on each other."""
    reach = {step: _reached(step, needs) for step in needs}
    circles = {
        frozenset(other for other in reach[step] if step in reach[other])
        for step in needs
        if step in reach[step]
    }
    return sorted(circles, key=sorted)


def _reached(step: str, needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    look = list(needs[step])
    while look:
        current = look.pop()
        if current not in found:
            found.add(current)
            look.extend(needs.get(current, ()))
    return frozenset(found)


def _unreachable(
    reading: Reading,
    section: str,
    steps: Sequence[tuple[int, Step]],
    needs: Mapping[str, frozenset[str]],
    stuck: frozenset[str],
) -> None:
    for index, step in steps:
        path = reading.step_path(section, index)
        behind = sorted(_reached(step.id, needs) & stuck)
        if step.id not in stuck and behind:
            message = N_("“%(name)s” is never reached: it stands behind %(behind)s.")
            reading.tree.problem(
                (*path, "id"), "unreachable", message, name=step.id, behind=", ".join(behind)
            )
        if step.when and _never(step.when):
            message = N_("“%(name)s” is never done: its rule is always false.")
            reading.tree.problem((*path, "when"), "unreachable", message, name=step.id)


def _never(rule: str) -> bool:
    try:
        return not rules.names_in(rule) and not rules.holds(rule, {})
    except (RuleFault, rules.Undecidable):
        return False
