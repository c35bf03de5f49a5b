"""What all step kinds have in common."""

from typing import Any, ClassVar

from catalog.texts import Part

Place = tuple[str | int, ...]


class Spec(Part):
    """What one step of a kind says. `main` names the field that stands behind the kind's own word."""

    kind: ClassVar[str]
    main: ClassVar[str] = ""
    gate_free: ClassVar[bool] = False
    effect: ClassVar[bool] = False

    @classmethod
    def raw(cls, value: Any, beside: dict[str, Any]) -> Any:
        """Put the value behind the kind's word and the keys beside it together for validation."""
        if cls.main:
            return {cls.main: value, **beside}
        return {**value, **beside} if isinstance(value, dict) else value

    def rules(self) -> tuple[tuple[Place, str], ...]:
        """List the rules that stand where a word or a team could, with where they stand."""
        return ()
