"""`ask`: somebody else fills in a form. Read, but not yet carried out."""

from typing import ClassVar

from catalog.steps.base import Spec
from catalog.texts import Name, Texts


class Ask(Spec):
    """Who is asked, and which of the item's questions."""

    kind: ClassVar[str] = "ask"
    gate_free: ClassVar[bool] = True

    who: str
    title: Texts
    questions: tuple[Name, ...]
