"""Shopify's records as far as they are read: a value of another type makes its record unreadable, not the page."""

from collections.abc import Iterable

import msgspec

from webapp.connectors.shopify.metafields import Metafield


class EmailAddress(msgspec.Struct, rename="camel"):
    email_address: str | None = None
    marketing_state: str | None = None
    marketing_updated_at: str | None = None


class PhoneNumber(msgspec.Struct, rename="camel"):
    phone_number: str | None = None


class Money(msgspec.Struct, rename="camel"):
    amount: str | None = None
    currency_code: str | None = None


class Address(msgspec.Struct, rename="camel"):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    country: str | None = None
    country_code_v2: str | None = msgspec.field(default=None, name="countryCodeV2")
    phone: str | None = None


class Customer(msgspec.Struct, rename="camel"):
    """A customer or a segment member; only what a query selects is there."""

    id: str = ""
    updated_at: str | None = None
    created_at: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    locale: str | None = None
    note: str | None = None
    tags: list[str] | None = None
    state: str | None = None
    verified_email: bool | None = None
    number_of_orders: str | None = None
    amount_spent: Money | None = None
    default_email_address: EmailAddress | None = None
    default_phone_number: PhoneNumber | None = None
    default_address: Address | None = None


class Checkout(msgspec.Struct, rename="camel"):
    """An abandoned checkout; the person is its customer, where it has one."""

    id: str
    updated_at: str
    created_at: str | None = None
    name: str | None = None
    note: str | None = None
    abandoned_checkout_url: str | None = None
    customer: Customer | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None


def with_metafields(aliases: Iterable[str]) -> type[Customer]:
    """A customer that also holds metafields under these aliases."""
    fields = [(alias, Metafield | None, None) for alias in aliases]
    return msgspec.defstruct("CustomerWithMetafields", fields, bases=(Customer,)) if fields else Customer
