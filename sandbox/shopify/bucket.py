"""What a query costs, and the leaky bucket that it is paid from."""

import math
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationType,
    SelectionSetNode,
)
from graphql.language.ast import IntValueNode, VariableNode

# Recorded figures of the vendor: 3 customers with 4 objects each cost 8, 250 variants with one object each cost 25.
BASE_COST = 4
MUTATION_COST = 10


class Bucket:
    """Points of one application in one shop. Unless switched on it is always full, and only reports."""

    def __init__(self, maximum: float = 2000, restore: float = 100, is_on: bool = False):
        self.maximum, self.restore, self.is_on = maximum, restore, is_on
        self._points, self._at = float(maximum), time.monotonic()
        self._lock = Lock()

    def take(self, cost: int) -> bool:
        """Pay for a query; False where the points do not suffice, and nothing is taken then."""
        with self._lock:
            self._refill()
            if not self.is_on or cost > self._points:
                return not self.is_on
            self._points -= cost
            return True

    def give_back(self, points: int) -> None:
        """A query that cost less than it asked for is refunded."""
        with self._lock:
            self._points = min(self.maximum, self._points + points)

    def status(self, spent: int = 0) -> dict[str, Any]:
        with self._lock:
            self._refill()
            available = self._points if self.is_on else self.maximum - spent
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(available),
            "restoreRate": self.restore,
        }

    def _refill(self) -> None:
        now = time.monotonic()
        self._points = min(self.maximum, self._points + (now - self._at) * self.restore)
        self._at = now


def requested_cost(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """What a query may cost at most, from the sizes of the pages that it asks for."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in document.definitions if not isinstance(node, FragmentDefinitionNode)]
    if is_mutation(document):
        return MUTATION_COST
    return _cost(sum(_objects(node.selection_set, variables, fragments) for node in operations))


def is_mutation(document: DocumentNode) -> bool:
    return any(getattr(node, "operation", None) is OperationType.MUTATION for node in document.definitions)


def actual_cost(document: DocumentNode, data: Any) -> int:
    """What the answer really cost."""
    if is_mutation(document):
        return MUTATION_COST
    return _cost(_objects_in(data) - 1) if data else 0


def _cost(objects: int) -> int:
    return BASE_COST + round(math.sqrt(objects)) if objects > 2 else max(objects, 1)


def _objects(
    selections: SelectionSetNode | None, variables: Mapping[str, Any], fragments: dict[str, FragmentDefinitionNode]
) -> int:
    """How many objects a selection can bring; a connection multiplies what lies under it."""
    total = 0
    for node in selections.selections if selections else ():
        if isinstance(node, FragmentSpreadNode):
            total += _objects(fragments[node.name.value].selection_set, variables, fragments)
        elif isinstance(node, FieldNode) and node.selection_set:
            total += 1 + _page_size(node, variables) * _objects(node.selection_set, variables, fragments)
        elif not isinstance(node, FieldNode):
            total += _objects(node.selection_set, variables, fragments)
    return total


def _page_size(node: FieldNode, variables: Mapping[str, Any]) -> int:
    first = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
    if isinstance(first, IntValueNode):
        return int(first.value)
    size = variables.get(first.name.value) if isinstance(first, VariableNode) else None
    return size if isinstance(size, int) else 1


def _objects_in(data: Any) -> int:
    if isinstance(data, dict):
        return 1 + sum(_objects_in(value) for value in data.values() if isinstance(value, dict | list))
    return sum(_objects_in(item) for item in data) if isinstance(data, list) else 0
