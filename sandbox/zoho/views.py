"""Custom views: sets of records that people of the organisation have defined."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..people import Person
from .fields import opted_out
from .orgs import CONTACTS, LEADS


class View(NamedTuple):
    name: str
    test: Callable[[Person], bool]
    system_name: str | None = None


def _anyone(person: Person) -> bool:
    return True


VIEWS: Mapping[str, Mapping[str, View]] = {
    CONTACTS: {
        "4150860000000500001": View("All Contacts", _anyone, "ALLVIEWS"),
        "4150860000000500002": View("Klienci z Krakowa", lambda person: person.city.name == "Kraków"),
        "4150860000000500003": View("Zrezygnowali", opted_out),
        "4150860000000500004": View("Pusty widok", lambda person: False),
    },
    LEADS: {
        "4150860000000600001": View("All Leads", _anyone, "ALLVIEWS"),
        "4150860000000600002": View("Gorące leady", lambda person: person.orders > 5),
    },
}


def described(number: str, view: View) -> dict[str, Any]:
    return {
        "id": number,
        "name": view.name,
        "display_value": "Wszystkie" if view.system_name else view.name,
        "system_name": view.system_name,
        "system_defined": view.system_name is not None,
        "category": "public_views",
        "default": view.system_name is not None,
        "favorite": None,
        "created_time": None,
    }
