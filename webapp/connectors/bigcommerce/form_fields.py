"""Fields of the sign-up form. The store has no list of them: the names stand beside the values (vendor page, section 5)."""

from typing import Any

import msgspec

from webapp.connectors.base import Field, FieldKind
from webapp.connectors.bigcommerce.api import LARGEST_PAGE, BigCommerceApi, Listing
from webapp.connectors.bigcommerce.columns import FORM
from webapp.connectors.guard import PageGuard

PATH = "v3/customers/form-field-values"
MOST_PAGES = 2


class Value(msgspec.Struct):
    """One value of a customer or of an address."""

    name: str
    value: Any = None
    customer_id: int | None = None


def form_fields(api: BigCommerceApi) -> list[Field]:
    """The fields that the first five hundred values belong to, by name; those of addresses are left out."""
    kinds: dict[str, FieldKind] = {}
    for value in _values(api):
        if value.customer_id is not None and value.value not in (None, "", []):
            kind = _kind(value.value)
            kinds[value.name] = kind if kinds.get(value.name, kind) is kind else FieldKind.TEXT
    return [Field(f"{FORM}{name}", name, kinds[name]) for name in sorted(kinds, key=str.casefold)]


def _values(api: BigCommerceApi) -> list[Value]:
    guard, after, values = PageGuard(None, LARGEST_PAGE), None, []
    for _ in range(MOST_PAGES):
        where = {"after": after} if after is not None else {}
        listing = api.get(PATH, {"limit": LARGEST_PAGE, **where}, Listing[Value])
        values += listing.data
        cursors = listing.meta.cursor_pagination
        if cursors is None or not cursors.end_cursor or not cursors.links.next:
            break
        after = cursors.end_cursor
        guard.pass_through(after)
    return values


def _kind(value: Any) -> FieldKind:
    if isinstance(value, list):
        return FieldKind.LIST
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return FieldKind.NUMBER if is_number else FieldKind.TEXT
