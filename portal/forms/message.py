"""Words on a case."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField, ValidationError
from wtforms.validators import Length


class MessageForm(FlaskForm):
    """A message, or the answer to a question."""

    text = TextAreaField(validators=[Length(max=10_000, message=_l("Write at most 10,000 characters."))])

    def validate_text(self, field: TextAreaField) -> None:
        """An empty message says nothing."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Write something first."))


class ReasonForm(FlaskForm):
    """Words that may be left out."""

    text = TextAreaField(validators=[Length(max=2000, message=_l("Write at most 2,000 characters."))])
