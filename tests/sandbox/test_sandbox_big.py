"""A hundred thousand people: nobody is held in memory, and no page reads the whole shop."""

import tracemalloc

import pytest

from sandbox import Options, create_app
from sandbox.population import Population

PEOPLE = 100_000


@pytest.fixture
def big(caller):
    shop = caller("bukowina")
    shop.client.application = create_app(Options(people=PEOPLE))
    return shop


@pytest.fixture
def generated(monkeypatch):
    """Which people were made."""
    made = []
    person = Population.person
    monkeypatch.setattr(Population, "person", lambda self, index: made.append(index) or person(self, index))
    return made


def last_of(shop, place):
    """The id of the person at a place, from the first person's."""
    first = int(shop.page(first=1)["nodes"][0]["legacyResourceId"])
    return first + 37 * place


def test_a_page_in_the_middle_makes_only_its_own_people(big, generated):
    above = last_of(big, 60_000)
    generated.clear()
    page = big.page(first=250, query=f"id:>{above}")
    assert len(page["nodes"]) == 250
    assert len(generated) < 300


def test_going_on_by_cursor_makes_only_the_next_people(big, generated):
    cursor = big.page(first=250, query=f"id:>{last_of(big, 50_000)}")["pageInfo"]["endCursor"]
    generated.clear()
    big.page(first=250, after=cursor)
    assert len(generated) < 300


def test_the_last_page_ends(big):
    page = big.page(first=250, query=f"id:>{last_of(big, PEOPLE - 101)}")
    assert len(page["nodes"]) == 100
    assert not page["pageInfo"]["hasNextPage"]


def test_paging_needs_no_more_memory_with_more_people(big):
    big.page(first=250)
    tracemalloc.start()
    after = None
    for _ in range(6):
        after = big.page(first=250, after=after)["pageInfo"]["endCursor"]
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000


def test_everyone_is_counted(big):
    data = big.data("{ customersCount(limit: null) { count precision } }")
    assert data["customersCount"] == {"count": PEOPLE, "precision": "EXACT"}


def test_the_count_stops_at_ten_thousand_unless_told_otherwise(big):
    data = big.data("{ customersCount { count precision } }")
    assert data["customersCount"] == {"count": 10_000, "precision": "AT_LEAST"}
