"""The root fields: lists, counts, and what the shop says of itself and of the application."""

from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from . import filters, paging
from .answers import missing_scope
from .context import Context, Resolver, needs, plain
from .metafields import DEFINED
from .nodes import gid, in_memory
from .paging import Listing, Window
from .paging_faults import disturbed
from .search import EVERYONE, FieldTest, Filter, parse
from .segments import SEGMENTS, member_test
from .shops import Shop
from .versions import VERSIONS

CUSTOMER_FACTS = {
    "CREATED_AT": lambda person: person.created_at * 1000,
    "UPDATED_AT": lambda person: person.updated_at * 1000,
}


def _customers_by(shop: Shop, sort_key: str) -> Listing:
    people = shop.population
    if sort_key == "ID":
        return Listing(range(people.size), lambda index: (people.number(index),) * 2, people.person, by_id=True)
    fact = CUSTOMER_FACTS[sort_key]
    order = people.ordered(fact)
    return Listing(order, lambda index: (fact(people.person(index)), people.number(index)), people.person)


def _checkouts_by(shop: Shop, sort_key: str) -> Listing:
    checkouts = shop.checkouts
    if sort_key == "ID":
        positions = checkouts.by_number()
        return Listing(positions, lambda index: (checkouts.number(index),) * 2, checkouts.at, by_id=True)
    return Listing(checkouts.by_creation(), checkouts.creation_key, checkouts.at)


@needs("read_customers")
def _customers(_: Any, info: GraphQLResolveInfo, query: str | None = None, sortKey: str = "ID", **window: Any) -> Any:
    wanted = _wanted(info, query, filters.CUSTOMERS, filters.customer_default)
    return _page(info.context, _customers_by(info.context.shop, sortKey), window, wanted)


@needs("read_orders")
def _checkouts(_: Any, info: GraphQLResolveInfo, query: str | None = None, sortKey: str = "ID", **window: Any) -> Any:
    wanted = _wanted(info, query, filters.CHECKOUTS, filters.checkout_default)
    return _page(info.context, _checkouts_by(info.context.shop, sortKey), window, wanted)


@needs("read_customers")
def _customers_count(_: Any, info: GraphQLResolveInfo, limit: int | None = None, query: str | None = None) -> Any:
    wanted = _wanted(info, query, filters.CUSTOMERS_COUNT, filters.customer_default)
    return _count(info.context.shop, ("customers", query), _customers_by(info.context.shop, "ID"), wanted, limit)


@needs("read_orders")
def _checkouts_count(_: Any, info: GraphQLResolveInfo, limit: int | None = None, query: str | None = None) -> Any:
    wanted = _wanted(info, query, filters.CHECKOUTS, filters.checkout_default)
    return _count(info.context.shop, ("checkouts", query), _checkouts_by(info.context.shop, "ID"), wanted, limit)


@needs("read_customers")
def _members(
    _: Any, info: GraphQLResolveInfo, segmentId: str | None = None, query: str | None = None, **window: Any
) -> Any:
    """Members of a saved segment or of a segment query; pages of up to 1000."""
    segment = next((segment for segment in SEGMENTS if gid("Segment", segment.number) == segmentId), None)
    if segment is None and query is None:
        raise GraphQLError("Invalid segment ID", extensions={"code": "INVALID"})
    people = info.context.shop.population
    chosen = people.chosen(member_test(segment.query if segment else query))
    listing = Listing(chosen, lambda index: (people.number(index),) * 2, people.person, by_id=True)
    return {**_page(info.context, listing, window, EVERYONE, 1000), "totalCount": len(chosen)}


@needs("read_customers")
def _customer(_: Any, info: GraphQLResolveInfo, id: str) -> Any:
    number = id.removeprefix("gid://shopify/Customer/")
    return info.context.shop.population.find(int(number)) if number.isdecimal() else None


@needs("read_customers")
def _segments(_: Any, info: GraphQLResolveInfo, **window: Any) -> Any:
    return paging.rows(in_memory(list(SEGMENTS)), Window(**window)).connection()


@needs("read_customers")
def _segment(_: Any, info: GraphQLResolveInfo, id: str) -> Any:
    return next((segment for segment in SEGMENTS if gid("Segment", segment.number) == id), None)


def _definitions(
    _: Any,
    info: GraphQLResolveInfo,
    ownerType: str,
    namespace: str | None = None,
    key: str | None = None,
    **window: Any,
) -> Any:
    if info.context.lacks("read_customers"):
        raise missing_scope("metafieldDefinitions", "read_customers")
    found = [
        definition
        for definition in DEFINED
        if ownerType == "CUSTOMER" and namespace in (None, definition.namespace) and key in (None, definition.key)
    ]
    return paging.rows(in_memory(found), Window(**window)).connection()


def _page(context: Context, listing: Listing, window: dict[str, Any], wanted: Filter, maximum: int = 250) -> Any:
    asked = Window(**window)
    return disturbed(paging.rows(listing, asked, wanted, maximum), asked, context.faults).connection()


def _wanted(info: GraphQLResolveInfo, query: str | None, fields: dict[str, FieldTest], default: FieldTest) -> Filter:
    """The filter of a query; what it could not use goes to extensions.search. Fault `search_warning` uses nothing."""
    search = parse(query, {} if "search_warning" in info.context.faults else fields, default)
    if search.warnings:
        path = [str(info.path.key)]
        info.context.search.append({"path": path, "query": query, "warnings": search.warnings})
    return search.filter


def _count(shop: Shop, key: Any, listing: Listing, wanted: Filter, limit: int | None) -> dict[str, Any]:
    """Counted once, until something changes."""
    total = shop.population.remember(("count", *key), lambda: _counted(listing, wanted))
    if limit is not None and total > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": total, "precision": "EXACT"}


def _counted(listing: Listing, wanted: Filter) -> int:
    loaded = (listing.load(position) for position in listing.positions)
    return sum(1 for item in loaded if item is not None and wanted.passes(item))


def _installation(_: Any, info: GraphQLResolveInfo) -> Any:
    context = info.context
    return {
        "id": gid("AppInstallation", 1),
        "app": {"id": gid("App", 1), "apiKey": context.shop.client_id, "title": "Demo"},
        "accessScopes": [{"handle": scope} for scope in context.scopes if not context.lacks(scope)],
    }


def _shop(_: Any, info: GraphQLResolveInfo) -> Any:
    shop = info.context.shop
    return {
        "id": gid("Shop", shop.population.seed),
        "name": shop.profile.title,
        "email": f"biuro@{shop.name}.example",
        "myshopifyDomain": shop.domain,
        "currencyCode": "PLN",
        "ianaTimezone": "Europe/Warsaw",
        "url": f"https://{shop.name}.example",
    }


QUERIES: dict[str, Resolver] = {
    "customers": _customers,
    "customersCount": _customers_count,
    "customer": _customer,
    "customerSegmentMembers": _members,
    "segments": _segments,
    "segment": _segment,
    "abandonedCheckouts": _checkouts,
    "abandonedCheckoutsCount": _checkouts_count,
    "metafieldDefinitions": _definitions,
    "currentAppInstallation": _installation,
    "shop": _shop,
    "publicApiVersions": plain(
        lambda _: [{"handle": handle, "displayName": handle, "supported": True} for handle in VERSIONS]
    ),
}
