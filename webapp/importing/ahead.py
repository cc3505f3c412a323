"""One page ahead: while a page is written, the next one is asked for and read in a thread of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from typing import TypeVar

T = TypeVar("T")

# How long whoever leaves early waits for the question that is under way, so that nothing is asked for a run that is over.
PATIENCE = 5.0


def one_ahead(
    pages: Iterator[T], is_enough: Callable[[T], bool], within: Callable[[], AbstractContextManager[None]]
) -> Iterator[T]:
    """The same pages, each taken within `within()` while the caller works on the one before, unless that `is_enough` for now.

    What goes wrong is raised where the page would have come, so after the work on the one before.
    """

    def take() -> T | None:
        with within():
            return next(pages, None)

    coming: Future[T | None] | None = None
    reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
    try:
        coming = reader.submit(take)
        while (page := coming.result()) is not None:
            coming = None if is_enough(page) else reader.submit(take)
            yield page
            coming = coming or reader.submit(take)
    finally:
        reader.shutdown(wait=False)
        if coming and not coming.cancel():
            wait([coming], timeout=PATIENCE)
