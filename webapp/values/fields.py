"""Custom fields: their types, and how a value from a source becomes one that fits."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

from webapp.values import choice, country, date, number, phone
from webapp.values.marks import N_
from webapp.values.masking import SAMPLE_LIMIT, mask
from webapp.values.text import clean

Value = str | int | float
Convert = Callable[[Any, Any], Value]
TEXT_LIMIT = 255


class FieldType(StrEnum):
    """What a custom field holds. Dates are kept as YYYY-MM-DD, phones as E.164, countries as two capitals."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PHONE = "phone"
    COUNTRY = "country"
    CHOICE = "choice"


TYPE_LABELS = {
    FieldType.TEXT: N_("Text"),
    FieldType.NUMBER: N_("Number"),
    FieldType.DATE: N_("Date"),
    FieldType.PHONE: N_("Phone"),
    FieldType.COUNTRY: N_("Country"),
    FieldType.CHOICE: N_("Choice"),
}

UNFIT_SENTENCES = {
    FieldType.TEXT: N_("The value is not a text, so it was left out. Map this column to another field."),
    FieldType.NUMBER: N_(
        "The value is not a number, so it was left out. Correct it in the source or use a text field."
    ),
    FieldType.DATE: N_("The value is not a date, so it was left out. Correct it in the source or use a text field."),
    FieldType.PHONE: N_(
        "The value is not a phone number, so it was left out. Correct it in the source or use a text field."
    ),
    FieldType.COUNTRY: N_(
        "The value is not a country, so it was left out. Correct it in the source or use a text field."
    ),
    FieldType.CHOICE: N_(
        "The value is not among the field's options, so it was left out. Add the option or use a text field."
    ),
}

# How yes and no are kept in a text field. Contacts' data, not interface: it is exported and searched as it stands.
YES, NO = "tak", "nie"


class Unfit(ValueError):
    """The value does not fit the field; `type` is the field's. The message never carries the value."""

    def __init__(self, kind: FieldType):
        super().__init__(kind.value)
        self.type = kind


class LeftOut(Exception):
    """Somebody said that this value is to be left out."""


def convert(kind: FieldType, raw: Any, options: Sequence[str] = ()) -> Value | None:
    """A source's value (text, number, bool, list or None) in the form that a field of this type keeps.

    Empty values, however they are written, give None. Raises Unfit. `options` belong to choices.
    """
    return _converted(kind, _CONVERTERS[kind], options, raw)


def converter(
    kind: FieldType, options: Sequence[str] = (), reading: Mapping[str, Any] | None = None
) -> Callable[[Any], Value | None]:
    """`convert` for one column, resolved once for all its values. Raises LeftOut besides.

    `reading` is what a person said about the column: the `order` of days and months (date.ORDERS), what begins the `decimal`s
    (number.DECIMALS), the `region` of phones without a country code, a `table` of source values and their options (choice.LEAVE_OUT for none).
    """
    said = reading or {}
    if kind is FieldType.CHOICE:
        table = choice.resolved(said.get("table") or {}, options)
        return (
            partial(_converted, kind, _to_choice_by_table, (table, options))
            if table
            else partial(_converted, kind, _to_choice, options)
        )
    how = {FieldType.DATE: "order", FieldType.NUMBER: "decimal", FieldType.PHONE: "region"}.get(kind, "")
    return partial(_converted, kind, _CONVERTERS[kind], said.get(how) or ())


def sample(kind: FieldType, raw: Any) -> str:
    """A value that did not fit, masked. Choices are shown whole: a value table knows them by this text."""
    text = source_text(raw)
    looks_like_phone = kind is FieldType.PHONE and any(map(str.isdigit, text))
    return mask("phone" if looks_like_phone else "text", text, TEXT_LIMIT if kind is FieldType.CHOICE else SAMPLE_LIMIT)


def source_text(raw: Any) -> str:
    """The value as the one line by which value tables know it."""
    try:
        return _to_text(raw, ())
    except ValueError:
        return clean(raw)


def _converted(kind: FieldType, to: Convert, how: Any, raw: Any) -> Value | None:
    if raw is None or raw == "":
        return None
    try:
        return to(raw, how)
    except ValueError:
        if _is_empty(raw):
            return None
        raise Unfit(kind) from None


def _is_empty(raw: Any) -> bool:
    return all(map(_is_empty, raw)) if isinstance(raw, list) else isinstance(raw, str | None) and not clean(raw)


def _to_text(raw: Any, _how: Any) -> str:
    if isinstance(raw, list):
        text = clean(", ".join(_as_text(item) for item in raw if not _is_empty(item)))
    else:
        text = clean(_as_text(raw))
    if not text:
        raise ValueError("empty")
    return text


def _as_text(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return YES if raw else NO
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return str(number.parse(raw))
    raise ValueError("not a text")


def _to_number(raw: Any, decimal: Any) -> int | float:
    return number.parse(_single(raw, str, int, float), decimal or "")


def _to_date(raw: Any, order: Any) -> str:
    return date.parse(_single(raw, str, int, float), order or "")


def _to_phone(raw: Any, region: Any) -> str:
    return phone.normalise(str(_single(raw, str, int)), region or phone.POLAND)


def _to_country(raw: Any, _how: Any) -> str:
    return country.parse(_single(raw, str))


def _to_choice(raw: Any, options: Sequence[str]) -> str:
    return choice.parse(_single(raw, str, int, bool), options)


def _to_choice_by_table(raw: Any, how: tuple[Mapping[str, str], Sequence[str]]) -> str:
    table, options = how
    found = table.get(raw) if type(raw) is str else None
    if found is None:
        found = table.get(choice.fold(source_text(raw)))
    if found is None:
        return _to_choice(raw, options)
    if found == choice.LEAVE_OUT:
        raise LeftOut
    return found


def _single(raw: Any, *types: type) -> Any:
    """The value, or the only one of a list, if it is of exactly one of the types (a bool is no int here)."""
    value = raw[0] if isinstance(raw, list) and len(raw) == 1 else raw
    if type(value) not in types:
        raise ValueError("of another kind")
    return value


_CONVERTERS: dict[FieldType, Convert] = {
    FieldType.TEXT: _to_text,
    FieldType.NUMBER: _to_number,
    FieldType.DATE: _to_date,
    FieldType.PHONE: _to_phone,
    FieldType.COUNTRY: _to_country,
    FieldType.CHOICE: _to_choice,
}
