"""Pages of records by rising id, from a token while it lives, else from the start up to the place."""

from collections.abc import Iterator
from typing import Any

from webapp.connectors.base import Page, Person
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.reader import Reader, TokenLost

PATIENCE = 3


class Walk:
    """One pass by id. The place is the last id delivered and the token of the page behind it."""

    def __init__(self, reader: Reader, total: int | None, cursor: dict[str, Any] | None, then: dict[str, Any] | None):
        self._reader, self._total, self._then = reader, total, then
        self._place: dict[str, Any] = {"last_id": "0", "token": None, **(cursor or {})}

    def pages(self) -> Iterator[Page]:
        """Everybody behind the place; the last page's cursor is `then`. Raises ConnectorError(PAGING_LOOP)."""
        lost_at = None
        while True:
            try:
                yield from self._from(self._place["token"])
                return
            except TokenLost:
                if lost_at == self.last:
                    raise ConnectorError(Reason.PAGING_LOOP) from None
                lost_at, self._place["token"] = self.last, None

    def _from(self, token: str | None) -> Iterator[Page]:
        again, still = token is None and self.last > 0, 0
        for batch, next_token in self._reader.batches(self._total, token):
            reached = max((int(one.external_id) for one in batch.people if one.external_id), default=0)
            forward = reached > self.last
            still = 0 if forward or again else still + 1
            if batch.more and still > PATIENCE:
                raise ConnectorError(Reason.PAGING_LOOP)
            if again and not forward and batch.more:
                yield Page([], dict(self._place))
                continue
            # Only pages that are read again are sifted: were they ever in another order, nobody would be missed silently.
            people = [one for one in batch.people if self._is_fresh(one)] if again else batch.people
            again, self._place = False, {"last_id": str(max(reached, self.last)), "token": next_token}
            yield Page(people, dict(self._place) if batch.more else self._then)

    @property
    def last(self) -> int:
        """Everybody up to this id was delivered."""
        return int(self._place["last_id"])

    def _is_fresh(self, person: Person) -> bool:
        return not person.external_id or int(person.external_id) > self.last
