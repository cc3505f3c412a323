"""Every query the connector can send, checked against Shopify's own schema."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, extend_schema, parse, specified_rules, validate
from graphql.validation import NoDeprecatedCustomRule

from webapp.connectors.base import Group, Window
from webapp.connectors.shopify.api import API_VERSION
from webapp.connectors.shopify.reader import CUSTOMERS, Reader

from .shopify_shop import FakeShopify
from .standins import Visit

NOW = datetime(2026, 11, 23, tzinfo=UTC)

# Documented for this version on shopify.dev, but left out of the schema's subset for customers.
BEYOND_THE_SUBSET = """extend type QueryRoot {
  abandonedCheckoutsCount(limit: Int = 10000, query: String, savedSearchId: ID): Count }"""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    path = Path(os.environ.get("CONTRACTS_DIR", ""), "shopify", f"admin_{API_VERSION}.customers-subset.graphql")
    if not path.is_file():
        pytest.skip("CONTRACTS_DIR holds no schema of Shopify")
    subset = build_schema(path.read_text(encoding="utf-8"), assume_valid=True)
    return extend_schema(subset, parse(BEYOND_THE_SUBSET), assume_valid=True)


def sent_queries() -> set[str]:
    shop = FakeShopify(people=2)
    connector = shop.connect()
    connector.check()
    for group in connector.groups:
        for source in connector.sources(group):
            _read_everything(connector, group, source.id)
    return {asked["query"] for asked in shop.asked}


def _read_everything(connector, group: Group, source_id: str) -> None:
    columns = [field.key for field in connector.fields(group, source_id)]
    for window in (Window(None, NOW), Window(NOW - timedelta(days=1), NOW)):
        list(connector.people(group, source_id, columns, window, None))
    for column in columns:
        list(connector.people(group, source_id, [column], Window(None, NOW), None))


def test_shopify_would_accept_every_query(schema):
    queries = sent_queries()
    problems = {query: [error.message for error in validate(schema, parse(query))] for query in queries}
    assert len(queries) > 60 and {query: found for query, found in problems.items() if found} == {}


def bulk_queries() -> set[str]:
    """Those that start, look at and cancel a bulk operation, and those that run in bulk themselves."""
    visit = Visit("shopify_in_bulk", people=3)
    visit.tell(action="bulk", polls=None)
    queries, honest = set(), visit.send

    def send(method, url, headers, content):
        asked = json.loads(content) if content.startswith(b"{") else {}
        queries.update(text for text in (asked.get("query"), asked.get("variables", {}).get("query")) if text)
        return honest(method, url, headers, content)

    visit.send = send
    columns = [field.key for field in visit.connect().fields(Group.CONTACTS, "everyone")]
    for source in ("everyone", 'tag:it\'s \\ "VIP"'):
        list(visit.connect()._in_bulk(_reader(visit, columns), source, None, 3))
    return {query for query in queries if "ulk" in query or query.startswith("{ customers")}


def _reader(visit: Visit, columns: list[str]) -> Reader:
    return Reader(visit.connect()._api, CUSTOMERS, columns, 250)


def test_shopify_would_accept_every_query_of_the_bulk_way(schema):
    queries = bulk_queries()
    assert len(queries) == 5
    assert {query: validate(schema, parse(query), [*specified_rules, NoDeprecatedCustomRule]) for query in queries} == {
        query: [] for query in queries
    }


def test_no_query_uses_what_shopify_has_deprecated(schema):
    for query in sent_queries():
        assert validate(schema, parse(query), [NoDeprecatedCustomRule]) == []


def test_no_query_selects_what_needs_a_scope_to_write():
    assert not any(name in query for query in sent_queries() for name in ("nsubscribeUrl", "openTrackingUrl"))
