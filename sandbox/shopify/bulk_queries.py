"""Queries for bulk operations (docs: api/usage/bulk-operations/queries): what they may ask for, and their rows.

A connection's rows leave their parents: each is a line of its own, and a child names its parent in `__parentId`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    NameNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)

PAGE = 250
MOST_CONNECTIONS, DEEPEST = 5, 2
PAGED = ("first", "last", "after", "before")
Row = dict[str, Any]
Execute = Callable[[DocumentNode], dict[str, Any]]


class Invalid(Exception):
    """The vendor does not run this query in bulk; its words are the argument."""


@dataclass(frozen=True)
class BulkQuery:
    """A query that may run: `root` is the answer's key of its one field."""

    document: DocumentNode
    root: str

    def page(self, after: str | None) -> DocumentNode:
        """The same query for one page of its root connection; whatever it says of pages itself is ignored."""
        return visit(self.document, _Paged(self.root, after))


def checked(text: str, schema: GraphQLSchema) -> BulkQuery:
    """The query, if it may run in bulk; raises Invalid."""
    try:
        document = parse(text)
    except GraphQLError as error:
        raise Invalid(f"Invalid bulk query: {error.message}") from None
    if errors := validate(schema, document):
        raise Invalid(f"Invalid bulk query: {errors[0].message}")
    fields = _root_fields(document)
    shape = _Shape(type_info := TypeInfo(schema))
    visit(document, TypeInfoVisitor(type_info, shape))
    shape.judge()
    return BulkQuery(document, (fields[0].alias or fields[0].name).value)


def rows(query: BulkQuery, execute: Execute, grouped: bool) -> Iterator[list[Row]]:
    """The rows of each page of the root connection. Children follow their parents, at once only where `grouped`."""
    after, more = None, True
    while more:
        connection = execute(query.page(after))[query.root]
        parents = [_row(edge["node"]) for edge in connection["edges"]]
        if grouped:
            yield [row for parent, children in parents for row in (parent, *children)]
        else:
            yield [parent for parent, _ in parents] + [child for _, children in parents for child in children]
        after, more = connection["pageInfo"]["endCursor"], connection["pageInfo"]["hasNextPage"]


def _row(node: Row, parent: str | None = None) -> tuple[Row, list[Row]]:
    """A node without its connections, and the rows of those."""
    own: Row = {}
    children: list[Row] = []
    for key, value in node.items():
        if isinstance(value, dict) and "edges" in value:
            for edge in value["edges"]:
                child, below = _row(edge["node"], node.get("id"))
                children += [child, *below]
        else:
            own[key] = value
    return (own if parent is None else {**own, "__parentId": parent}), children


def _root_fields(document: DocumentNode) -> list[FieldNode]:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation.value != "query":
        raise Invalid("Bulk operations must contain exactly one query.")
    fields = [node for node in operations[0].selection_set.selections if isinstance(node, FieldNode)]
    if len(fields) != 1:
        raise Invalid("Bulk queries cannot have more than one top-level field.")
    return fields


class _Shape(Visitor):
    """How many connections a query has, how deep they lie, and whether their rows could be told apart."""

    def __init__(self, type_info: TypeInfo):
        super().__init__()
        self._types, self._open, self._found, self._deepest = type_info, 0, 0, 0
        self._problems: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if not self._is_connection():
            return
        selected = {field.name.value for field in node.selection_set.selections if isinstance(field, FieldNode)}
        if "edges" not in selected:
            self._problems.append("The 'edges' field of a connection must be selected in bulk queries.")
        self._found += 1
        self._open += 1
        self._deepest = max(self._deepest, self._open)

    def leave_field(self, node: FieldNode, *_: Any) -> None:
        if self._is_connection():
            self._open -= 1

    def judge(self) -> None:
        if not self._found:
            raise Invalid("Bulk queries must contain at least one connection.")
        if self._found > MOST_CONNECTIONS:
            raise Invalid(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
        if self._deepest > DEEPEST:
            raise Invalid(f"Bulk queries cannot contain connections with a nesting depth greater than {DEEPEST}.")
        for problem in self._problems:
            raise Invalid(problem)

    def _is_connection(self) -> bool:
        kind = self._types.get_type()
        return kind is not None and get_named_type(kind).name.endswith("Connection")


class _Paged(Visitor):
    """Gives each connection the size of a page, and the root one its place and its page's end."""

    def __init__(self, root: str, after: str | None):
        super().__init__()
        self._root, self._after = root, after

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        selections = node.selection_set.selections if node.selection_set else ()
        if not any(isinstance(field, FieldNode) and field.name.value == "edges" for field in selections):
            return None
        arguments = [argument for argument in node.arguments or () if argument.name.value not in PAGED]
        arguments.append(_argument("first", IntValueNode(value=str(PAGE))))
        if (node.alias or node.name).value != self._root:
            return _copy(node, arguments, selections)
        if self._after:
            arguments.append(_argument("after", StringValueNode(value=self._after)))
        kept = [field for field in selections if getattr(field, "name", NODE).value != "pageInfo"]
        return _copy(node, arguments, (*kept, PAGE_INFO))


def _copy(node: FieldNode, arguments: list[ArgumentNode], selections: Any) -> FieldNode:
    chosen = type(node.selection_set)(selections=tuple(selections))
    return FieldNode(
        alias=node.alias, name=node.name, directives=node.directives, arguments=tuple(arguments), selection_set=chosen
    )


def _argument(name: str, value: Any) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)


NODE = NameNode(value="node")
PAGE_INFO = parse("{ pageInfo { hasNextPage endCursor } }").definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]
