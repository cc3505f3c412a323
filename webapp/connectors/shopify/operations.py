"""Bulk operations: a query that Shopify runs by itself, at the cost of starting it (vendor page, section 5)."""

from typing import TypeVar

import msgspec

from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify.api import ShopifyApi
from webapp.connectors.shopify.errors import TooCostly
from webapp.connectors.shopify.files import GivenUp

RUN = """mutation Run($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: false) {
  bulkOperation { id } userErrors { code } } }"""
LOOK = "query Look($id: ID!) { bulkOperation(id: $id) { status errorCode rootObjectCount url } }"
CANCEL = "mutation Cancel($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }"

T = TypeVar("T")

UNDER_WAY = frozenset({"CREATED", "RUNNING"})
BUSY = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
NOT_IN_BULK = frozenset({Reason.BAD_RESPONSE, Reason.MISSING_SCOPE, Reason.PERSONAL_DATA_REFUSED})


class Started(msgspec.Struct):
    id: str


class UserError(msgspec.Struct):
    code: str | None = None


class RunPayload(msgspec.Struct, rename="camel"):
    bulk_operation: Started | None
    user_errors: list[UserError]


class Running(msgspec.Struct, rename="camel"):
    bulk_operation_run_query: RunPayload


class Operation(msgspec.Struct, rename="camel"):
    """An operation as it stands; its `url` is there when it is completed and found anybody."""

    status: str
    root_object_count: int | str
    error_code: str | None = None
    url: str | None = None

    @property
    def rows(self) -> int:
        count = str(self.root_object_count)
        return int(count) if count.isdecimal() else 0


class Looked(msgspec.Struct, rename="camel"):
    bulk_operation: Operation | None


class Operations:
    """The bulk operations of one shop."""

    def __init__(self, api: ShopifyApi):
        self._api = api

    def start(self, document: str) -> str:
        """The id of a new operation, or "" while others of this application are in its way; raises GivenUp, ConnectorError."""
        payload = self._ask(RUN, {"query": document}, Running).bulk_operation_run_query
        if payload.bulk_operation and not payload.user_errors:
            return payload.bulk_operation.id
        if any(error.code in BUSY for error in payload.user_errors):
            return ""
        raise GivenUp("the query was refused")

    def ended(self, operation_id: str) -> Operation | None:
        """The operation with its file, or None while it is under way; raises GivenUp where there is none to hope for, ConnectorError."""
        operation = self._ask(LOOK, {"id": operation_id}, Looked).bulk_operation
        if operation and operation.status in UNDER_WAY:
            return None
        # Failed, gone, or completed without anybody, although many were counted.
        if operation is None or operation.url is None:
            raise GivenUp(f"the operation has no file: {operation and (operation.status, operation.error_code)}")
        return operation

    def cancel(self, operation_id: str) -> None:
        """Make room for others; where that fails the operation ends by itself."""
        try:
            self._ask(CANCEL, {"id": operation_id}, dict)
        except (ConnectorError, GivenUp):
            return

    def _ask(self, document: str, variables: dict[str, str], kind: type[T]) -> T:
        """The answer; raises GivenUp where this shop has no such operations, and ConnectorError for what may pass."""
        try:
            return self._api.ask(document, variables, kind)
        except TooCostly:
            raise GivenUp("bulk operations cost too much") from None
        except ConnectorError as error:
            if error.reason not in NOT_IN_BULK:
                raise
            raise GivenUp(f"bulk operations are refused: {error.reason}") from None
