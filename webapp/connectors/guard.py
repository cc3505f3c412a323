"""Stops a vendor that pages for ever."""

from typing import Any

from webapp.connectors.reasons import ConnectorError, Reason


class PageGuard:
    """Stops a vendor that pages for ever: a cursor that was seen before, or far more pages than its own count allows."""

    def __init__(self, total: int | None, page_size: int):
        self._seen: set[str] = set()
        self._left = None if total is None else int(1.5 * total / page_size) + 5

    def pass_through(self, cursor: Any) -> None:
        """Note a page's cursor; raises ConnectorError(PAGING_LOOP)."""
        mark = repr(cursor)
        if mark in self._seen or self._left == 0:
            raise ConnectorError(Reason.PAGING_LOOP)
        self._seen.add(mark)
        if self._left is not None:
            self._left -= 1
