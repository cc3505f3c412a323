"""How records stand in the file of a bulk read job, and how they become what an ordinary page would have held.

Everything is text there: an empty one is null, lookups are ids alone (a dot reaches the fields behind them), choices and tags
stand side by side. What a file cannot say is left to be asked for by id.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from webapp.connectors.base import FieldKind
from webapp.connectors.zoho.columns import TAG, Described

CONVERTED = "$converted"
MOST_EXPORTED = 200
USERS = frozenset({"ownerlookup", "userlookup"})
OF_USERS = ("first_name", "last_name")
NAME_FIELDS = {
    "Accounts": "Account_Name",
    "Campaigns": "Campaign_Name",
    "Contacts": "Full_Name",
    "Deals": "Deal_Name",
    "Leads": "Full_Name",
    "Products": "Product_Name",
    "Vendors": "Vendor_Name",
}
JSON_TYPES = {
    "boolean": "boolean",
    "integer": "integer",
    "currency": "double",
    "double": "double",
    "percent": "double",
    "lookup": "jsonobject",
    **dict.fromkeys(USERS, "jsonobject"),
}
BOOLEANS = {"true": True, "false": False}
WHOLE = re.compile(r"-?[0-9]{1,18}")

Row = list[str]
Read = Callable[[str], Any]


class Layout:
    """The fields that are wanted, as a job is asked for them. `refused` are those that Zoho does not export."""

    def __init__(self, wanted: Sequence[str], described: Sequence[Described], extra: Sequence[str]):
        self._known = {one.api_name: one for one in described}
        self._wanted, self._extra = wanted, list(extra)
        self._refused: set[str] = set()

    @property
    def asked(self) -> list[str]:
        """What a job exports: of more than MOST_EXPORTED fields the first, for else Zoho exports what it likes."""
        return self._every[:MOST_EXPORTED]

    @property
    def fits(self) -> bool:
        """Whether a job can export all of them, as far as we know."""
        return len(self._every) <= MOST_EXPORTED and not self._refused

    @property
    def _every(self) -> list[str]:
        return [*self._extra, *(part for name in self._wanted for part in self._parts(name))]

    def refuse(self, field: str) -> bool:
        """Do without a field that Zoho named in a refusal; False where none of the wanted ones is meant."""
        wanted = [name for name in self._wanted if name not in self._refused]
        names = {name for name in wanted if field in (name, *self._parts(name))}
        self._refused |= names
        return bool(names)

    def missing(self, header: Sequence[str]) -> list[str]:
        """The wanted fields that a file does not say."""
        return [name for name in self._wanted if not self._parts(name) or not set(self._parts(name)) <= set(header)]

    def reader(self, header: Sequence[str], identity: int) -> Callable[[Row], dict[str, Any] | None]:
        """How a row becomes a record; None for a row of another length, where nothing is where it should be."""
        places = {name: place for place, name in enumerate(header)}
        there = [name for name in self._wanted if name not in self.missing(header)]
        single = [(name, places[name], self._read(name)) for name in there if not self._is_object(name)]
        single += [(name, places[name], _boolean) for name in self._extra if name in places]
        objects = [(name, [places[part] for part in self._parts(name)]) for name in there if self._is_object(name)]
        length = len(header)

        def record(row: Row) -> dict[str, Any] | None:
            if len(row) != length:
                return None
            found = {name: read(row[place]) if row[place] else None for name, place, read in single}
            found |= {name: _named([row[place] for place in parts]) for name, parts in objects}
            return found | {"id": row[identity]}

        return record

    def _parts(self, name: str) -> list[str]:
        """The columns of the file that a field comes from; none for one that is not exported."""
        if name in self._refused:
            return []
        if not self._is_object(name):
            return [name]
        if self._known[name].data_type in USERS:
            return [f"{name}.{part}" for part in OF_USERS]
        return [f"{name}.{NAME_FIELDS.get(_module_behind(self._known[name]), 'Name')}"]

    def _is_object(self, name: str) -> bool:
        return self._type(name) == "jsonobject"

    def _type(self, name: str) -> str | None:
        one = self._known.get(name)
        return (JSON_TYPES.get(one.data_type) or one.json_type) if one else None

    def _read(self, name: str) -> Read:
        one = self._known.get(name)
        if one and one.kind is FieldKind.LIST:
            labels, marks = one.labels, "," if name == TAG else ";,"
            return lambda text: _split(text, labels, marks)
        return READS.get(self._type(name) or "", str)


def _module_behind(one: Described) -> str:
    module = one.lookup.get("module") if isinstance(one.lookup, dict) else None
    name = module.get("api_name") if isinstance(module, dict) else module
    return name if isinstance(name, str) else ""


def _named(parts: Sequence[str]) -> dict[str, str] | None:
    """As a page shows what is behind a lookup."""
    name = " ".join(filter(None, parts))
    return {"name": name} if name else None


def _boolean(text: str) -> Any:
    return BOOLEANS.get(text.lower(), text)


def _whole(text: str) -> Any:
    return int(text) if WHOLE.fullmatch(text) else text


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _split(text: str, labels: Mapping[str, str], marks: str) -> list[str]:
    """Choices or tags, parted by whichever mark leaves only choices that there are, else by the first that occurs."""
    if text in labels:
        return [text]
    ways = [[part.strip() for part in text.split(mark)] for mark in marks if mark in text]
    return next((parts for parts in ways if all(part in labels for part in parts)), ways[0] if ways else [text])


READS: Mapping[str, Read] = {"boolean": _boolean, "integer": _whole, "double": _number}
