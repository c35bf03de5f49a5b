"""Everything that can be said against an item that could be read. Each check notes all that it finds."""

from catalog.checks import head, names, patterns, process, questions, resources, steps, texts
from catalog.known import Known
from catalog.reading import Reading

__all__ = ["run"]

CHECKS = (texts, head, questions, patterns, names, steps, resources, process)


def run(reading: Reading, known: Known) -> None:
    """Run every check over what could be read."""
    for check in CHECKS:
        check.check(reading, known)
