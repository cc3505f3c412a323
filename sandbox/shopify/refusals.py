"""Queries that are refused before they run, with the vendor's codes."""

import re
from typing import Any

from graphql import GraphQLError

# The validator's messages, and the code under which the vendor refuses the same.
CODES = (
    (r"Cannot query field '(?P<fieldName>\w+)' on type '(?P<typeName>\w+)'", "undefinedField"),
    (r"Field '\w+' of type .* must have a selection of subfields", "selectionMismatch"),
    (r"Field '\w+' must not have a selection", "selectionMismatch"),
    (r"Unknown argument '(?P<argumentName>\w+)' on field", "argumentNotAccepted"),
    (r"(?:Argument|Field) .* is required", "missingRequiredArguments"),
    (r"Variable '\$(?P<variableName>\w+)' is never used", "variableNotUsed"),
    (r"Variable '\$(?P<variableName>\w+)' is not defined", "variableNotDefined"),
    (r"Variable '\$(?P<variableName>\w+)' of type .* used in position", "variableMismatch"),
    (r"Unknown type '(?P<typeName>\w+)'", "undefinedType"),
    (r"Unknown fragment", "undefinedFragment"),
    (r"Fields .* conflict", "fieldConflict"),
    (r"cannot represent|does not exist in|Expected value of", "argumentLiteralsIncompatible"),
)


def syntax_error(error: GraphQLError) -> dict[str, Any]:
    return {"message": error.message.replace("Syntax Error: ", "syntax error, "), "locations": _locations(error)}


def invalid_query(error: GraphQLError) -> dict[str, Any]:
    """A query that does not fit the schema: no data, and a code that says what is wrong."""
    extensions: dict[str, Any] = {}
    for pattern, code in CODES:
        if match := re.search(pattern, error.message):
            extensions = {"code": code, **match.groupdict()}
            break
    message = error.message
    if extensions.get("code") == "undefinedField":
        message = f"Field '{extensions['fieldName']}' doesn't exist on type '{extensions['typeName']}'"
    return {"message": message, "locations": _locations(error), "path": ["query"], "extensions": extensions}


def invalid_variable(error: GraphQLError) -> dict[str, Any]:
    """A variable whose value does not fit its type."""
    return {
        "message": error.message,
        "locations": _locations(error),
        "extensions": {"code": "INVALID_VARIABLE", "problems": [{"path": [], "explanation": error.message}]},
    }


def _locations(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": place.line, "column": place.column} for place in error.locations or ()]
