from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    email = EmailField(_("Email address"), [InputRequired(_("Enter your email address.")), Length(max=254)])
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password.")), Length(max=128)])
    remember = BooleanField(_("Remember me on this device"))
