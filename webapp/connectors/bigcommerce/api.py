"""Speaking with one store: the address, the token, and the waiting before the store's quota is used up."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

from webapp.connectors.base import Access
from webapp.connectors.bigcommerce.errors import refused
from webapp.connectors.decoding import decode
from webapp.connectors.guard import PageGuard
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason

BASE_URL = "https://api.bigcommerce.com/stores/{store_hash}"
LARGEST_PAGE = 250
MOST_LISTED = 5000
FEW_LEFT = 5  # the quota is shared with every other application of the store
ONCE = (b'"data"', b'"meta"', b'"pagination"', b'"cursor_pagination"')

T = TypeVar("T")


class Links(msgspec.Struct):
    next: str | None = None


class Numbered(msgspec.Struct):
    """`meta.pagination`: only there where pages are asked for by number."""

    total: int | None = None
    per_page: int | None = None
    current_page: int | None = None
    total_pages: int | None = None
    links: Links = msgspec.field(default_factory=Links)

    @property
    def more(self) -> bool:
        return bool(self.links.next) or (self.current_page or 1) < (self.total_pages or 0)


class Cursors(msgspec.Struct):
    """`meta.cursor_pagination`: on the first page, and where a cursor was used."""

    per_page: int | None = None
    end_cursor: str | None = None
    links: Links = msgspec.field(default_factory=Links)


class Meta(msgspec.Struct):
    pagination: Numbered | None = None
    cursor_pagination: Cursors | None = None


class Listing(msgspec.Struct, Generic[T]):
    """A page of v3."""

    data: list[T]
    meta: Meta = msgspec.field(default_factory=Meta)

    @property
    def total(self) -> int | None:
        return self.meta.pagination.total if self.meta.pagination else None


class BigCommerceApi:
    """The Management API of one store, asked one request at a time (some addresses allow three at once, no more)."""

    def __init__(self, access: Access, store: str):
        self._http = access.http
        self._base_url = (access.endpoints.get("base_url") or BASE_URL).replace("{store_hash}", store)
        self._headers = {"X-Auth-Token": access.credentials.get("access_token", "")}
        self._free_at = 0.0

    def get(self, path: str, query: Mapping[str, Any], kind: type[T]) -> T:
        """The answer as `kind`; raises ConnectorError."""
        response = self._ask(path, query)
        if response.status != 200:
            raise refused(response)
        return decode(response, kind, ONCE if path.startswith("v3/") else ())

    def list_v2(self, path: str, kind: type[T]) -> list[T]:
        """A whole list of v2, which answers 204 without a body where there is nothing (any more)."""
        items: list[T] = []
        for page in range(1, MOST_LISTED // LARGEST_PAGE + 1):
            response = self._ask(path, {"limit": LARGEST_PAGE, "page": page})
            if response.status == 204:
                return items
            if response.status != 200:
                raise refused(response)
            found = decode(response, list[kind])
            items += found
            if len(found) < LARGEST_PAGE:
                return items
        raise ConnectorError(Reason.PAGING_LOOP)

    def list_v3(self, path: str, query: Mapping[str, Any], kind: type[T]) -> Iterator[T]:
        """Everything of a short list of v3, page by page."""
        guard, page = None, 1
        while True:
            listing = self.get(path, {**query, "limit": LARGEST_PAGE, "page": page}, Listing[kind])
            guard = guard or PageGuard(listing.total, LARGEST_PAGE)
            yield from listing.data
            if not (listing.meta.pagination and listing.meta.pagination.more):
                return
            guard.pass_through(page)
            page += 1

    def total(self, path: str, query: Mapping[str, Any]) -> int | None:
        """How many records a query finds, or None where the store does not say."""
        return self.get(path, {**query, "limit": 1}, Listing[msgspec.Raw]).total

    def _ask(self, path: str, query: Mapping[str, Any]) -> Response:
        wait = self._free_at - time.monotonic()
        if wait > 0:
            self._free_at = 0.0
            self._http.pause(ConnectorError(Reason.RATE_LIMITED, wait=wait))
        address = f"{self._base_url}/{path}" + (f"?{urlencode(query, safe=':,@')}" if query else "")
        response = self._http.request("GET", address, headers=self._headers)
        self._note_quota(response.headers)
        return response

    def _note_quota(self, headers: Mapping[str, str]) -> None:
        """Vendor page, section 6: nearly used up, the rest of the window is left to the store's other applications."""
        left, reset = (_whole(headers.get(f"x-rate-limit-{name}", "")) for name in ("requests-left", "time-reset-ms"))
        if left is not None and left < FEW_LEFT and reset is not None:
            self._free_at = time.monotonic() + reset / 1000


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
