"""Custom fields as targets of columns, and creating one on the spot."""

from collections.abc import Sequence
from itertools import count

from flask_babel import gettext
from sqlalchemy import select

from webapp.connectors.base import Field
from webapp.extensions import db
from webapp.importing.proposals import KEY_LIMIT, default_field_for
from webapp.imports.columns import CREATE, CUSTOM, STANDARD, Choice
from webapp.models import CustomField
from webapp.values.fields import TYPE_LABELS, FieldType


def custom_fields() -> list[CustomField]:
    """The account's fields, in the order in which people look for them."""
    return list(db.session.scalars(select(CustomField).order_by(CustomField.label, CustomField.id)))


def labels_of(fields: Sequence[CustomField]) -> dict[str, str]:
    """Every target with the name of its field."""
    standard = {target: gettext(label) for target, label in STANDARD.items()}
    return standard | {CUSTOM + field.key: field.label for field in fields}


def options_of(fields: Sequence[CustomField]) -> list[tuple[str, str]]:
    """Targets as a select offers them: custom fields with their type."""
    standard = [(target, gettext(label)) for target, label in STANDARD.items()]
    return standard + [
        (CUSTOM + field.key, f"{field.label} ({gettext(TYPE_LABELS[field.type]).lower()})") for field in fields
    ]


def create_wanted(choices: Sequence[Choice]) -> None:
    """Create the fields that the choices ask for, and assign them."""
    for choice in choices:
        if choice.target == CREATE:
            choice.target = CUSTOM + create(choice).key


def create(choice: Choice) -> CustomField:
    new = choice.new
    options = new.options if new.type == FieldType.CHOICE else []
    field = CustomField(
        key=free_key(new.label, choice.column), label=new.label, type=FieldType(new.type), options=options
    )
    db.session.add(field)
    db.session.flush()
    return field


def free_key(label: str, column: str) -> str:
    """A key made from the label, numbered where it is taken."""
    wanted, *_ = default_field_for(Field(column, label))
    taken = set(db.session.scalars(select(CustomField.key)))
    numbered = (wanted if n == 1 else f"{wanted[: KEY_LIMIT - 5]}_{n}" for n in count(1))
    return next(key for key in numbered if key not in taken)
