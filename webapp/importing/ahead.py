"""Ahead: while some pages are written, the next ones are asked for and read in a thread of their own."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from threading import Condition
from typing import Generic, Protocol, TypeVar


class Weighed(Protocol):
    """What pages have to say of themselves. Behind one that `is_enough` nothing is asked for until the caller comes back."""

    @property
    def weight(self) -> int: ...

    @property
    def is_enough(self) -> bool: ...


T = TypeVar("T", bound=Weighed)

# How long whoever leaves early waits for the question that is under way, so that nothing is asked for a run that is over.
PATIENCE = 5.0


class Ahead(Generic[T]):
    """The same pages in their order, those together that came while the caller worked on the ones before; for one pass.

    Whenever less than `most` waits, one page more is asked for: several wait only where they come faster than they are
    worked on. The first page is handed out alone, so that it shows soon how things stand; so is one that is enough.
    Each is taken within `within()`. What goes wrong is raised where the page would have come, so after the work on the ones
    before. Once the caller `is_done`, nothing more is asked for: it gets what has come, and the first page in any case.
    """

    def __init__(
        self,
        pages: Iterator[T],
        most: int,
        is_done: Callable[[], bool],
        within: Callable[[], AbstractContextManager[None]],
    ):
        self._pages, self._most, self._is_done, self._within = pages, most, is_done, within
        self._came: deque[T] = deque()
        self._changed = Condition()
        self._resting = self._left = self._over = False

    def __iter__(self) -> Iterator[list[T]]:
        reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        reading = reader.submit(self._read)
        try:
            batch = self._next(alone=True)
            while batch:
                yield batch
                batch = self._next()
            if self._over:
                reading.result()
        finally:
            self._leave()
            reader.shutdown(wait=False)
            wait([reading], timeout=PATIENCE)

    def _read(self) -> None:
        try:
            while self._ask() and self._may_go_on():
                pass
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _ask(self) -> bool:
        """Whether there was a page more."""
        with self._within():
            page = next(self._pages, None)
        if page is None:
            return False
        with self._changed:
            self._came.append(page)
            self._resting = page.is_enough
            self._changed.notify_all()
        return True

    def _may_go_on(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._left or (not self._resting and self._has_room()))
            return not self._left and not self._is_done()

    def _has_room(self) -> bool:
        return sum(page.weight for page in self._came) < self._most

    def _next(self, alone: bool = False) -> list[T]:
        """What has come, or the first of it; waits for one page at least. Nothing once all is over."""
        if not alone and self._is_done():
            self._leave()
        with self._changed:
            if not self._came:
                self._resting = False
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._came or self._over or self._left)
            batch: list[T] = []
            while self._came and not (batch and (alone or self._came[0].is_enough)):
                batch.append(self._came.popleft())
            self._changed.notify_all()
            return batch

    def _leave(self) -> None:
        with self._changed:
            self._left = True
            self._changed.notify_all()
