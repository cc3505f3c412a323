"""Reading one page ahead."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from webapp.importing.ahead import one_ahead

MANY = 1000


@contextmanager
def nowhere() -> Iterator[None]:
    yield


def never(page: object) -> bool:
    return False


class Vendor:
    """Gives the numbers from 1 to `last`, and says which were asked for."""

    def __init__(self, last: int, fails_at: int | None = None):
        self.last, self.fails_at, self.asked, self.threads = last, fails_at, [], set()

    def pages(self) -> Iterator[int]:
        for number in range(1, self.last + 1):
            self.threads.add(threading.current_thread())
            self.asked.append(number)
            if number == self.fails_at:
                raise ConnectionError
            yield number


def test_every_page_comes_once_and_in_order():
    assert list(one_ahead(Vendor(MANY).pages(), never, nowhere)) == list(range(1, MANY + 1))


def test_the_next_page_is_asked_for_while_the_one_before_is_worked_on():
    asked = threading.Event()

    def pages() -> Iterator[int]:
        yield 1
        asked.set()
        yield 2

    for page in one_ahead(pages(), never, nowhere):
        assert page == 2 or asked.wait(5)


def test_nothing_is_asked_for_beyond_a_page_that_is_enough_until_somebody_wants_it():
    vendor = Vendor(3)
    read = one_ahead(vendor.pages(), lambda page: page == 2, nowhere)
    assert (next(read), next(read), vendor.asked) == (1, 2, [1, 2])
    assert list(read) == [3]


def test_a_failure_is_raised_after_the_work_on_the_page_before():
    worked_on = []
    with pytest.raises(ConnectionError):
        worked_on.extend(iter(one_ahead(Vendor(5, fails_at=3).pages(), never, nowhere)))
    assert worked_on == [1, 2]


def test_whoever_leaves_early_leaves_no_question_behind():
    vendor = Vendor(MANY)
    for page in one_ahead(vendor.pages(), never, nowhere):
        if page == 3:
            break
    asked = list(vendor.asked)
    assert len(asked) <= 4 and vendor.threads
    for thread in vendor.threads:
        thread.join(5)
    assert vendor.asked == asked and not any(thread.is_alive() for thread in vendor.threads)


def test_all_of_it_happens_in_the_surroundings_that_are_given():
    inside = []

    @contextmanager
    def surroundings() -> Iterator[None]:
        inside.append(threading.current_thread())
        yield

    vendor = Vendor(2)
    assert list(one_ahead(vendor.pages(), never, surroundings)) == [1, 2]
    assert set(inside) == vendor.threads and threading.current_thread() not in vendor.threads
