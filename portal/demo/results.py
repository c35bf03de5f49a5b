"""What people fill in when they have done a task."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from catalog.steps.task import Result

MOSTLY_FIRST = (6, 1, 1, 1, 1, 1, 1)


def results_for(
    fields: Sequence[Result], known: Mapping[str, Any], rng: random.Random, today: date
) -> dict[str, Any]:
    """Fill in the fields of a task; `known` has what the plan says itself."""
    return {
        field.name: known[field.name] if field.name in known else _made(field, rng, today) for field in fields
    }


def _made(field: Result, rng: random.Random, today: date) -> Any:
    if field.choices:
        return rng.choices([c.value for c in field.choices], MOSTLY_FIRST[: len(field.choices)])[0]
    match field.name:
        case "inventory":
            return f"INV-{rng.randint(20000, 39999)}"
        case "serial":
            return f"PF{rng.randrange(16**6):06X}"
        case "computer_name":
            return f"LF-{rng.randint(10000, 99999)}"
        case "phone_number":
            return f"070-{rng.randint(100, 999)} {rng.randint(10, 99)} {rng.randint(10, 99)}"
        case "delivered_on":
            return (today + timedelta(days=1)).isoformat()
        case "operator_order":
            return f"OP{rng.randint(100000, 999999)}"
        case "extension_number":
            return str(rng.randint(20000, 29999))
        case "key_number":
            return f"N{rng.randint(100, 999)}"
        case "room":
            return f"{rng.randint(1, 4)}{rng.randint(100, 599)}"
        case "copy_number":
            return f"{rng.choice('LPFK')}-{rng.randint(1, 24):02d}"
        case "signature":
            return "".join(rng.choices("ABCDEFGHJKLMNPRST", k=4))
        case "version":
            return f"{rng.randint(1, 9)}.{rng.randint(0, 12)}"
        case "cost":
            return rng.choice((0, 0, 45, 90, 120))
        case "archived_at":
            return "E-arkivet, serie 2.4"
        case "cause":
            return "Fel i en inställning"
        case "solution":
            return "Inställningen är rättad."
    return "Klart" if field.required else None
