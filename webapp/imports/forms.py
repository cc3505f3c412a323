import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from webapp.models import Absence, Criterion
from webapp.values.text import clean
from webapp.words import ABSENCE, CRITERION

HOUR = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
LAST_CYCLE_DAY = 999


def parse_hour(text: str) -> str:
    """What people write (6:15, 06:15 or 6.15) as 06:15; raises ValueError."""
    found = HOUR.fullmatch(text.strip())
    if not found:
        raise ValueError("not a time of day")
    return f"{int(found[1]):02}:{found[2]}"


def show_hour(hour: str) -> str:
    """The hour of a draft, 06:15, as people write it: 6:15."""
    return hour.removeprefix("0") if len(hour) == 5 else hour


def id_or_none(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() else None


class SettingsForm(FlaskForm):
    """The choices of `list_id`, `group` and `source` are set by `configuration.offer`; only those are taken."""

    mark = HiddenField()
    list_id = SelectField(_("List"), coerce=id_or_none, validate_choice=False)
    new_list = StringField(
        _("or create a new list"), [Length(max=120, message=_("The name is too long. Use up to 120 characters."))]
    )
    group = SelectField(_("Group"), validate_choice=False)
    source = SelectField(_("Source"), validate_choice=False)
    consent_shown = HiddenField(default="y")
    only_consenting = BooleanField(_("Only people with marketing consent"), default=True)
    criterion = RadioField(
        _("Criteria for adding contacts"),
        choices=[SelectChoice(criterion.value, _(CRITERION[criterion])) for criterion in Criterion],
        default=Criterion.ADD_AND_UPDATE.value,
        validate_choice=False,
    )
    absence = RadioField(
        _("When somebody is gone from the source"),
        choices=[SelectChoice(absence.value, _(ABSENCE[absence])) for absence in Absence],
        default=Absence.IGNORE.value,
        validate_choice=False,
    )
    in_cycle = BooleanField(_("Add to the autoresponder cycle"))
    cycle_day = StringField(_("Day of the cycle"), default="0")
    hour = StringField(_("Hour of the import"), default="6:15")
    permission = BooleanField()

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> "SettingsForm":
        """The form filled with the settings of a draft, or with what was sent."""
        cycle_day = settings["cycle_day"]
        shown = {
            "source": settings["source_id"],
            "hour": show_hour(settings["hour"]),
            "in_cycle": cycle_day is not None,
        }
        return cls(data={"absence": Absence.IGNORE.value, **settings, **shown, "cycle_day": str(cycle_day or 0)})

    def validate_list_id(self, field: SelectField) -> None:
        if not clean(self.new_list.data) and field.data not in offered(field):
            raise ValidationError(_("Choose the list to which you want to add contacts."))

    def validate_group(self, field: SelectField) -> None:
        if field.data not in offered(field):
            raise ValidationError(_("Choose a group."))

    def validate_source(self, field: SelectField) -> None:
        if not field.data or field.data not in offered(field):
            raise ValidationError(_("Choose the source from which you want to import."))

    def validate_criterion(self, field: RadioField) -> None:
        if field.data not in set(Criterion):
            raise ValidationError(_("Choose what to do with contacts that are already on the list."))

    def validate_absence(self, field: RadioField) -> None:
        if field.data not in set(Absence):
            raise ValidationError(_("Choose what to do with people who are gone from the source."))

    def validate_cycle_day(self, field: StringField) -> None:
        day = id_or_none((field.data or "").strip())
        if self.in_cycle.data and (day is None or day > LAST_CYCLE_DAY):
            raise ValidationError(_("Enter the day of the cycle: a number from 0 to 999."))

    def validate_hour(self, field: StringField) -> None:
        try:
            parse_hour(field.data or "")
        except ValueError:
            raise ValidationError(_("Enter the hour of the import like this: 6:15.")) from None


def offered(field: SelectField) -> set[Any]:
    """The values that may be chosen."""
    return {choice.value for choice in field.iter_choices() if not choice.render_kw.get("disabled")}
