"""The names that rules and placeholders can use, and what each has; README.md has the same as a table."""

from collections.abc import Mapping

ANY = "any"
"""The type of things whose attributes nobody can list: rows of lists, results, values."""

PLAIN = ""
"""The type of texts, numbers, days and truth: nothing stands below them."""

TYPES: Mapping[str, Mapping[str, str]] = {
    "contact": dict.fromkeys(("id", "name", "mail"), PLAIN),
    "unit": {
        **dict.fromkeys(("id", "name", "code", "group", "cost_centre", "domain"), PLAIN),
        "manager": "contact",
    },
    "person": {
        **dict.fromkeys(
            (
                "id",
                "name",
                "given_name",
                "surname",
                "hr_number",
                "mail",
                "mobile",
                "phone",
                "title",
                "company",
            ),
            PLAIN,
        ),
        **dict.fromkeys(("language", "roles", "teams", "form"), PLAIN),
        "unit": "unit",
        "manager": "contact",
        "accounts": ANY,
    },
    "employment": {
        **dict.fromkeys(("id", "form", "starts_on", "ends_on", "title", "workplace"), PLAIN),
        "unit": "unit",
        "manager": "contact",
        "replaces": "person",
        "sponsor": "person",
    },
    "leave": dict.fromkeys(("kind", "starts_on", "ends_on", "keep_phone", "account_readable"), PLAIN),
    "order": dict.fromkeys(("number", "placed_on"), PLAIN),
    "request": dict.fromkeys(("number", "purpose", "origin", "revision", "placed_on"), PLAIN),
    "holding": {
        **dict.fromkeys(
            ("id", "item", "title", "state", "starts_on", "ends_on", "until_on", "monthly"), PLAIN
        ),
        "owner": "person",
        "values": ANY,
    },
    "item": dict.fromkeys(("id", "title", "category"), PLAIN),
    "price": dict.fromkeys(("once", "monthly"), PLAIN),
    "policy": {"grace": PLAIN},
    "choice": dict.fromkeys(("value", "label"), PLAIN),
}

SYSTEM: Mapping[str, str] = {
    "me": "person",
    "requester": "person",
    "beneficiary": "person",
    "unit": "unit",
    "employment": "employment",
    "leave": "leave",
    "order": "order",
    "request": "request",
    "holding": "holding",
    "item": "item",
    "price": "price",
    "policy": "policy",
    "row": ANY,
    "today": PLAIN,
    "steps": "steps",
}

RESERVED = frozenset(SYSTEM) | {
    *(
        "none",
        "true",
        "false",
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "for",
        "lambda",
        "days",
        "months",
        "len",
    ),
}
"""What no question and no name of one's own can be called."""

ROLES = frozenset({"employee", "manager", "coordinator", "agent", "author", "auditor", "administrator"})

EMPLOYMENT_FORMS = frozenset({"permanent", "fixed_term", "seasonal", "hourly", "trainee", "consultant"})

ALWAYS = frozenset({"today", "price.once", "price.monthly", "item.id", "request.revision", "policy.grace"})
"""Names that are never none."""

MAYBE = frozenset(
    {
        "employment.ends_on",
        "leave.starts_on",
        "leave.ends_on",
        "holding.until_on",
        "holding.ends_on",
    }
)
"""System names with an order that may well be none."""

ANSWER_TYPES: Mapping[str, str] = {
    "person": "person",
    "unit": "unit",
    "holding": "holding",
    "choice": "choice",
}
"""What answers of these question types have; all others are plain."""


def wrong_attribute(
    type_name: str, path: tuple[str, ...], types: Mapping[str, Mapping[str, str]] = TYPES
) -> tuple[str, frozenset[str]] | None:
    """Find the first attribute that is not there, with those that are."""
    for part in path:
        if type_name == ANY:
            return None
        known = types.get(type_name, {})
        if part not in known:
            return part, frozenset(known)
        type_name = known[part]
    return None
