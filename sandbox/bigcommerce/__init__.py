"""BigCommerce's Management API on the wire, as far as importers use it (github.com/bigcommerce/docs, reference)."""

from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..options import Options
from ..people import Person
from . import answers, gate, subscribers
from .paging_faults import FAULTS as PAGING_FAULTS
from .records import iso
from .shoppers import email_of
from .stores import Store, all_stores, expire_cursors, throttle

KINDS = {
    "v2/time": "time",
    "v2/store": "store",
    "v2/customer_groups": "groups",
    "v3/customers": "customers",
    "v3/customers/subscribers": "subscribers",
    "v3/customers/attributes": "attributes",
    "v3/customers/attribute-values": "attribute_values",
    "v3/customers/form-field-values": "form_fields",
}


class BigCommerce:
    """The vendor: its stores, and what it answers below /bigcommerce/<store hash>/."""

    switches: ClassVar = {
        "throttling": throttle,
        "expire_cursors": expire_cursors,
    }
    fault_names = frozenset(
        {"status", "expired_token", "missing_scope", "throttled", "wrong_type", "bad_record", "too_heavy"}
        | {"cursor_refused", *PAGING_FAULTS}
    )

    def __init__(self, options: Options):
        self.accounts = all_stores(options)

    def kind(self, path: str) -> str:
        """customers, subscribers, attributes, attribute_values, form_fields, groups, store, time, or other."""
        return KINDS.get(path, "other")

    def answer(self, store: Store, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        version = "v2" if path.startswith("v2/") else "v3"
        if "status" in faults:
            return answers.status_fault(faults["status"], version)
        response = gate.answer(store, self.kind(path), version, request, faults)
        if response.status_code != 429:
            response.headers.update(store.rates.headers())
        return response

    def unknown(self, name: str, path: str, request: Request) -> Response:
        return answers.page(404)

    def truth(self, store: Store, of: str) -> list[dict[str, Any]]:
        """Customers, or with `of` "subscribers" the rows of the newsletter."""
        people = store.population
        if of == "subscribers":
            return [_subscriber_truth(store, place) for place in subscribers.places(people)]
        return [self._customer_truth(store, person) for person in people]

    def truth_of(self, person: Person) -> dict[str, Any]:
        return {"id": str(person.number), "email": email_of(person), "updated_at": iso(person.updated_at)}

    def _customer_truth(self, store: Store, person: Person) -> dict[str, Any]:
        return {**self.truth_of(person), "consent": subscribers.consent_of(store.population, person)}


def _subscriber_truth(store: Store, place: int) -> dict[str, Any]:
    row = subscribers.record(store.population, place)
    return {
        "id": str(row["id"]),
        "email": row["email"],
        "consent": (row["consents"] or ["none"])[0],
        "updated_at": row["date_modified"],
    }
