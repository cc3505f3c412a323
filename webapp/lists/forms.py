import re
from typing import Any

from anyascii import anyascii
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.formats import gettext_of
from webapp.values.choice import MOST_OPTIONS, OPTION_LIMIT
from webapp.values.fields import TYPE_LABELS, FieldType
from webapp.values.text import clean

KEY = re.compile(r"[a-z0-9_]{1,64}")
KEY_LIMIT = 64


def tidy(text: Any) -> Any:
    return clean(text, 2000) if isinstance(text, str) else text


def propose_key(label: str) -> str:
    """A key for a field of this name: "Miasto dostawy" gives miasto_dostawy."""
    return re.sub("[^a-z0-9]+", "_", anyascii(label).lower()).strip("_")[:KEY_LIMIT].strip("_")


def type_choices() -> list[SelectChoice]:
    return [SelectChoice(kind.value, gettext_of(label)) for kind, label in TYPE_LABELS.items()]


class ListForm(FlaskForm):
    name = StringField(
        _("List name"),
        [
            DataRequired(_("Name the list.")),
            Length(max=120, message=_("The name may have at most %(max)d characters.")),
        ],
        filters=[tidy],
    )


class NewListForm(ListForm):
    double_opt_in = BooleanField(_("Ask imported people to confirm their address"))


class FieldForm(FlaskForm):
    label = StringField(
        _("Field name"),
        [
            DataRequired(_("Name the field.")),
            Length(max=120, message=_("The name may have at most %(max)d characters.")),
        ],
        filters=[tidy],
    )
    options = TextAreaField(_("Options, one per line"), description=_("Only for fields of the type choice."))

    needs_options = False

    @property
    def option_list(self) -> list[str]:
        """The options without empty lines and repetitions, in the order given."""
        return list(
            dict.fromkeys(filter(None, (clean(line, OPTION_LIMIT) for line in (self.options.data or "").splitlines())))
        )

    def validate_options(self, field: TextAreaField) -> None:
        if self.needs_options and not self.option_list:
            raise ValidationError(gettext("Enter at least one option, each in a line of its own."))
        if len(self.option_list) > MOST_OPTIONS:
            raise ValidationError(gettext("A field may have at most %(most)d options. Remove some.", most=MOST_OPTIONS))


class NewFieldForm(FieldForm):
    key = StringField(
        _("Field key"),
        description=_(
            "Small letters a–z, digits and _. Leave it empty, and we will make it from the name. It cannot be changed later."
        ),
        filters=[tidy],
    )
    type = SelectField(_("Field type"), choices=type_choices, default=FieldType.TEXT.value)

    @property
    def needs_options(self) -> bool:
        return self.type.data == FieldType.CHOICE

    @property
    def final_key(self) -> str:
        return self.key.data or propose_key(self.label.data or "")

    def validate_key(self, field: StringField) -> None:
        if not KEY.fullmatch(self.final_key) and self.label.data:
            raise ValidationError(gettext("A key has 1 to 64 small letters a–z, digits and _. Enter another one."))
