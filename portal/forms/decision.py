"""A yes, a no or a question."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import AnyOf, InputRequired, Length

ANSWERS = ("approve", "reject", "ask")


class DecisionForm(FlaskForm):
    """The answer to one revision of an order. A no and a question need their words."""

    decision = StringField(validators=[AnyOf(ANSWERS, message=_l("Choose whether to approve or to reject."))])
    revision = IntegerField(validators=[InputRequired(_l("Open the page again before you decide."))])
    comment = TextAreaField(validators=[Length(max=2000, message=_l("Write at most 2,000 characters."))])
    token = HiddenField(validators=[Length(max=100)])

    def validate_comment(self, field: TextAreaField) -> None:
        """Ask for words where they are needed."""
        if (field.data or "").strip():
            return
        if self.decision.data == "reject":
            raise ValidationError(
                _l("Write why you reject, so that the person who ordered knows what to do.")
            )
        if self.decision.data == "ask":
            raise ValidationError(_l("Write your question."))
