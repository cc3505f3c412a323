"""What the resolvers of one request share: who asks, what is allowed, and what goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from graphql import GraphQLResolveInfo

from ..faults import Fault
from .answers import missing_scope, personal_data_refused
from .shops import Shop

Resolver = Callable[..., Any]


@dataclass
class Context:
    """`search` gathers what extensions.search will say; `home` is the address under which the sandbox was asked."""

    shop: Shop
    scopes: tuple[str, ...]
    faults: dict[str, Fault]
    home: str = ""
    search: list[dict[str, Any]] = field(default_factory=list)

    def lacks(self, scope: str) -> bool:
        """Fault `missing_scope`: `scope`, read_customers unless named."""
        fault = self.faults.get("missing_scope")
        return scope not in self.scopes or (fault is not None and fault.get("scope", "read_customers") == scope)

    @property
    def keeps_personal_data(self) -> bool:
        """Fault `personal_data`: as on a plan without it; with `level` "object" customers are refused as a whole."""
        return not self.shop.profile.personal_data or "personal_data" in self.faults

    @property
    def keeps_customers(self) -> bool:
        fault = self.faults.get("personal_data")
        return fault is not None and fault.get("level") == "object"


def needs(scope: str) -> Callable[[Resolver], Resolver]:
    """A field that only a token with the scope may read."""

    def guard(resolve: Resolver) -> Resolver:
        @wraps(resolve)
        def guarded(parent: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
            if info.context.lacks(scope):
                raise missing_scope(info.field_name, scope)
            if scope == "read_customers" and info.context.keeps_customers:
                raise personal_data_refused()
            return resolve(parent, info, **arguments)

        return guarded

    return guard


def personal(name: str, fact: Callable[[Any], Any]) -> Resolver:
    """A field that the plan or the review can keep from the application; `name` is what the refusal calls it."""

    def resolve(parent: Any, info: GraphQLResolveInfo) -> Any:
        if info.context.keeps_personal_data:
            raise personal_data_refused(name)
        return fact(parent)

    return resolve


def plain(fact: Callable[[Any], Any]) -> Resolver:
    """A field read from its parent alone."""
    return lambda parent, info: fact(parent)
