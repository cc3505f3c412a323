"""Ahead: while some pages are written, the next ones are asked for and read in a thread of their own."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")

# How long whoever leaves early waits for the question that is under way, so that nothing is asked for a run that is over.
PATIENCE = 5.0


class Ahead(Generic[T]):
    """The same pages in their order, those together that came while the caller worked on the ones before.

    One page is read ahead, or as many as weigh `most` together: more than one only where they come faster than they are
    worked on. The first one is handed out alone, and so is one that `is_enough` for now; beyond that one nothing is asked for
    until the caller comes back. Each is taken within `within()`. What goes wrong is raised where the page would have come,
    so after the work on the ones before. Once the caller `is_done`, it gets what has come, but always one page, and no more.
    """

    def __init__(
        self,
        pages: Iterator[T],
        weight: Callable[[T], int],
        most: int,
        is_enough: Callable[[T], bool],
        is_done: Callable[[], bool],
        within: Callable[[], AbstractContextManager[None]],
    ):
        self._pages, self._weight, self._most, self._within = pages, weight, most, within
        self._is_enough, self._is_done = is_enough, is_done
        self._came: deque[T] = deque()
        self._changed = Condition()
        self._began = self._resting = self._left = self._over = False

    def __iter__(self) -> Iterator[list[T]]:
        reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        reading = reader.submit(self._read)
        try:
            batch = self._next(alone=True)
            while batch:
                yield batch
                batch = self._next()
            if not self._left:
                reading.result()
        finally:
            self._leave()
            reader.shutdown(wait=False)
            wait([reading], timeout=PATIENCE)

    def _read(self) -> None:
        try:
            while self._may_ask():
                with self._within():
                    page = next(self._pages, None)
                if page is None:
                    return
                with self._changed:
                    self._came.append(page)
                    self._resting = self._is_enough(page)
                    self._changed.notify_all()
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _may_ask(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._left or (not self._resting and self._has_room()))
            may, self._began = not (self._left or (self._began and self._is_done())), True
            return may

    def _has_room(self) -> bool:
        return sum(map(self._weight, self._came)) < self._most

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
            while self._came and not (batch and (alone or self._is_enough(self._came[0]))):
                batch.append(self._came.popleft())
            self._changed.notify_all()
            return batch

    def _leave(self) -> None:
        with self._changed:
            self._left = True
            self._changed.notify_all()
