"""The stand-in's answers, and what the connector asks, against the vendor's own OpenAPI documents."""

import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from sandbox.bigcommerce import KINDS
from sandbox.bigcommerce.resources import RESOURCES
from tests.connectors.bigcommerce_store import RECENT, Store
from webapp.connectors.base import Group

from .bigcommerce_caller import Caller

CONTRACT = Path(os.environ.get("CONTRACTS_DIR", "/nonexistent")) / "bigcommerce"
DOCUMENTS = {
    "v3/customers/subscribers": "subscribers.v3",
    "v3/": "customers.v3",
    "v2/customer_groups": "customers.v2",
    "v2/": "store_information.v2",
}
HEADERS = {"X-Auth-Token": "demo-token-bukowina", "Accept": "application/json"}
# A customer without e-mail or name cannot be entered, but imported: the document knows only those that were entered.
IMPORTED = ("is too short", "should be non-empty")

ANSWERS = (
    ("v3/customers", {"limit": "250", "include": "addresses,attributes,formfields,storecredit"}),
    ("v3/customers", {"limit": "7", "page": "2"}),
    ("v3/customers", {"limit": "7", "email:in": "a@example.com,b@example.com", "customer_group_id:in": "2"}),
    ("v3/customers/subscribers", {"limit": "250", "page": "1"}),
    ("v3/customers/attributes", {"limit": "250"}),
    ("v3/customers/attribute-values", {"limit": "250", "customer_id:in": "101,116", "attribute_id:in": "1,13"}),
    ("v3/customers/form-field-values", {"limit": "250"}),
    ("v2/customer_groups", {"limit": "250", "page": "1"}),
    ("v2/store", {}),
    ("v2/time", {}),
)


def loosened(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what no real answer and no real request can keep."""
    for node in _nodes(document):
        if node.get("in") == "query":
            if node.get("name") == "id":
                node["required"] = False  # the document's mistake: the list is asked for without an id
            # Its own examples of times have no zone, which a date-time of JSON Schema must have.
            node.get("schema", {}).pop("format", None)
        properties = node.get("properties")
        if isinstance(properties, dict):
            properties.pop("channel_ids", None)  # null in stores with one storefront, which the document does not allow
            properties.pop(
                "discount_rules", None
            )  # three alternatives that cannot be told apart, of which one must hold
    return document


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(child)


@pytest.fixture(scope="module")
def specs() -> dict[str, dict[str, Any]]:
    names = sorted(set(DOCUMENTS.values()))
    if not all((CONTRACT / f"{name}.yml").exists() for name in names):
        pytest.skip("CONTRACTS_DIR is not set or holds no BigCommerce documents")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {name: yaml.load((CONTRACT / f"{name}.yml").read_text(encoding="utf-8"), loader) for name in names}


@pytest.fixture(scope="module")
def documents(specs) -> dict[str, OpenAPI]:
    # The documents keep the rules for documents only in part; requests and answers can be judged by them all the same.
    config = Config(spec_validator_cls=None)
    return {name: OpenAPI.from_dict(loosened(deepcopy(document)), config) for name, document in specs.items()}


def judge(documents, path) -> OpenAPI:
    return documents[document_of(path)]


def document_of(path) -> str:
    return next(name for start, name in DOCUMENTS.items() if path.startswith(start))


def request(path, query) -> WerkzeugOpenAPIRequest:
    """As it would arrive at the vendor's own address."""
    address = {"path": f"/stores/bukowina/{path}", "base_url": "https://api.bigcommerce.com"}
    return WerkzeugOpenAPIRequest(Request(EnvironBuilder(**address, query_string=query, headers=HEADERS).get_environ()))


def complaints(errors) -> list[str]:
    causes = (getattr(error, "__cause__", None) or error for error in errors)
    found = [str(part) for cause in causes for part in getattr(cause, "schema_errors", (cause,))]
    return [text.splitlines()[0] for text in found]


@pytest.mark.parametrize(("path", "query"), ANSWERS, ids=[f"{path}-{len(query)}" for path, query in ANSWERS])
def test_answers_are_as_the_document_says(documents, path, query):
    answer = Caller().ask(path, **query)
    response = WerkzeugOpenAPIResponse(Response(answer.data, answer.status_code, content_type=answer.content_type))
    errors = judge(documents, path).iter_response_errors(request(path, query), response)
    assert [text for text in complaints(errors) if not text.endswith(IMPORTED)] == []


def test_everything_the_connector_asks_is_as_the_document_says(documents):
    store = Store(120)
    connector = store.connect(50)
    connector.check()
    for source in connector.sources(Group.CONTACTS):
        columns = [field.key for field in connector.fields(Group.CONTACTS, source.id)]
        store.pages(source.id, columns, page_size=50)
    store.tell(action="mutate", index=0, changes={"consent": "unsubscribed"})
    store.read(window=RECENT)
    kinds = {path for path, _ in store.asked}
    assert len(kinds) == 7
    for path, query in store.asked:
        assert complaints(judge(documents, path).iter_request_errors(request(path, query))) == [], (path, query)


@pytest.mark.parametrize(("path", "query"), [("v3/customers", {"sort": "id:asc"}), ("v3/customers", {"id:in": "x"})])
def test_a_request_that_the_vendor_would_not_know_is_noticed(documents, path, query):
    assert complaints(judge(documents, path).iter_request_errors(request(path, query)))


def test_every_parameter_that_we_accept_is_one_of_the_documents(specs):
    for path, kind in KINDS.items():
        if kind in RESOURCES:
            spec, address = specs[document_of(path)], "/" + path.partition("/")[2]
            named = {_resolved(spec, node)["name"] for node in _parameters(spec, address)}
            assert set(RESOURCES[kind][1]) <= named, kind


def _parameters(spec, address):
    return [*spec["paths"][address].get("parameters", []), *spec["paths"][address]["get"].get("parameters", [])]


def _resolved(spec, node):
    for part in node.get("$ref", "").split("/")[1:]:
        spec = spec[part]
    return spec if "$ref" in node else node
