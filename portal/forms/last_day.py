"""A last day: of one thing that somebody has, or of several people's employments."""

from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import AnyOf, InputRequired, Length, StopValidation

from portal import formats


class Day(DateField):
    """A day as browsers send it; anything else is said to be no day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day, and say in our words when it is none."""
        try:
            self.data = (
                date.fromisoformat(valuelist[0].strip()) if valuelist and valuelist[0].strip() else None
            )
        except ValueError as problem:
            self.data = None
            raise ValueError(_("Write a day, for example 2027-08-31.")) from problem


class LastDayForm(FlaskForm):
    """The last day of one thing, between two days."""

    last_day = Day(validators=[InputRequired(_l("Choose a day."))])

    def __init__(self, first: date, last: date | None) -> None:
        """Take the earliest and the latest day that may be chosen."""
        super().__init__()
        self.first, self.last = first, last

    def validate_last_day(self, field: Day) -> None:
        """Keep within the bounds."""
        check_bounds(field.data, self.first, self.last)


class EndForm(FlaskForm):
    """The last day of something that is given up; without one it ends at once."""

    last_day = Day()

    def __init__(self, first: date, last: date | None) -> None:
        """Take the earliest and the latest day that may be chosen."""
        super().__init__()
        self.first, self.last = first, last

    def validate_last_day(self, field: Day) -> None:
        """Keep within the bounds."""
        check_bounds(field.data, self.first, self.last)


class ExtensionForm(FlaskForm):
    """One new last day for some of the people of a unit, or the word that they end as planned."""

    answer = StringField(validators=[AnyOf(("extend", "end"), message=_l("Choose what is to happen."))])
    last_day = Day()
    people = SelectMultipleField(coerce=int, validate_choice=False)
    token = HiddenField(validators=[Length(max=100)])

    def __init__(self, first: date, last: date, offered: set[int]) -> None:
        """Take the earliest and the latest day, and the employments that may be chosen."""
        super().__init__()
        self.first, self.last, self.offered = first, last, offered

    def validate_last_day(self, field: Day) -> None:
        """A new last day is needed only to extend, and lies after the one there is."""
        if self.answer.data != "extend":
            field.errors = []
            raise StopValidation
        if field.data is None:
            raise ValidationError(_("Choose a day."))
        check_bounds(field.data, self.first, self.last)

    def validate_people(self, field: SelectMultipleField) -> None:
        """Somebody must be chosen, and only those who were offered."""
        chosen = set(field.data or ())
        if not chosen:
            raise ValidationError(_("Tick at least one person."))
        if not chosen <= self.offered:
            raise ValidationError(_("Somebody in the list has got another last day meanwhile. Look again."))


def check_bounds(chosen: date | None, first: date, last: date | None) -> None:
    """Refuse a day outside of the bounds, and say which they are."""
    if chosen is None:
        return
    if chosen < first:
        raise ValidationError(_("Choose a day from %(day)s on.", day=in_words(first)))
    if last is not None and chosen > last:
        raise ValidationError(_("Choose a day up to %(day)s.", day=in_words(last)))


def in_words(day: date) -> str:
    """Write a day as the reader reads it."""
    return formats.day(day, str(get_locale()))
