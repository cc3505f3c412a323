"""What each address answers, once the request was let in."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from werkzeug.wrappers import Response

from ..faults import Fault
from ..wire import json_response
from . import extras, filters, params, subscribers
from .groups import listed
from .paging import Listing, meta, rows
from .paging_faults import disturbed, misled
from .records import customer
from .stores import Store

Asked = dict[str, Any]
Faults = dict[str, Fault]


def customers(store: Store, asked: Asked, faults: Faults) -> Response:
    people, include = store.population, asked.get("include", frozenset())
    found = filters.customers(people, asked)
    listing = Listing(found, people.number, by_id="sort" not in asked, epoch=store.cursors_since)
    return _page(listing, asked, faults, lambda index: customer(people.person(index), include))


def subscribed(store: Store, asked: Asked, faults: Faults) -> Response:
    people = store.population
    found = filters.subscriber_places(people, asked)
    listing = Listing(found, lambda place: subscribers.number(people, place), cursors=False)
    return _page(listing, asked, faults, lambda place: subscribers.record(people, place))


def attributes(store: Store, asked: Asked, faults: Faults) -> Response:
    return _in_memory([attribute.record() for attribute in extras.ATTRIBUTES], asked, faults)


def attribute_values(store: Store, asked: Asked, faults: Faults) -> Response:
    """Those of the customers asked for, or of all."""
    wanted = asked.get("customer_id:in")
    people = store.population if wanted is None else filter(None, map(store.population.find, wanted))
    chosen = asked.get("attribute_id:in")
    values = (value for person in people for value in extras.attribute_values(person))
    return _in_memory([value for value in values if chosen is None or value["attribute_id"] in chosen], asked, faults)


def form_fields(store: Store, asked: Asked, faults: Faults) -> Response:
    """Rows of customers and of addresses; eight places for each customer."""
    people, exact = store.population, {"field_name": "name", "customer_id": "customer_id", "address_id": "address_id"}
    places = people.remember("form fields", lambda: array("q", _form_field_places(store)))
    listing = Listing(places, lambda place: place + 1, epoch=store.cursors_since)
    if wishes := {exact[name]: value for name, value in asked.items() if name in exact}:
        listing = Listing(
            [p for p in places if wishes.items() <= _form_field(store, p).items()], lambda place: place + 1
        )
    return _page(listing, asked, faults, lambda place: _form_field(store, place))


def _form_field_places(store: Store) -> Any:
    for person in store.population:
        yield from range(person.index * 8, person.index * 8 + len(extras.form_field_rows(person)))


def _form_field(store: Store, place: int) -> dict[str, Any]:
    return extras.form_field_rows(store.population.person(place // 8))[place % 8]


def _in_memory(items: Sequence[dict[str, Any]], asked: Asked, faults: Faults) -> Response:
    listing = Listing(range(len(items)), lambda place: items[place]["id"], cursors=False)
    return _page(listing, asked, faults, items.__getitem__)


def _page(listing: Listing, asked: Asked, faults: Faults, record: Callable[[int], dict[str, Any]]) -> Response:
    if not listing.cursors:
        asked = misled(asked, faults)
    found = disturbed(rows(listing, asked), asked, faults)
    records = [record(place) for place in found.places]
    if "bad_record" in faults and records:
        records[0] = {**records[0], **faults["bad_record"].get("changes", {"email": 7})}
    return json_response({"data": records, "meta": meta(found, asked)})


def groups(store: Store, asked: Asked, faults: Faults) -> Response:
    """v2: a plain list, and 204 without a body where there is nothing."""
    found = [] if store.profile.empty else listed(asked)
    return json_response(found) if found else Response("", 204)


def store_facts(store: Store, asked: Asked, faults: Faults) -> Response:
    return json_response(
        {
            "id": store.name,
            "domain": f"{store.name}.example",
            "secure_url": f"https://{store.name}.example",
            "control_panel_base_url": f"https://store-{store.name}.mybigcommerce.com",
            "status": "live",
            "name": store.profile.title,
            "country": "Poland",
            "country_code": "PL",
            "language": "pl",
            "currency": "PLN",
        }
    )


Resource = Callable[[Store, Asked, Faults], Response]
RESOURCES: dict[str, tuple[Resource, dict[str, params.Read]]] = {
    "customers": (customers, params.CUSTOMERS),
    "subscribers": (subscribed, params.SUBSCRIBERS),
    "attributes": (attributes, params.ATTRIBUTES),
    "attribute_values": (attribute_values, params.ATTRIBUTE_VALUES),
    "form_fields": (form_fields, params.FORM_FIELDS),
    "groups": (groups, params.GROUPS),
    "store": (store_facts, {}),
}
