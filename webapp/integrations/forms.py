"""The connect form, drawn from what a connector declares."""

import re
from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from webapp.connectors.base import Connector, Setting, Way
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.formats import gettext_of
from webapp.values.marks import N_
from webapp.words import reason_text

LONGEST_SETTING = 4096


def clean_key(text: str) -> str:
    """One word of visible ASCII, as it travels in a request; raises ConnectorError(APP_REFUSED)."""
    if not re.fullmatch(r"[\x21-\x7e]{1,500}", text.strip()):
        raise ConnectorError(Reason.APP_REFUSED)
    return text.strip()


# The keys of an account's own application at a vendor, asked for like any other credentials.
APP = Way(
    "app",
    N_("Own application"),
    (
        Setting("client_id", N_("Client ID"), clean=clean_key),
        Setting("client_secret", N_("Client secret"), secret=True, clean=clean_key),
    ),
)


def connect_form(
    connector: type[Connector], way: Way, anchor: str, known: Mapping[str, str] | None = None
) -> FlaskForm:
    """The form of one way of connecting. `anchor` begins the ids of its fields, `known` fills fields that are no secrets."""
    fields = {setting.name: _field(connector, setting, anchor) for setting in way.settings}
    kind = type("ConnectForm", (FlaskForm,), fields)
    shown = {setting.name: (known or {}).get(setting.name) for setting in way.settings if not setting.secret}
    return kind(data=shown)


def credentials_of(form: FlaskForm, way: Way) -> dict[str, str]:
    """The cleaned settings of a valid form."""
    return {setting.name: form[setting.name].data or "" for setting in way.settings}


def show_refusal(form: FlaskForm, connector: type[Connector], error: ConnectorError) -> None:
    """Put the sentence under the field that is to blame, or above the form where none is."""
    sentence = reason_text(error.reason, connector.key)
    if error.setting in form:
        form[error.setting].errors = [sentence]
    else:
        form.form_errors.append(sentence)


def _field(connector: type[Connector], setting: Setting, anchor: str) -> Field:
    label = gettext_of(setting.label)
    texts = {"label": label, "description": gettext_of(setting.hint), "id": f"{anchor}-{setting.name}"}
    if setting.choices:
        choices = [(value, gettext_of(name)) for value, name in setting.choices]
        return SelectField(choices=choices, render_kw={"data-kept": True}, **texts)
    checks = [
        DataRequired(_('Fill in "%(label)s".', label=label)) if setting.required else Optional(),
        Length(max=LONGEST_SETTING, message=_("This is too long. Check what you have pasted.")),
        _cleaned(connector, setting),
    ]
    looks = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none", "placeholder": setting.placeholder}
    if setting.secret:
        return PasswordField(validators=checks, render_kw=looks, **texts)
    return StringField(validators=checks, render_kw={**looks, "data-kept": True}, **texts)


def _cleaned(connector: type[Connector], setting: Setting) -> Callable[[FlaskForm, Field], None]:
    def clean(_form: FlaskForm, field: Field) -> None:
        try:
            field.data = setting.clean(field.data)
        except ConnectorError as error:
            raise ValidationError(reason_text(error.reason, connector.key)) from None

    return clean
