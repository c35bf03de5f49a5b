"""Everything that can be said against an item that could be read. Each check notes all that it finds."""

from catalog.checks.head import check as check_head
from catalog.checks.names import check as check_names
from catalog.checks.patterns import check as check_patterns
from catalog.checks.process import check as check_process
from catalog.checks.questions import check as check_questions
from catalog.checks.resources import check as check_resources
from catalog.checks.steps import check as check_steps
from catalog.checks.texts import check as check_texts
from catalog.known import Known
from catalog.reading import Reading

CHECKS = (
    check_texts,
    check_head,
    check_questions,
    check_patterns,
    check_names,
    check_steps,
    check_resources,
    check_process,
)


def run(reading: Reading, known: Known) -> None:
    """Run every check over what could be read."""
    for check in CHECKS:
        check(reading, known)
