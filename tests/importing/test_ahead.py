"""Reading ahead: one page where they come slowly, several where they come faster than they are worked on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from time import sleep

import pytest

from webapp.importing.ahead import Ahead

MANY = 1000


@dataclass(frozen=True)
class Page:
    number: int
    weight: int = 1
    is_enough: bool = False


@contextmanager
def nowhere() -> Iterator[None]:
    yield


def never() -> bool:
    return False


def ahead(pages: Iterator[Page], most: int = 1, is_done=never, within=nowhere) -> Iterator[list[int]]:
    for batch in Ahead(pages, most, is_done=is_done, within=within):
        yield [page.number for page in batch]


class Vendor:
    """Gives pages from 1 to `last`, and says which were asked for. `enough` is a page behind which to rest."""

    def __init__(self, last: int, fails_at: int | None = None, enough: int | None = None, weight: int = 1):
        self.last, self.fails_at, self.enough, self.weight = last, fails_at, enough, weight
        self.asked: list[int] = []
        self.threads: set[threading.Thread] = set()
        self._changed = threading.Condition()

    def pages(self) -> Iterator[Page]:
        for number in range(1, self.last + 1):
            self.threads.add(threading.current_thread())
            with self._changed:
                self.asked.append(number)
                self._changed.notify_all()
            if number == self.fails_at:
                raise ConnectionError
            yield Page(number, self.weight, number == self.enough)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, 5)

    def is_left_alone(self) -> bool:
        """Whether nobody asks any more."""
        for thread in self.threads:
            thread.join(5)
        return not any(thread.is_alive() for thread in self.threads)


@pytest.mark.parametrize("most", [1, 7, 10 * MANY])
def test_every_page_comes_once_and_in_order(most):
    assert list(chain.from_iterable(ahead(Vendor(MANY).pages(), most))) == list(range(1, MANY + 1))


def test_the_next_page_is_asked_for_while_the_one_before_is_worked_on():
    vendor = Vendor(2)
    for batch in ahead(vendor.pages()):
        vendor.wait_until(lambda: vendor.asked == [1, 2])
        assert len(batch) == 1


@pytest.mark.parametrize(("weight", "most", "asked"), [(1, 1, 2), (1, 4, 5), (3, 4, 3), (4, 4, 2)])
def test_pages_are_asked_for_while_less_waits_than_may(weight, most, asked):
    vendor = Vendor(MANY, weight=weight)
    read = ahead(vendor.pages(), most)
    assert next(read) == [1]
    vendor.wait_until(lambda: len(vendor.asked) == asked)
    sleep(0.05)  # whoever asks too much does so at once
    assert len(vendor.asked) == asked
    read.close()


def test_pages_that_come_during_the_work_are_handed_out_together():
    vendor = Vendor(MANY)
    read = ahead(vendor.pages(), most=4)
    assert next(read) == [1]
    vendor.wait_until(lambda: 5 in vendor.asked)
    assert next(read) in ([2, 3, 4], [2, 3, 4, 5])  # the last one may be on its way still
    read.close()


def test_the_first_page_comes_alone():
    read = ahead(Vendor(9).pages(), most=9)
    assert next(read) == [1]
    read.close()


def test_nothing_is_asked_for_beyond_a_page_that_is_enough_until_somebody_wants_it():
    vendor = Vendor(4, enough=3)
    read = ahead(vendor.pages(), 9)
    assert next(read) == [1]
    vendor.wait_until(lambda: vendor.asked == [1, 2, 3])
    assert list(chain(next(read), next(read)))[-1] == 3 and vendor.asked == [1, 2, 3]
    assert list(read) == [[4]]


def test_a_page_that_is_enough_comes_alone():
    vendor = Vendor(3, enough=3)
    read = ahead(vendor.pages(), 9)
    assert next(read) == [1]
    vendor.wait_until(lambda: 3 in vendor.asked)
    assert list(read) == [[2], [3]]


def test_a_failure_is_raised_after_the_work_on_the_pages_before():
    worked_on = []
    with pytest.raises(ConnectionError):
        for batch in ahead(Vendor(5, fails_at=3).pages(), most=9):
            worked_on += batch
    assert worked_on == [1, 2]


def test_a_failure_that_has_happened_is_raised_although_the_caller_is_done():
    vendor, done = Vendor(5, fails_at=4), threading.Event()
    read = ahead(vendor.pages(), 9, is_done=done.is_set)
    assert next(read) == [1]
    vendor.wait_until(lambda: vendor.asked == [1, 2, 3, 4])
    sleep(0.05)
    done.set()
    assert next(read) == [2, 3]
    with pytest.raises(ConnectionError):
        next(read)


def test_whoever_leaves_early_leaves_no_question_behind():
    vendor = Vendor(MANY)
    read = ahead(vendor.pages())
    for batch in read:
        if batch == [3]:
            break
    read.close()
    asked = list(vendor.asked)
    assert len(asked) <= 5 and vendor.is_left_alone() and vendor.asked == asked


def test_whoever_is_done_gets_what_has_come_and_nothing_more_is_asked_for():
    vendor, done = Vendor(MANY), threading.Event()
    read = ahead(vendor.pages(), 4, is_done=done.is_set)
    first = next(read)
    vendor.wait_until(lambda: 5 in vendor.asked)
    done.set()
    rest = list(chain.from_iterable(read))
    assert [*first, *rest] in ([1, 2, 3, 4], [1, 2, 3, 4, 5]) and vendor.asked == [1, 2, 3, 4, 5]


def test_whoever_is_done_from_the_start_gets_one_page_all_the_same():
    vendor = Vendor(3)
    assert list(ahead(vendor.pages(), is_done=lambda: True)) == [[1]] and vendor.asked == [1]


def test_all_of_it_happens_in_the_surroundings_that_are_given():
    inside = []

    @contextmanager
    def surroundings() -> Iterator[None]:
        inside.append(threading.current_thread())
        yield

    vendor = Vendor(2)
    assert list(chain.from_iterable(ahead(vendor.pages(), within=surroundings))) == [1, 2]
    assert set(inside) == vendor.threads and threading.current_thread() not in vendor.threads
