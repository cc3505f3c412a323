"""Our schema against the vendor's own: whatever we offer must exist there, in the same form."""

import os
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, print_ast

from sandbox.shopify.schema import RESOLVERS, SDL

CONTRACT = Path(os.environ.get("CONTRACTS_DIR", "/nonexistent")) / "shopify"
# Documented by the vendor (admin-graphql/2026-07/queries/abandonedCheckoutsCount), but not in the contract's excerpt.
NOT_IN_THE_EXCERPT = {"QueryRoot.abandonedCheckoutsCount"}
BUILT_IN = {"Int", "Float", "String", "Boolean", "ID"}


@pytest.fixture(scope="module")
def vendor() -> GraphQLSchema:
    contracts = sorted(CONTRACT.glob("*.graphql"))
    if not contracts:
        pytest.skip("CONTRACTS_DIR is not set or holds no Shopify schema")
    return build_schema(contracts[-1].read_text(encoding="utf-8"), assume_valid=True)


@pytest.fixture(scope="module")
def ours() -> GraphQLSchema:
    return build_schema(SDL)


def own_types(schema):
    return {name: kind for name, kind in schema.type_map.items() if not name.startswith("__") and name not in BUILT_IN}


def own_fields(schema):
    for name, kind in own_types(schema).items():
        for field_name, field in getattr(kind, "fields", {}).items():
            if f"{name}.{field_name}" not in NOT_IN_THE_EXCERPT:
                yield name, field_name, field


def shape(argument):
    default = argument.ast_node.default_value
    return str(argument.type), print_ast(default) if default else None


def test_every_type_exists_and_is_of_the_same_sort(ours, vendor):
    theirs = {name: type(vendor.type_map.get(name)) for name in own_types(ours)}
    assert {name: type(kind) for name, kind in own_types(ours).items()} == theirs


def test_every_field_exists_with_the_same_type_and_nullability(ours, vendor):
    mine = {f"{name}.{field}": str(kind.type) for name, field, kind in own_fields(ours)}
    found = {name: vendor.type_map[name].fields for name, _, _ in own_fields(ours)}
    theirs = {
        f"{name}.{field}": str(found[name][field].type) for name, field, _ in own_fields(ours) if field in found[name]
    }
    assert mine == theirs


def test_every_argument_exists_with_the_same_type_and_default(ours, vendor):
    for name, field_name, field in own_fields(ours):
        theirs = vendor.type_map[name].fields[field_name].args
        for argument_name, argument in field.args.items():
            assert argument_name in theirs, f"{name}.{field_name}({argument_name})"
            assert shape(argument) == shape(theirs[argument_name]), f"{name}.{field_name}({argument_name})"


def test_we_demand_no_argument_less_than_the_vendor(ours, vendor):
    for name, field_name, field in own_fields(ours):
        theirs = vendor.type_map[name].fields[field_name].args
        demanded = {key for key, argument in theirs.items() if shape(argument)[0].endswith("!")}
        assert demanded <= set(field.args), f"{name}.{field_name}"


def test_every_value_of_an_enum_exists(ours, vendor):
    for name, kind in own_types(ours).items():
        if hasattr(kind, "values"):
            assert set(kind.values) <= set(vendor.type_map[name].values), name


def test_every_interface_is_the_vendors(ours, vendor):
    for name, kind in own_types(ours).items():
        mine = {str(interface) for interface in getattr(kind, "interfaces", ())}
        assert mine <= {str(interface) for interface in getattr(vendor.type_map[name], "interfaces", ())}, name


def test_every_resolver_belongs_to_a_field(ours):
    for name, resolvers in RESOLVERS.items():
        assert set(resolvers) <= set(ours.type_map[name].fields)
