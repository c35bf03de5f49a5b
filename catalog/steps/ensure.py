"""`ensure` and `absent`: an object in another system is wanted, with these values; or wanted no more."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.steps.base import Spec
from catalog.texts import TemplateValues

BENEFICIARY = "beneficiary"
"""`of: beneficiary` is their one object of that kind, made by another item."""


class Target(Spec):
    """A kind of object on a resource, and which of them."""

    target: str = Field(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$")
    of: str = ""
    with_: TemplateValues = Field(default_factory=dict, alias="with")

    main: ClassVar[str] = "target"
    effect: ClassVar[bool] = True

    @property
    def resource(self) -> str:
        """Read the resource's key."""
        return self.target.partition("/")[0]

    @property
    def object_kind(self) -> str:
        """Read the kind of object."""
        return self.target.partition("/")[2]


class Ensure(Target):
    """The object is there and looks like this. Not mentioned is not ours to touch."""

    kind: ClassVar[str] = "ensure"


class Absent(Target):
    """The claim on the object ends, and with its last claim the object."""

    kind: ClassVar[str] = "absent"

    remove: Literal["made", "always"] = "made"
