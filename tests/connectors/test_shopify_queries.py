"""Every query the connector can send, checked against Shopify's own schema."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, extend_schema, parse, validate

from webapp.connectors.base import Group, Window
from webapp.connectors.shopify.api import API_VERSION

from .shopify_shop import FakeShopify

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


def test_no_query_uses_what_shopify_has_deprecated(schema):
    from graphql.validation import NoDeprecatedCustomRule

    for query in sent_queries():
        assert validate(schema, parse(query), [NoDeprecatedCustomRule]) == []


def test_no_query_selects_what_needs_a_scope_to_write():
    assert not any(name in query for query in sent_queries() for name in ("nsubscribeUrl", "openTrackingUrl"))
