"""The closed sets in which vendors' people, groups and fields are told."""

from enum import StrEnum


class Group(StrEnum):
    """The two kinds of people that a vendor can hold."""

    CONTACTS = "contacts"
    LEADS = "leads"


class Consent(StrEnum):
    """Marketing consent as the source states it; whatever is missing or unknown is NONE."""

    GRANTED = "granted"
    PENDING = "pending"
    NONE = "none"
    WITHDRAWN = "withdrawn"


class FieldKind(StrEnum):
    """What the values of a source field look like."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"
    CHOICE = "choice"
    LIST = "list"


class Role(StrEnum):
    """Fields that every vendor has under another name, and that are therefore recognised without asking."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
