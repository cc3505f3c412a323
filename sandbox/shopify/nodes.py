"""How people and what belongs to them look in the vendor's schema: one table of resolvers a type."""

from datetime import UTC, datetime
from typing import Any

from ..people import Person
from .context import Resolver, personal, plain
from .metafields import metafield, metafields
from .paging import Listing, Window, rows


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def iso(seconds: int | None) -> str | None:
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def display_name(person: Person) -> str:
    """The names; where there are none the e-mail address, then the phone number."""
    return " ".join(filter(None, (person.first_name, person.last_name))) or person.email or person.phone or ""


def in_memory(items: list[Any]) -> Listing:
    """A listing of a few things that each have a `number`."""
    return Listing(range(len(items)), lambda place: (items[place].number,) * 2, items.__getitem__, by_id=True)


def _metafields(person: Person, info: Any, namespace: Any = None, keys: Any = None, **window: Any) -> Any:
    return rows(in_memory(metafields(person, namespace, keys)), Window(**window)).connection()


def _opt_in_level(person: Person) -> str | None:
    if person.consent_at is None:
        return None
    return "CONFIRMED_OPT_IN" if person.double_opt_in else "SINGLE_OPT_IN"


def _valid_format(person: Person) -> bool:
    local, _, domain = (person.email or "").partition("@")
    return bool(local) and "." in domain.strip(".") and "@" not in domain


def _link(what: str) -> Resolver:
    return plain(lambda person: f"https://sklep.example/account/{what}?token=demo-{person.number}")


PERSON: dict[str, Resolver] = {
    "firstName": personal("name", lambda person: person.first_name),
    "lastName": personal("name", lambda person: person.last_name),
    "displayName": plain(display_name),
    "defaultEmailAddress": personal("email", lambda person: None if person.email is None else person),
    "defaultPhoneNumber": personal("phone", lambda person: person if person.phone else None),
    "defaultAddress": personal("address", lambda person: person if person.has_address else None),
    "note": plain(lambda person: person.note),
    "numberOfOrders": plain(lambda person: str(person.orders)),
    "amountSpent": plain(lambda person: {"amount": person.spent, "currencyCode": "PLN"}),
    "metafield": lambda person, info, key, namespace=None: metafield(person, namespace, key),
    "metafields": _metafields,
}
CUSTOMER: dict[str, Resolver] = {
    **PERSON,
    "id": plain(lambda person: gid("Customer", person.number)),
    "legacyResourceId": plain(lambda person: str(person.number)),
    "locale": plain(lambda person: "pl"),
    "tags": plain(lambda person: person.tags),
    "taxExempt": plain(lambda person: False),
    "state": plain(lambda person: person.account.upper()),
    "verifiedEmail": plain(lambda person: person.email is not None),
    "createdAt": plain(lambda person: iso(person.created_at)),
    "updatedAt": plain(lambda person: iso(person.updated_at)),
}
MEMBER: dict[str, Resolver] = {**PERSON, "id": plain(lambda person: gid("CustomerSegmentMember", person.number))}
EMAIL: dict[str, Resolver] = {
    "emailAddress": plain(lambda person: person.email),
    "marketingState": plain(lambda person: person.consent.upper()),
    "marketingOptInLevel": plain(_opt_in_level),
    "marketingUpdatedAt": plain(lambda person: iso(person.consent_at)),
    "marketingUnsubscribeUrl": _link("unsubscribe"),
    "openTrackingUrl": _link("open"),
    "validFormat": plain(_valid_format),
}
PHONE: dict[str, Resolver] = {
    "phoneNumber": plain(lambda person: person.phone),
    "marketingState": plain(lambda person: "NOT_SUBSCRIBED"),
    "smsMarketingConsent": plain(lambda person: {"state": "NEVER_SUBSCRIBED", "optInLevel": None, "updatedAt": None}),
}
ADDRESS: dict[str, Resolver] = {
    "id": plain(lambda person: gid("MailingAddress", person.number + 1)),
    "firstName": plain(lambda person: person.first_name),
    "lastName": plain(lambda person: person.last_name),
    "name": plain(display_name),
    "company": plain(lambda person: person.company),
    "address1": plain(lambda person: person.street),
    "address2": plain(lambda person: None),
    "city": plain(lambda person: person.city.name),
    "province": plain(lambda person: person.city.province),
    "provinceCode": plain(lambda person: person.city.province_code),
    "zip": plain(lambda person: person.zip),
    "country": plain(lambda person: "Poland"),
    "countryCodeV2": plain(lambda person: "PL"),
    "phone": plain(lambda person: person.address_phone),
}
METAFIELD: dict[str, Resolver] = {
    "id": plain(lambda found: gid("Metafield", found.number)),
    "legacyResourceId": plain(lambda found: str(found.number)),
    "namespace": plain(lambda found: found.definition.namespace),
    "key": plain(lambda found: found.definition.key),
    "type": plain(lambda found: found.definition.type),
    "value": plain(lambda found: found.value),
}
DEFINITION: dict[str, Resolver] = {
    "id": plain(lambda definition: gid("MetafieldDefinition", definition.number)),
    "ownerType": plain(lambda definition: "CUSTOMER"),
    "type": plain(lambda definition: {"name": definition.type, "category": definition.category}),
}
SEGMENT: dict[str, Resolver] = {
    "id": plain(lambda segment: gid("Segment", segment.number)),
    "creationDate": plain(lambda segment: iso(segment.created_at)),
    "lastEditDate": plain(lambda segment: iso(segment.created_at)),
}
CHECKOUT: dict[str, Resolver] = {
    "id": plain(lambda checkout: gid("AbandonedCheckout", checkout.number)),
    "name": plain(lambda checkout: f"#{checkout.number}"),
    "note": plain(lambda checkout: ""),
    "abandonedCheckoutUrl": plain(lambda checkout: f"https://sklep.example/checkouts/{checkout.number}/recover"),
    "shippingAddress": personal("address", lambda checkout: checkout.person),
    "billingAddress": personal("address", lambda checkout: checkout.person),
    "createdAt": plain(lambda checkout: iso(checkout.created_at)),
    "updatedAt": plain(lambda checkout: iso(checkout.updated_at)),
    "completedAt": plain(lambda checkout: iso(checkout.completed_at)),
}
