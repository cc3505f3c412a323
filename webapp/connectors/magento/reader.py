"""Reading customers page by page, by rising id: page numbers shift while people change, and lie past the end."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from webapp.connectors.base import Consent, Page, Person
from webapp.connectors.guard import PageGuard
from webapp.connectors.magento.api import Filter, Found, MagentoApi
from webapp.connectors.magento.columns import Attribute, is_subscribed, readers, wanted
from webapp.connectors.magento.errors import TooManyAsked
from webapp.connectors.magento.sources import CUSTOMERS
from webapp.connectors.reasons import ConnectorError, Reason

PATIENCE = 3
# A flag that is missing says nothing: neither yes nor that anybody withdrew.
CONSENTS = {True: Consent.GRANTED, False: Consent.NONE, None: None}


class Reader:
    """One pass over the customers that fit the filters, with the chosen columns."""

    def __init__(self, api: MagentoApi, columns: Sequence[str], attributes: Sequence[Attribute], page_size: int):
        self._api, self._size = api, page_size
        self._readers = readers(columns, attributes)
        self._fields = wanted(columns, attributes)

    def pages(self, filters: Sequence[Filter], last_id: int) -> Iterator[Page]:
        """Everybody after `last_id`. Raises ConnectorError(PAGING_LOOP) when the shop keeps sending the same people."""
        guard, stood_still = None, 0
        while True:
            found = self._search([*filters, Filter("entity_id", "gt", str(last_id))])
            guard = guard or PageGuard(found.total_count, self._size)
            people = [self._person(item) for item in found.items or ()]
            fresh = [one for one in people if not one.external_id or int(one.external_id) > last_id]
            last_id = max((int(one.external_id) for one in fresh if one.external_id), default=last_id)
            more = found.total_count > len(fresh)
            stood_still = 0 if any(one.external_id for one in fresh) else stood_still + 1
            if more and stood_still >= PATIENCE:
                raise ConnectorError(Reason.PAGING_LOOP)
            if more and fresh:
                guard.pass_through(last_id)
            if fresh or not more:
                yield Page(fresh, {"last_id": last_id} if more else None)
            if not more:
                return

    def _search(self, filters: Sequence[Filter]) -> Found:
        while True:
            try:
                return self._api.search(CUSTOMERS, filters, self._fields, self._size, order="entity_id")
            except TooManyAsked as limit:
                if not 0 < limit.most < self._size:
                    raise ConnectorError(Reason.BAD_RESPONSE) from None
                self._size = limit.most

    def _person(self, item: Any) -> Person:
        number = _number(item.get("id")) if isinstance(item, dict) else None
        if number is None:
            return Person("", dict.fromkeys(self._readers), unreadable=True)
        try:
            values = {column: read(item) for column, read in self._readers.items()}
            consent = CONSENTS[is_subscribed(item)]
            return Person(str(number), values, consent, _moment(item.get("updated_at")))
        except (ValueError, TypeError, AttributeError):
            return Person(str(number), dict.fromkeys(self._readers), unreadable=True)


def _number(value: Any) -> int | None:
    """An id, which modules have been seen to turn into text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    return value if type(value) is int else None


def _moment(text: str | None) -> datetime | None:
    """`2026-09-20 06:05:04`, always UTC, or the zeros of an import that knew no time; raises ValueError, TypeError."""
    known = text is not None and not text.startswith("0000")
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if known else None
