"""Reading ahead: one page where they come slowly, several where they come faster than they are worked on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

import pytest

from webapp.importing.ahead import Ahead

MANY = 1000


@contextmanager
def nowhere() -> Iterator[None]:
    yield


def never(*_: object) -> bool:
    return False


def ahead(pages: Iterator[int], most: int = 1, is_enough=never, is_done=never, within=nowhere) -> Ahead[int]:
    """Every page weighs 1."""
    return Ahead(pages, lambda page: 1, most, is_enough, is_done, within)


class Vendor:
    """Gives the numbers from 1 to `last`, and says which were asked for."""

    def __init__(self, last: int, fails_at: int | None = None):
        self.last, self.fails_at, self.asked, self.threads = last, fails_at, [], set()
        self._asked = threading.Condition()

    def pages(self) -> Iterator[int]:
        for number in range(1, self.last + 1):
            self.threads.add(threading.current_thread())
            with self._asked:
                self.asked.append(number)
                self._asked.notify_all()
            if number == self.fails_at:
                raise ConnectionError
            yield number

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._asked:
            assert self._asked.wait_for(is_so, 5)


@pytest.mark.parametrize("most", [1, 7, 10 * MANY])
def test_every_page_comes_once_and_in_order(most):
    assert list(chain.from_iterable(ahead(Vendor(MANY).pages(), most))) == list(range(1, MANY + 1))


def test_the_next_page_is_asked_for_while_the_one_before_is_worked_on():
    vendor = Vendor(2)
    for batch in ahead(vendor.pages()):
        vendor.wait_until(lambda: vendor.asked == [1, 2])
        assert len(batch) == 1


def test_only_one_page_is_ahead_where_one_is_heavy():
    vendor = Vendor(9)
    read = iter(ahead(vendor.pages(), most=1))
    assert next(read) == [1]
    vendor.wait_until(lambda: 2 in vendor.asked)
    assert next(read) == [2] and 4 not in vendor.asked


def test_pages_that_come_during_the_work_are_handed_out_together_and_are_no_more_than_was_said():
    vendor = Vendor(9)
    read = iter(ahead(vendor.pages(), most=4))
    assert next(read) == [1]
    vendor.wait_until(lambda: 5 in vendor.asked)
    assert next(read) in ([2, 3, 4], [2, 3, 4, 5])  # the last one may be on its way still
    assert 10 not in vendor.asked


def test_the_first_page_comes_alone():
    assert next(iter(ahead(Vendor(9).pages(), most=9))) == [1]


def test_nothing_is_asked_for_beyond_a_page_that_is_enough_until_somebody_wants_it():
    vendor = Vendor(4)
    read = iter(ahead(vendor.pages(), 9, lambda page: page == 3))
    assert next(read) == [1]
    vendor.wait_until(lambda: vendor.asked == [1, 2, 3])
    assert list(chain(next(read), next(read)))[-1] == 3 and vendor.asked == [1, 2, 3]
    assert list(read) == [[4]]


def test_a_page_that_is_enough_comes_alone():
    vendor = Vendor(3)
    read = iter(ahead(vendor.pages(), 9, lambda page: page == 3))
    assert next(read) == [1]
    vendor.wait_until(lambda: 3 in vendor.asked)
    assert list(read) == [[2], [3]]


def test_a_failure_is_raised_after_the_work_on_the_pages_before():
    worked_on = []
    with pytest.raises(ConnectionError):
        for batch in ahead(Vendor(5, fails_at=3).pages(), most=9):
            worked_on += batch
    assert worked_on == [1, 2]


def test_whoever_leaves_early_leaves_no_question_behind():
    vendor = Vendor(MANY)
    for batch in ahead(vendor.pages()):
        if batch == [3]:
            break
    asked = list(vendor.asked)
    assert len(asked) <= 4 and vendor.threads
    for thread in vendor.threads:
        thread.join(5)
    assert vendor.asked == asked and not any(thread.is_alive() for thread in vendor.threads)


def test_whoever_is_done_gets_what_has_come_and_nothing_more_is_asked_for():
    vendor, done = Vendor(MANY), threading.Event()
    read = iter(ahead(vendor.pages(), most=4, is_done=done.is_set))
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
