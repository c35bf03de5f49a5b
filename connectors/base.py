"""What a connector is: settings, kinds of objects, and how to find, create, update and delete one.

A kind is a pydantic model of wanted attributes. What is *mentioned* is wanted, mentioned and empty is
cleared, and what is not mentioned is not ours to touch; so every attribute but the keys is optional.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.config import JsonDict

from connectors.errors import Conflict, ConnectorError, Denied, Invalid, Misconfigured, Unavailable, Unknown

__all__ = [
    "Conflict",
    "Connector",
    "ConnectorError",
    "Denied",
    "Found",
    "Invalid",
    "Key",
    "Misconfigured",
    "Once",
    "Point",
    "Ref",
    "Secret",
    "Setting",
    "Unavailable",
    "Unknown",
    "Until",
    "Value",
    "Wanted",
]

MARKER_PREFIX = "ordna:"


def _marked(mark: str, label: str, *, wall: str = "", needed: bool = False, **more: Any) -> Any:
    extra: JsonDict = {"mark": mark, "wall": wall, "needed": needed}
    return Field(title=label, json_schema_extra=extra, **more)


def Key(label: str, *, wall: str = "") -> Any:  # noqa: N802 - reads as a declaration
    """Mark a field as part of what the object is called; `wall` names the allow-list its value must be on."""
    return _marked("key", label, wall=wall, needed=True)


def Value(label: str, *, wall: str = "", needed: bool = False) -> Any:  # noqa: N802 - reads as a declaration
    """Mark an ordinary attribute; `needed` means that the object cannot be made without it."""
    return _marked("", label, wall=wall, needed=needed, default=None)


def Once(label: str, *, needed: bool = False) -> Any:  # noqa: N802 - reads as a declaration
    """Mark an attribute that is given at creation and never compared afterwards."""
    return _marked("once", label, needed=needed, default=None)


def Secret(label: str, *, needed: bool = True) -> Any:  # noqa: N802 - reads as a declaration
    """Mark an attribute that is never shown, logged or read back."""
    return _marked("secret", label, needed=needed, default=None, repr=False)


def Until(label: str) -> Any:  # noqa: N802 - reads as a declaration
    """Mark a date of which the latest wish wins; none is later than any day."""
    return _marked("until", label, default=None)


class Ref(BaseModel):
    """Another object, as `{steps.account}` gives it: a mapping with resource, kind, key, stable_id and id.

    `id` is the account row's UUID (the marker without its prefix). A bare text is taken as the key.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    resource: str = ""
    kind: str = ""
    key: str = ""
    stable_id: str = ""
    id: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"key": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.key or self.stable_id


class Wanted(BaseModel):
    """The wanted state of one object; subclasses are the kinds."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    is_link: ClassVar[bool] = False  # the key is the identity, as with a membership
    is_once: ClassVar[bool] = False  # acts when asked and leaves nothing to compare, as with a first password
    is_one_shot: ClassVar[bool] = False  # cannot be looked up: an uncertain call is never repeated

    @classmethod
    def kind_name(cls) -> str:
        """Say what items call this kind: FirstPassword is `first-password`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Check values from an item; the first that does not fit is an Invalid that names its field."""
        for name, value in values.items():
            if isinstance(value, str) and "\x00" in value:
                raise Invalid(
                    f"{cls.label_of(name)} contains a character that no system can store.", field=name
                )
        try:
            return cls.model_validate({n: cls._emptied(n, v) for n, v in values.items()})
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            if first["type"] == "extra_forbidden":
                known = ", ".join(cls.model_fields)
                text = f"{cls.kind_name()} has no attribute {name!r}; it has {known}."
            else:
                text = f"{cls.label_of(name)} ({cls.kind_name()}.{name}) is not usable: {first['msg']}."
            raise Invalid(text, field=name) from None

    @classmethod
    def _emptied(cls, name: str, value: Any) -> Any:
        return None if value == "" and name in cls.model_fields and name not in cls.marked("key") else value

    @classmethod
    def extra_of(cls, name: str) -> Mapping[str, Any]:
        """Return how a field is marked."""
        info = cls.model_fields[name]
        return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}

    @classmethod
    def label_of(cls, name: str) -> str:
        """Return a field's label in words."""
        info = cls.model_fields.get(name)
        return (info.title if info else None) or name

    @classmethod
    def marked(cls, mark: str) -> tuple[str, ...]:
        """List the fields that carry a mark: key, once, secret, until."""
        return tuple(name for name in cls.model_fields if cls.extra_of(name).get("mark") == mark)

    @classmethod
    def needed(cls) -> tuple[str, ...]:
        """List the fields without which an object cannot be made."""
        return tuple(name for name in cls.model_fields if cls.extra_of(name).get("needed"))

    @property
    def key(self) -> str:
        """Return the natural key as one text."""
        return " / ".join(str(getattr(self, name)) for name in self.marked("key"))

    def mentioned(self) -> dict[str, Any]:
        """Return what the wish mentions, in the model's order."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }


@dataclass(frozen=True)
class Setting:
    """One line of a resource's configuration."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    default: Any = None
    type: str = "text"  # text, number, yes_no


@dataclass(frozen=True)
class Found:
    """An object as the other system shows it, in the words of its kind; `where` is its place there (a DN)."""

    stable_id: str
    key: str
    values: Mapping[str, Any]
    marker: str | None = None
    where: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Point:
    """One line of a resource's check-up."""

    ok: bool
    text: str
    advice: str = ""


class Connector:
    """Code for one sort of system; an instance is one connected resource, for one thread at a time."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    settings: ClassVar[tuple[Setting, ...]] = ()
    kinds: ClassVar[tuple[type[Wanted], ...]] = ()
    walls: ClassVar[tuple[str, ...]] = ()  # the allow-lists a resource has to state, beside `kinds`

    def __init__(self, name: str, config: Mapping[str, Any], walls: Mapping[str, Any]) -> None:
        self.name = name
        self.config = config
        self.stated_walls = walls
        self._depth = 0
        self.ready()

    def ready(self) -> None:
        """Look at the settings without calling anybody; raise Misconfigured."""

    def check(self) -> Sequence[Point]:
        """Ask the system how it feels, point by point; stops at the first that fails."""
        raise NotImplementedError

    def find(self, wanted: Any) -> Found | None:
        """Look an object up by its natural key."""
        raise NotImplementedError

    def find_by_id(self, kind: type[Wanted], stable_id: str) -> Found | None:
        """Look an object up by the id that outlives renaming; None where the system has no such id."""
        return None

    def find_by_marker(self, kind: type[Wanted], marker: str) -> Found | None:
        """Look up the object that carries our marker; None where there is no place for one."""
        return None

    def find_by_field(self, kind: type[Wanted], name: str, value: str) -> Found | None:
        """Look up who holds a value that must be unique, such as a user name or an address."""
        if kind.marked("key") == (name,):
            return self.find(kind.read({name: value}))
        raise Misconfigured(f"{self.title} cannot say whether {kind.kind_name()}.{name} is free.", field=name)

    def create(self, wanted: Any, marker: str) -> None:
        """Make the object, with our marker on it from its first moment."""
        raise NotImplementedError

    def update(self, found: Found, wanted: Any, changes: Mapping[str, Any]) -> None:
        """Change the named fields; None means clear it."""
        raise NotImplementedError

    def delete(self, found: Found, wanted: Any) -> None:
        """Take the object away; one that is gone already is no error."""
        raise NotImplementedError

    def list(self, kind: type[Wanted]) -> Iterator[Found]:
        """Yield every object of a kind inside the walls, or raise; never a silently short list."""
        raise Misconfigured(f"{self.title} cannot list {kind.kind_name()}.")

    def close(self) -> None:
        """Let go of connections; called when the outermost `with` ends."""

    def kind(self, name: str) -> type[Wanted]:
        """Return the kind of that name."""
        for kind in self.kinds:
            if kind.kind_name() == name:
                return kind
        names = ", ".join(k.kind_name() for k in self.kinds)
        raise Invalid(f"{self.title} has no kind {name!r}; it has {names}.", field="kind")

    def __enter__(self) -> Self:
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.close()
