"""The search syntax, without a shop around it."""

from types import SimpleNamespace

import pytest

from sandbox.shopify import filters
from sandbox.shopify.search import parse

ADA = SimpleNamespace(
    number=10,
    first_name="Ada",
    last_name="Lis",
    email="ada@example.com",
    phone=None,
    tags=["VIP", "hurt"],
    consent="subscribed",
    account="enabled",
    orders=3,
    spent="120.50",
    created_at=1_700_000_000,
    updated_at=1_761_998_400,  # 2025-11-01T12:00:00Z
)


def search(query):
    return parse(query, filters.CUSTOMERS, filters.customer_default)


@pytest.mark.parametrize(
    "query",
    [
        "",
        None,
        "id:10",
        "id:>9",
        "id:>=10 AND id:<=10",
        "tag:'VIP'",
        "tag:vip",
        "tag:'nikt,hurt'",
        "tag_not:'nikt'",
        "accepts_marketing:true",
        'email:"ADA@example.com"',
        "email:*",
        "state:ENABLED",
        "orders_count:3",
        "total_spent:>100.50",
        "updated_at:>='2025-11-01T12:00:00Z' AND updated_at:<'2025-11-02T00:00:00Z'",
        "updated_at:>='2025-11-01T13:00:00+01:00'",
        "updated_at:2025-11-01",
        "updated_at:<=2025-11-01",
        "updated_at:<now",
        "-tag:nikt",
        "NOT tag:nikt",
        "tag:nikt OR tag:vip",
        "(tag:nikt OR tag:vip) AND id:10",
        "Ada",
        "first_name:ada last_name:lis",
    ],
)
def test_these_queries_find_her(query):
    found = search(query)
    assert found.filter.passes(ADA)
    assert not found.warnings


@pytest.mark.parametrize(
    "query",
    [
        "id:>10",
        "tag:nikt",
        "tag:vip AND id:>10",
        "tag:vip id:>10",
        "accepts_marketing:false",
        "phone:*",
        "updated_at:>2025-11-01",
        "updated_at:<'2025-11-01T12:00:00Z'",
        "updated_at:2025-11-02",
        "-tag:vip",
        "NOT (tag:vip OR tag:nikt)",
        "Piotr",
    ],
)
def test_these_queries_pass_her_over(query):
    found = search(query)
    assert not found.filter.passes(ADA)
    assert not found.warnings


def test_whoever_has_no_address_accepts_no_marketing():
    unreachable = SimpleNamespace(**{**vars(ADA), "email": None})
    assert not search("accepts_marketing:true").filter.passes(unreachable)


def test_an_unknown_field_is_dropped_and_warned_of():
    found = search("kolor:czerwony")
    assert found.filter.passes(ADA)
    assert found.warnings == [
        {"field": "kolor", "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


def test_beside_an_unknown_field_the_others_still_decide():
    assert not search("kolor:czerwony AND id:>10").filter.passes(ADA)


@pytest.mark.parametrize("query", ["updated_at:>wczoraj", "id:>abc", "accepts_marketing:moze"])
def test_a_value_that_does_not_fit_is_dropped_and_warned_of(query):
    found = search(query)
    assert found.filter.passes(ADA)
    assert found.warnings[0]["code"] == "invalid_value"


@pytest.mark.parametrize(
    ("query", "floor"), [("id:>9 AND tag:vip", 9), ("id:>9 OR tag:vip", 0), ("NOT id:>9", 0), ("id:<9", 0)]
)
def test_a_reading_may_start_at_the_lowest_id_that_can_pass(query, floor):
    assert search(query).filter.floor == floor


@pytest.mark.parametrize("query", ["(", ")", "((tag:vip", "AND", "OR OR", "NOT", "-", ":", "'", "tag:", "tag:vip)"])
def test_broken_queries_do_not_break_the_shop(query):
    assert search(query).filter.passes(ADA) in (True, False)
