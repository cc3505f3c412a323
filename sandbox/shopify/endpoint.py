"""The GraphQL endpoint: who may ask, what it costs, what is refused before anything runs, and the answer."""

from functools import lru_cache
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, validate
from werkzeug.wrappers import Request, Response

from ..faults import Fault
from ..wire import json_response
from . import answers
from .bucket import actual_cost, requested_cost
from .context import Context
from .refusals import invalid_query, invalid_variable, syntax_error
from .schema import bound_schema
from .shops import Shop
from .versions import served

SCHEMA = bound_schema()
MAX_ERRORS = 250
Body = dict[str, Any]


def answer(shop: Shop, version: str, request: Request, faults: dict[str, Fault]) -> Response:
    """POST /admin/api/<version>/graphql.json."""
    scopes = shop.scopes_of(request.headers.get("X-Shopify-Access-Token", ""))
    served_version = served(version)
    if scopes is None or "expired_token" in faults:
        return answers.invalid_token()
    if served_version is None:
        return answers.refusal(404)
    response = _respond(request, Context(shop, scopes, faults, request.host_url))
    fall_forward = faults.get("fall_forward")
    response.headers["X-Shopify-API-Version"] = (
        fall_forward.get("version", "2027-01") if fall_forward else served_version
    )
    return response


def _respond(request: Request, context: Context) -> Response:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        return json_response({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    if "internal_error" in context.faults:
        return json_response(answers.internal_error())
    if "wrong_type" in context.faults:
        return json_response({"data": {"customers": "x"}})
    document, errors = _prepared(asked["query"])
    return json_response({"errors": errors} if errors else _paid(document, asked, context))


@lru_cache(maxsize=256)
def _prepared(query: str) -> tuple[DocumentNode, list[Body]]:
    """The parsed query, and what is wrong with it. The same query is read once."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return DocumentNode(definitions=()), [syntax_error(error)]
    return document, [invalid_query(error) for error in validate(SCHEMA, document)]


def _paid(document: DocumentNode, asked: Body, context: Context) -> Body:
    bucket, variables = context.shop.bucket, asked.get("variables") or {}
    requested = requested_cost(document, variables)
    if "throttled" in context.faults or not bucket.take(requested):
        return answers.throttled(_cost(context, requested, None))
    body = _body(_executed(document, asked, context), context)
    actual = actual_cost(document, body.get("data"))
    bucket.give_back(requested - actual)
    body["extensions"] = {"cost": _cost(context, requested, actual), **body["extensions"]}
    return body


def _cost(context: Context, requested: int, actual: int | None) -> Body:
    """Fault `throttled`: the bucket looks as empty as `available` says (0 unless named)."""
    status = context.shop.bucket.status(actual or 0)
    if fault := context.faults.get("throttled"):
        status["currentlyAvailable"] = fault.get("available", 0)
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _executed(document: DocumentNode, asked: Body, context: Context) -> ExecutionResult:
    return execute(
        SCHEMA,
        document,
        context_value=context,
        variable_values=asked.get("variables") or {},
        operation_name=asked.get("operationName"),
        is_awaitable=lambda value: False,
    )


def _body(result: ExecutionResult, context: Context) -> Body:
    errors = [_error(error) for error in result.errors or ()]
    if len(errors) > MAX_ERRORS:
        truncated = {"message": "Too many execution errors, max error limit reached. Results truncated"}
        errors = [*errors[:MAX_ERRORS], truncated]
    body: Body = {"errors": errors} if errors else {}
    if result.data is not None or any("path" in error for error in errors):
        body["data"] = result.data
    body["extensions"] = {"search": context.search} if context.search else {}
    return body


def _error(error: GraphQLError) -> Body:
    return invalid_variable(error) if error.message.startswith("Variable ") else dict(error.formatted)
