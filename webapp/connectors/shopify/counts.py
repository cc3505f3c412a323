"""How many people a source has, as Shopify counts them; whatever it does not count exactly is None.

`customersCount` promises only dates and ids as filters, and counts everyone when it does not know one. Subscribers and tags
are therefore counted in the segment language, as the members of a segment that is not saved.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify.api import ShopifyApi

T = TypeVar("T")

SUBSCRIBED = "email_subscription_status = 'SUBSCRIBED'"


class Count(msgspec.Struct):
    count: int
    precision: str


class Members(msgspec.Struct, rename="camel"):
    total_count: int


class Counts:
    """Counting in one shop, many at a time."""

    def __init__(self, api: ShopifyApi):
        self._api = api

    def customers(self, query: str | None) -> int | None:
        """Customers that a search by dates finds."""
        field = "customersCount(limit: null, query: $%s) { count precision }"
        return self._ask("String", field, [query], Count, _exact)[0]

    def checkouts(self, query: str | None) -> int | None:
        """Abandoned checkouts that a search finds."""
        field = "abandonedCheckoutsCount(limit: null, query: $%s) { count precision }"
        return self._ask("String", field, [query], Count, _exact)[0]

    def segments(self, ids: Sequence[str]) -> list[int | None]:
        """Members of each saved segment."""
        field = "customerSegmentMembers(segmentId: $%s, first: 1) { totalCount }"
        return self._ask("ID!", field, ids, Members, lambda members: members.total_count)

    def subscribers(self) -> int | None:
        """Customers who take e-mail marketing."""
        return self._members([SUBSCRIBED])[0]

    def tags(self, tags: Sequence[str]) -> list[int | None]:
        """Customers with each tag. The segment language documents no way to write a quote: such tags are not counted."""
        plain = [tag for tag in tags if "'" not in tag and "\\" not in tag]
        counted = dict(zip(plain, self._members([f"customer_tags CONTAINS '{tag}'" for tag in plain]), strict=True))
        return [counted.get(tag) for tag in tags]

    def _members(self, queries: Sequence[str]) -> list[int | None]:
        field = "customerSegmentMembers(query: $%s, first: 1) { totalCount }"
        return self._ask("String!", field, queries, Members, lambda members: members.total_count)

    def _ask(
        self, type_: str, field: str, values: Sequence[str | None], kind: type[T], read: Callable[[T], int | None]
    ) -> list[int | None]:
        """One query with an alias for each value."""
        if not values:
            return []
        variables = {f"v{number}": value for number, value in enumerate(values)}
        parameters = ", ".join(f"${name}: {type_}" for name in variables)
        fields = " ".join(f"{name}: {field % name}" for name in variables)
        try:
            found = self._api.ask(f"query Counts({parameters}) {{ {fields} }}", variables, dict[str, kind | None])
        except ConnectorError as error:
            if error.reason is not Reason.BAD_RESPONSE:
                raise
            return [None] * len(values)
        return [read(found[name]) if found.get(name) else None for name in variables]


def _exact(count: Count) -> int | None:
    return count.count if count.precision == "EXACT" else None
