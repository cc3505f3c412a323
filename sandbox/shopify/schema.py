"""The vendor's schema, as far as importers need it, bound to its resolvers."""

from pathlib import Path

from graphql import GraphQLObjectType, GraphQLSchema, build_schema

from . import bulk_fields, nodes
from .queries import QUERIES

SDL = Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8")
RESOLVERS = {
    "QueryRoot": QUERIES | bulk_fields.QUERIES,
    "Mutation": bulk_fields.MUTATIONS,
    "BulkOperation": bulk_fields.OPERATION,
    "Customer": nodes.CUSTOMER,
    "CustomerSegmentMember": nodes.MEMBER,
    "CustomerEmailAddress": nodes.EMAIL,
    "CustomerPhoneNumber": nodes.PHONE,
    "MailingAddress": nodes.ADDRESS,
    "Metafield": nodes.METAFIELD,
    "MetafieldDefinition": nodes.DEFINITION,
    "Segment": nodes.SEGMENT,
    "AbandonedCheckout": nodes.CHECKOUT,
}


def bound_schema() -> GraphQLSchema:
    """The schema; fields without a resolver are read from their parent by name."""
    schema = build_schema(SDL)
    for name, resolvers in RESOLVERS.items():
        kind = schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        for field_name, resolve in resolvers.items():
            kind.fields[field_name].resolve = resolve
    return schema
