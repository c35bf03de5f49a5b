"""What all step kinds have in common."""

from typing import Any, ClassVar

from catalog.texts import Part


class Spec(Part):
    """What one step of a kind says. `main` names the field that stands behind the kind's own word."""

    kind: ClassVar[str]
    main: ClassVar[str] = ""
    gate_free: ClassVar[bool] = False
    effect: ClassVar[bool] = False

    @classmethod
    def raw(cls, value: Any, beside: dict[str, Any]) -> Any:
        """Put the value behind the kind's word and the keys beside it together for validation."""
        if cls.main and not (isinstance(value, dict) and cls.main == "*"):
            return {cls.main: value, **beside}
        return {**value, **beside} if isinstance(value, dict) else value
