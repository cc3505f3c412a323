"""Bulk operations in the schema: to start, look at and cancel them."""

from dataclasses import replace
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLResolveInfo, execute

from . import bulk_files
from .bulk import Operation
from .bulk_queries import Invalid, checked, rows
from .context import Resolver, plain
from .nodes import gid, iso

PREFIX = "gid://shopify/BulkOperation/"


def _run(_: Any, info: GraphQLResolveInfo, query: str, groupObjects: bool) -> Any:
    operations = info.context.shop.operations
    try:
        wanted = checked(query, info.schema)
    except Invalid as problem:
        return _refused("INVALID", str(problem), ["query"])
    operation = operations.start(query, rows(wanted, _executor(info), groupObjects))
    if operation is None:
        listed = ", ".join(gid("BulkOperation", number) for number in operations.under_way())
        message = f"A bulk query operation for this app and shop is already in progress: {listed}."
        return _refused("OPERATION_IN_PROGRESS", message, None)
    return {"bulkOperation": operation, "userErrors": []}


def _executor(info: GraphQLResolveInfo) -> Any:
    """Runs the pages of a bulk query as its application would be answered; whatever is refused fails the operation."""
    schema, context = info.schema, replace(info.context, faults={}, search=[])

    def run(document: DocumentNode) -> dict[str, Any]:
        result = execute(schema, document, context_value=context, is_awaitable=lambda value: False)
        if result.data is None or any(_is_denied(error) for error in result.errors or ()):
            raise PermissionError
        return result.data

    return run


def _is_denied(error: GraphQLError) -> bool:
    return (error.extensions or {}).get("code") == "ACCESS_DENIED"


def _refused(code: str, message: str, field: list[str] | None) -> dict[str, Any]:
    return {"bulkOperation": None, "userErrors": [{"code": code, "message": message, "field": field}]}


def _cancel(_: Any, info: GraphQLResolveInfo, id: str) -> Any:
    operation = _find(info, id)
    if operation is None:
        return {"bulkOperation": None, "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}]}
    if not operation.is_under_way:
        message = f"A bulk operation cannot be canceled when it is {operation.status.lower()}"
        return {"bulkOperation": operation, "userErrors": [{"field": None, "message": message}]}
    operation.cancel()
    return {"bulkOperation": operation, "userErrors": []}


def _look(_: Any, info: GraphQLResolveInfo, id: str) -> Operation | None:
    operation = _find(info, id)
    if operation:
        operation.look()
    return operation


def _find(info: GraphQLResolveInfo, id: str) -> Operation | None:
    number = id.removeprefix(PREFIX)
    return info.context.shop.operations.find(int(number)) if number.isdecimal() else None


def _address_where(status: str) -> Resolver:
    def resolve(operation: Operation, info: GraphQLResolveInfo) -> str | None:
        if operation.status != status or operation.file is None:
            return None
        return bulk_files.address(info.context.home, info.context.shop.name, operation)

    return resolve


QUERIES: dict[str, Resolver] = {"bulkOperation": _look}
MUTATIONS: dict[str, Resolver] = {"bulkOperationRunQuery": _run, "bulkOperationCancel": _cancel}
OPERATION: dict[str, Resolver] = {
    "id": plain(lambda operation: gid("BulkOperation", operation.number)),
    "type": plain(lambda operation: "QUERY"),
    "createdAt": plain(lambda operation: iso(operation.created_at)),
    "completedAt": plain(lambda operation: iso(operation.completed_at)),
    "objectCount": plain(lambda operation: str(operation.objects)),
    "rootObjectCount": plain(lambda operation: str(operation.roots)),
    "fileSize": plain(lambda operation: str(operation.whole_size) if operation.file else None),
    "errorCode": plain(lambda operation: operation.error),
    "url": _address_where("COMPLETED"),
    "partialDataUrl": _address_where("FAILED"),
}
