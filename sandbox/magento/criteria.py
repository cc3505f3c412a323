"""What a search asks for: filters (any of a group, all groups), order, page, and the fields of the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FILTER = re.compile(
    r"searchCriteria\[filter_?[gG]roups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(field|value|condition_?[tT]ype)\]"
)
ORDER = re.compile(r"searchCriteria\[sort_?[oO]rders\]\[(\d+)\]\[(field|direction)\]")
SIZE, PAGE = re.compile(r"searchCriteria\[page_?[sS]ize\]"), re.compile(r"searchCriteria\[current_?[pP]age\]")
CONDITIONS = (
    "eq",
    "neq",
    "gt",
    "gteq",
    "lt",
    "lteq",
    "moreq",
    "from",
    "to",
    "like",
    "nlike",
    "in",
    "nin",
    "null",
    "notnull",
)


class Unknown(Exception):
    """A name or a value that the vendor refuses."""


@dataclass(frozen=True)
class Filter:
    field: str
    value: str = ""
    condition: str = "eq"


@dataclass
class Criteria:
    """`groups` are tuples of filters; `size` None means everybody in one answer."""

    groups: list[tuple[Filter, ...]] = field(default_factory=list)
    orders: list[tuple[str, str]] = field(default_factory=list)
    size: int | None = None
    page: int = 1

    def shown(self) -> dict[str, Any]:
        """The criteria as an answer repeats them."""
        groups = [
            {"filters": [{"field": f.field, "value": f.value, "condition_type": f.condition} for f in g]}
            for g in self.groups
        ]
        body: dict[str, Any] = {"filter_groups": groups}
        if self.orders:
            body["sort_orders"] = [{"field": name, "direction": way} for name, way in self.orders]
        if self.size is not None:
            body |= {"page_size": self.size, "current_page": self.page}
        return body


def read(query: Mapping[str, str]) -> Criteria:
    """The criteria of a query string; raises Unknown for what Magento does not take."""
    if not any(name.startswith("searchCriteria") for name in query):
        raise Unknown("searchCriteria")
    filters: dict[int, dict[int, dict[str, str]]] = {}
    orders: dict[int, dict[str, str]] = {}
    criteria = Criteria()
    for name, value in query.items():
        if match := FILTER.fullmatch(name):
            part = match[3] if match[3] in ("field", "value") else "condition"
            filters.setdefault(int(match[1]), {}).setdefault(int(match[2]), {})[part] = value
        elif match := ORDER.fullmatch(name):
            orders.setdefault(int(match[1]), {})[match[2]] = value
        elif SIZE.fullmatch(name):
            criteria.size = _whole(value)
        elif PAGE.fullmatch(name):
            criteria.page = max(1, _whole(value))
    criteria.groups = [
        tuple(_filter(parts) for _, parts in sorted(group.items())) for _, group in sorted(filters.items())
    ]
    # Without a direction the order is descending.
    criteria.orders = [(order["field"], order.get("direction", "DESC").upper()) for _, order in sorted(orders.items())]
    return criteria


def _filter(parts: dict[str, str]) -> Filter:
    found = Filter(**parts)
    if found.condition not in CONDITIONS:
        raise Unknown(found.condition)
    return found


def _whole(text: str) -> int:
    if not text.isdigit():
        raise Unknown(text)
    return int(text)


def pruned(body: Any, wanted: str) -> Any:
    """`fields=items[id,addresses[city]],total_count`: only these keys stay."""
    return _kept(body, _tree(wanted)) if wanted else body


def _tree(text: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    stack, name = [root], ""
    for part in re.findall(r"[\w-]+|[\[\],]", text):
        if part == "[":
            stack.append(stack[-1][name])
        elif part == "]":
            stack.pop()
        elif part != ",":
            name = part
            stack[-1][name] = {}
    return root


def _kept(value: Any, tree: dict[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_kept(item, tree) for item in value] or None  # a flaw of the vendor's filter
    if isinstance(value, dict):
        return {name: _kept(part, tree[name]) for name, part in value.items() if name in tree}
    return value
