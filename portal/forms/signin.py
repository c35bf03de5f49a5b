"""What is filled in to sign in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class PasswordForm(FlaskForm):
    """A user name and a password."""

    username = StringField(_l("User name"), [InputRequired(_l("Enter your user name.")), Length(max=120)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=1024)])


class CodeForm(FlaskForm):
    """The code of a demo that is shown on another machine."""

    code = StringField(_l("Code"), [InputRequired(_l("Enter the code.")), Length(max=20)])
