"""Query parameters: which there are, and what they may hold. Whatever else comes is refused with 422."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

LARGEST_PAGE = 250
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?")
INCLUDES = frozenset({"addresses", "storecredit", "attributes", "formfields", "shopper_profile_id", "segment_ids"})
FIELD_TYPES = frozenset({"checkboxes", "date", "multiline", "numbers", "password", "radiobuttons", "text", "picklist"})
SORTS = frozenset(f"{fact}:{way}" for fact in ("date_created", "date_modified", "last_name") for way in ("asc", "desc"))

Read = Callable[[str], Any]


class Invalid(Exception):
    """A parameter that is not there or does not fit; `errors` is what the vendor says of it."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.errors = {name: message}


def read(asked: Mapping[str, str], known: Mapping[str, Read]) -> dict[str, Any]:
    """The parameters as values; raises Invalid."""
    values = {}
    for name, text in asked.items():
        if name not in known:
            raise Invalid(name, "This parameter is not supported.")
        try:
            values[name] = known[name](text)
        except ValueError:
            raise Invalid(name, f"The value is not valid: {text[:40]}") from None
    if "after" in values and "before" in values:
        raise Invalid("before", "Cannot be used in combination with after.")
    return values


def whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise ValueError
    return int(text)


def page(text: str) -> int:
    if (number := whole(text)) < 1:
        raise ValueError
    return number


def limit(text: str) -> int:
    if not 1 <= (number := whole(text)) <= LARGEST_PAGE:
        raise ValueError
    return number


def wholes(text: str) -> list[int]:
    return [whole(part) for part in text.split(",")]


def texts(text: str) -> list[str]:
    return text.split(",")


def moment(text: str) -> int:
    """Seconds since 1970; without a zone it is UTC."""
    if not MOMENT.fullmatch(text):
        raise ValueError
    when = datetime.fromisoformat(text)
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def one_of(options: frozenset[str]) -> Read:
    def choose(text: str) -> str:
        if text not in options:
            raise ValueError
        return text

    return choose


def some_of(options: frozenset[str]) -> Read:
    def choose(text: str) -> frozenset[str]:
        chosen = frozenset(text.split(","))
        if not chosen <= options:
            raise ValueError
        return chosen

    return choose


def yes_or_no(text: str) -> bool:
    return {"true": True, "false": False}[one_of(frozenset({"true", "false"}))(text)]


PAGES: dict[str, Read] = {"page": page, "limit": limit}
CURSORS: dict[str, Read] = {"after": str, "before": str}
DATES: dict[str, Read] = {
    f"{fact}{bound}": moment for fact in ("date_created", "date_modified") for bound in ("", ":min", ":max")
}
CUSTOMERS = {
    **PAGES,
    **CURSORS,
    **DATES,
    "id:in": wholes,
    "email:in": texts,
    "company:in": texts,
    "phone:in": texts,
    "name:in": texts,
    "name:like": texts,
    "customer_group_id:in": wholes,
    "include": some_of(INCLUDES),
    "sort": one_of(SORTS),
}
SUBSCRIBERS = {
    **PAGES,
    **DATES,
    "id": whole,
    "id:in": wholes,
    "email": str,
    "first_name": str,
    "last_name": str,
    "source": str,
    "order_id": whole,
}
ATTRIBUTES = {**PAGES, **DATES, "name": str, "name:like": str, "type": str}
ATTRIBUTE_VALUES = {**PAGES, **DATES, "customer_id:in": wholes, "attribute_id:in": wholes, "name": str}
FORM_FIELDS = {
    **PAGES,
    **CURSORS,
    "customer_id": whole,
    "address_id": whole,
    "field_name": str,
    "field_type": one_of(FIELD_TYPES),
}
GROUPS = {**PAGES, **DATES, "name": str, "name:like": str, "is_default": yes_or_no, "is_group_for_guests": yes_or_no}
