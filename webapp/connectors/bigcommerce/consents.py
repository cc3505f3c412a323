"""Who of the customers takes the newsletter. Customers carry no such consent: it stands with the subscriber of the same address."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from webapp.connectors.base import Consent
from webapp.connectors.bigcommerce.api import LARGEST_PAGE, BigCommerceApi, Listing
from webapp.connectors.bigcommerce.records import Reading, Subscriber
from webapp.connectors.bigcommerce.subscribers import PATH, Place, Subscribers


class Consents:
    """Of everyone who agreed eight bytes are kept. For a few customers of a big list the store is asked about each."""

    def __init__(self, api: BigCommerceApi):
        self._api, self._reading = api, Reading(msgspec.json.Decoder(Subscriber))
        self._agreed: array | None = None
        self._is_ready = False

    def read(self, customers: int | None) -> Iterator[None]:
        """Make ready for so many customers (None: all); yields after each page of subscribers but the last."""
        if self._is_ready:
            return
        agreed = array("q")
        for batch in Subscribers(self._api, {}, LARGEST_PAGE).batches(Place()):
            if customers is not None and (batch.place.total or 0) > customers * LARGEST_PAGE:
                self._is_ready = True
                return
            agreed.extend(_mark(row.email) for row in batch.records if isinstance(row, Subscriber) and row.agreed)
            if batch.more:
                yield None
        self._agreed, self._is_ready = array("q", sorted(agreed)), True

    def of(self, email: str | None) -> Consent:
        """GRANTED or NONE: a row without consent, no row, and no address are all no consent."""
        known = self._is_known(email) if self._agreed is not None else self._is_told(email)
        return Consent.GRANTED if known else Consent.NONE

    def _is_known(self, email: str | None) -> bool:
        mark = _mark(email)
        place = bisect_left(self._agreed, mark)
        return bool(email) and place < len(self._agreed) and self._agreed[place] == mark

    def _is_told(self, email: str | None) -> bool:
        """Nobody says whether the filter minds capital letters: both ways are tried."""
        return any(self._asked(wording) for wording in dict.fromkeys((email, (email or "").lower())) if wording)

    def _asked(self, email: str) -> bool:
        rows = self._api.get(PATH, {"email": email, "limit": LARGEST_PAGE}, Listing[msgspec.Raw]).data
        found = (row for raw in rows if isinstance(row := self._reading.record(raw), Subscriber))
        return any(row.agreed and (row.email or "").lower() == email.lower() for row in found)


def _mark(email: str | None) -> int:
    return hash((email or "").lower())
