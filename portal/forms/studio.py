"""What authors fill in: an item as text, the reason of a version, the id and titles of a copy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length
from wtforms.validators import Optional as MayLack

from catalog.schema import CatalogItem as Item
from portal import keys
from portal.domain.queries import people, studio
from portal.domain.queries.catalog import Offer
from portal.forms.order import OrderForm
from portal.i18n import N_
from portal.models.item import CatalogItem
from portal.models.person import Person

LONGEST: Final = 200_000
SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,59}")
AS: Final = "as_person"
"""Under this is sent as whom a form is looked at; no question can be called so, theirs begin with `a.`."""


def _lines(text: str | None) -> str:
    """End lines as files do: browsers send them with two characters."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


class EditForm(FlaskForm):
    """An item as text, and the revision it was written on; `over` is the one that is knowingly replaced."""

    text = TextAreaField(
        filters=[_lines], validators=[Length(max=LONGEST, message=_l("The text is too long to be kept."))]
    )
    revision = IntegerField(validators=[InputRequired(_l("Open the page again before you save."))])
    over = IntegerField(validators=[MayLack()])


class ReasonForm(FlaskForm):
    """Why something is published or taken out, and the revision that was shown."""

    reason = TextAreaField(validators=[Length(max=1000, message=_l("Write at most 1,000 characters."))])
    revision = IntegerField(validators=[InputRequired(_l("Open the page again before you go on."))])

    def validate_reason(self, field: TextAreaField) -> None:
        """A reason is needed, so that others can follow it."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Write what has changed and why, so that others can follow it."))


@dataclass
class CopyForm:
    """The id and the titles of a copy."""

    key: str
    titles: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, data: Mapping[str, str], languages: list[str], *, main: str) -> "CopyForm":
        """Read what was sent."""
        titles = {each: " ".join(data.get(f"title_{each}", "").split())[:200] for each in languages}
        form = cls(data.get("key", "").strip()[:80], titles)
        if not SLUG.fullmatch(form.key):
            form.errors["key"] = N_(
                "Write an id of small letters a to z, digits and hyphens, such as vpn-abroad."
            )
        if not titles.get(main):
            form.errors[f"title_{main}"] = N_("Write a title in the main language.")
        return form

    @property
    def title(self) -> dict[str, str]:
        """The titles that were written."""
        return {language: text for language, text in self.titles.items() if text}


@dataclass(frozen=True)
class Chosen:
    """As whom a form is looked at, and who was found when somebody else was looked for."""

    person: Person
    query: str = ""
    found: tuple[Person, ...] | None = None
    more: bool = False


def chosen_person(session: Session, viewer: Person, data: Mapping[str, str]) -> Chosen:
    """Read as whom a form is looked at: the reader, until somebody else is chosen."""
    written = data.get(AS, "")
    picked = people.pick(session, viewer, int(written)) if re.fullmatch(r"[0-9]{1,18}", written) else None
    person, query = picked or viewer, data.get(f"{AS}_query", "")[:100]
    if not query.strip():
        return Chosen(person, "", (person,) if picked else None)
    found = people.find_people(session, viewer, query)
    first = [picked] if picked and picked not in found.people else []
    return Chosen(person, query, (*first, *found.people), found.more)


def form_as(
    session: Session, entry: CatalogItem, text: str, item: Item, person: Person, data: Any | None
) -> OrderForm:
    """Make the order form of a text as somebody would meet it, with the answers that were tried so far."""
    offer = Offer(studio.offered(entry, text), item)
    if data is None:
        return OrderForm.fresh(session, offer, person)
    answers: MultiDict[str, str] = MultiDict(data)
    answers["key"], answers["version"] = keys.token(), str(offer.version.number)
    return OrderForm.sent(session, offer, person, answers, None)
