"""Values of custom fields as people read them, and which of the fields deserve a column."""

from collections import Counter
from datetime import date
from typing import Any

from flask_babel import get_locale
from sqlalchemy import select

from webapp.extensions import db
from webapp.formats import day, number
from webapp.models import Contact, ContactList, CustomField
from webapp.values.fields import FieldType

MOST_COLUMNS = 6
SAMPLE = 200


def fields_of_account() -> list[CustomField]:
    """All custom fields, by name."""
    fields = db.session.scalars(select(CustomField)).all()
    return sorted(fields, key=lambda field: (field.label.casefold(), field.id))


def columns(contact_list: ContactList, fields: list[CustomField]) -> list[CustomField]:
    """The fields that are filled most often among the list's first people; the same on every page of the list."""
    query = select(Contact.values).where(Contact.list_id == contact_list.id).order_by(Contact.email_key).limit(SAMPLE)
    filled = Counter(key for values in db.session.scalars(query) for key in values)
    often = sorted((field for field in fields if filled[field.key]), key=lambda field: -filled[field.key])
    return often[:MOST_COLUMNS]


def shown(field: CustomField, value: Any) -> str:
    """A stored value as text: 23.11.2026, 1 234,5, Polska."""
    if value is None:
        return ""
    if field.type is FieldType.NUMBER and isinstance(value, int | float):
        return number(value)
    if field.type is FieldType.DATE:
        return day_of(str(value))
    if field.type is FieldType.COUNTRY:
        return get_locale().territories.get(str(value), str(value))
    return str(value)


def day_of(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
