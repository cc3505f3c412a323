"""What the mapping form sends: one choice for each column of the source, and what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale, gettext
from werkzeug.datastructures import MultiDict

from webapp.importing.settings import CREATE, SKIPPED, UNKNOWN
from webapp.models import WriteRule
from webapp.values.fields import FieldType
from webapp.values.marks import N_
from webapp.values.text import clean

EMAIL, CUSTOM = "email", "field:"
STANDARD = {
    EMAIL: N_("E-mail"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "full_name": N_("First and last name (we will split them)"),
}
# A full name is split into both names, so that neither may come from another column as well.
FILLS = {"full_name": ("first_name", "last_name")}
PARTS = ("column", "label", "target", "rule", "new_label", "new_type", "new_options")


@dataclass
class NewField:
    """A custom field to be created with the mapping."""

    label: str = ""
    type: str = FieldType.TEXT.value
    options: list[str] = field(default_factory=list)


@dataclass
class Choice:
    """Where one column goes. `target` is "" for „?”, "skip", "new", or as in FieldMapping."""

    column: str
    label: str
    target: str = UNKNOWN
    rule: str = WriteRule.OVERWRITE.value
    new: NewField = field(default_factory=NewField)

    @property
    def entry(self) -> dict[str, Any]:
        """How a draft keeps it."""
        entry: dict[str, Any] = {"label": self.label, "target": self.target, "rule": self.rule}
        return entry | {"new": vars(self.new)} if self.target == CREATE else entry

    @classmethod
    def of_entry(cls, column: str, entry: Mapping[str, Any]) -> "Choice":
        return cls(column, entry["label"], entry["target"], entry["rule"], NewField(**entry.get("new", {})))


def sent(form: MultiDict[str, str]) -> list[Choice]:
    """The choices of a form; raises ValueError where it is not one of ours."""
    rows = zip(*(form.getlist(part) for part in PARTS), strict=True)
    return [_choice(*row) for row in rows]


def _choice(column: str, label: str, target: str, rule: str, new_label: str, new_type: str, new_options: str) -> Choice:
    if not 0 < len(column) <= 255:
        raise ValueError("not a column")
    options = [option for line in new_options.splitlines() if (option := clean(line, 120))]
    new = NewField(clean(new_label, 120), FieldType(new_type).value, list(dict.fromkeys(options)))
    return Choice(column, clean(label, 255) or column[:255], clean(target, 80), WriteRule(rule).value, new)


def entries(choices: Iterable[Choice]) -> dict[str, dict[str, Any]]:
    return {choice.column: choice.entry for choice in choices}


def faults(choices: Sequence[Choice], labels: Mapping[str, str], skip_unknown: bool) -> dict[str, str]:
    """What keeps the import from starting, by column. `labels` names every target that may be chosen."""
    found = _repeated(choices, labels) | _unassigned(choices, labels, skip_unknown)
    if choices and not any(choice.target == EMAIL for choice in choices):
        found = {
            _likeliest_email(choices): gettext("An email address is required. Assign the column with addresses.")
        } | found
    return found | _unfinished(choices, labels)


def _unassigned(choices: Sequence[Choice], labels: Mapping[str, str], skip_unknown: bool) -> dict[str, str]:
    found = {}
    for choice in choices:
        if choice.target == UNKNOWN and not skip_unknown:
            found[choice.column] = gettext("Assign a field or skip the column “%(column)s”.", column=choice.label)
        elif choice.target not in labels and choice.target not in (UNKNOWN, SKIPPED, CREATE):
            found[choice.column] = gettext("This field no longer exists. Choose another one.")
    return found


def _repeated(choices: Sequence[Choice], labels: Mapping[str, str]) -> dict[str, str]:
    takers: dict[str, list[Choice]] = {}
    for choice in choices:
        if choice.target in labels:
            for filled in FILLS.get(choice.target, (choice.target,)):
                takers.setdefault(filled, []).append(choice)
    found = {}
    for target, rivals in takers.items():
        if len(rivals) > 1:
            sentence = _rivalry(labels[target], rivals)
            found |= {choice.column: sentence for choice in rivals}
    return found


def _rivalry(field: str, rivals: Sequence[Choice]) -> str:
    names = format_list([gettext("“%(name)s”", name=choice.label) for choice in rivals], locale=get_locale())
    return gettext(
        "The field “%(field)s” is assigned to several columns: %(columns)s. Leave one.", field=field, columns=names
    )


def _likeliest_email(choices: Sequence[Choice]) -> str:
    """Where the missing address is most easily assigned."""
    named = (choice.column for choice in choices if "mail" in (choice.column + choice.label).lower())
    return next(named, choices[0].column)


def _unfinished(choices: Sequence[Choice], labels: Mapping[str, str]) -> dict[str, str]:
    """Faults of the fields that are to be created."""
    taken = {label.casefold() for label in labels.values()}
    found = {}
    for choice in choices:
        if choice.target == CREATE and (fault := new_field_fault(choice.new, taken)):
            found[choice.column] = fault
        elif choice.target == CREATE:
            taken.add(choice.new.label.casefold())
    return found


def new_field_fault(new: NewField, taken: Iterable[str]) -> str:
    """What is wrong with a field that is to be created, or nothing. `taken` holds folded labels."""
    if not new.label:
        return gettext("Enter the name of the new field.")
    if new.label.casefold() in taken:
        return gettext("You already have a field of this name. Choose it from the list.")
    if new.type == FieldType.CHOICE and not new.options:
        return gettext("Enter the options of the new field, one in each line.")
    return ""
