"""`set`: change people, employments, leaves and holdings through their verbs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from catalog.steps.base import Spec
from catalog.texts import TemplateValues

TARGETS: Mapping[str, frozenset[str]] = {
    "person": frozenset({"mobile", "phone", "mail", "title", "given_name", "surname"}),
    "employment": frozenset({"ends_on", "title", "unit", "manager", "form"}),
    "leave": frozenset({"kind", "starts_on", "ends_on", "keep_phone", "account_readable"}),
    "delegation": frozenset({"to", "starts_on", "ends_on"}),
    "holding": frozenset({"until_on", "title"}),
}
"""What can be set, and of it what. Beside these, `values:` keeps names of one's own."""


class Set(Spec):
    """`set: {employment: {ends_on: "{last_day}"}}`: noun, attribute, value."""

    kind: ClassVar[str] = "set"
    main: ClassVar[str] = "nouns"
    effect: ClassVar[bool] = True

    nouns: Mapping[str, TemplateValues]

    def values(self) -> Mapping[str, Any]:
        """Read the names of one's own that this step keeps."""
        return self.nouns.get("values", {})
