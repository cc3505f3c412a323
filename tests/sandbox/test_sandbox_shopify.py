"""The shop itself: lists, pages, counts, refusals of queries, and shops that refuse."""

import base64
import json
import re

import pytest

from sandbox.shopify.bucket import BASE_COST

NAMES = "{ customers(first: 3) { nodes { id firstName defaultEmailAddress { emailAddress } } } }"


def errors(answer):
    assert answer.status_code == 200
    return answer.json["errors"]


@pytest.mark.parametrize("sort", ["ID", "UPDATED_AT", "CREATED_AT"])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("first", [7, 60, 250])
def test_paging_to_the_end_visits_everyone_exactly_once(bukowina, sort, reverse, first):
    ids = bukowina.ids(sort=sort, reverse=reverse, first=first)
    assert len(ids) == 120
    assert set(ids) == {person["id"] for person in bukowina.truth()}


@pytest.mark.parametrize(
    ("sort", "fact"), [("ID", "legacyResourceId"), ("UPDATED_AT", "updatedAt"), ("CREATED_AT", "createdAt")]
)
def test_pages_are_sorted(bukowina, sort, fact):
    rows = [node[fact] for node in bukowina.page(sort=sort)["nodes"]]
    assert rows == sorted(rows)
    assert [node[fact] for node in bukowina.page(sort=sort, reverse=True)["nodes"]] == rows[::-1]


def test_a_cursor_is_base64_of_the_last_id_and_its_text(bukowina):
    page = bukowina.page(first=2)
    last = page["nodes"][-1]["legacyResourceId"]
    cursor = json.loads(base64.b64decode(page["pageInfo"]["endCursor"]))
    assert cursor == {"last_id": int(last), "last_value": last}


def test_a_cursor_by_time_holds_milliseconds(bukowina):
    cursor = bukowina.page(first=2, sort="UPDATED_AT")["pageInfo"]["endCursor"]
    assert json.loads(base64.b64decode(cursor))["last_value"] > 1_700_000_000_000


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", base64.b64encode(b'{"last_id":"x","last_value":1}').decode()])
def test_a_malformed_cursor_is_refused(bukowina, cursor):
    assert errors(bukowina.graphql(f'{{ customers(first: 1, after: "{cursor}") {{ nodes {{ id }} }} }}'))[0][
        "message"
    ] == ("Malformed cursor")


def test_a_page_without_a_size_is_refused(bukowina):
    assert errors(bukowina.graphql("{ customers { nodes { id } } }"))[0]["message"] == (
        "you must provide one of first or last"
    )


def test_more_than_250_at_once_are_refused(bukowina):
    assert "250" in errors(bukowina.graphql("{ customers(first: 251) { nodes { id } } }"))[0]["message"]


def test_an_empty_shop_has_an_empty_page(bukowina):
    bukowina.control(action="resize", people=0)
    page = bukowina.page()
    assert page["nodes"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


def test_edges_and_nodes_show_the_same_people(bukowina):
    data = bukowina.data("{ customers(first: 5) { nodes { id } edges { cursor node { id } } pageInfo { endCursor } } }")
    people = data["customers"]
    assert [edge["node"] for edge in people["edges"]] == people["nodes"]
    assert people["edges"][-1]["cursor"] == people["pageInfo"]["endCursor"]


def test_subscribers_are_found_by_the_filter(bukowina):
    expected = {person["id"] for person in bukowina.truth() if person["consent"] == "SUBSCRIBED"}
    assert set(bukowina.ids(query="accepts_marketing:true")) == expected
    assert expected


def test_a_window_of_changes_is_found_by_the_filter(bukowina):
    since, until = "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"
    found = bukowina.ids(query=f"updated_at:>='{since}' AND updated_at:<='{until}'", sort="UPDATED_AT", first=10)
    assert set(found) == {person["id"] for person in bukowina.truth() if since <= person["updated_at"] <= until}
    assert 0 < len(found) < 120


def test_reading_can_go_on_above_an_id(bukowina):
    ids = bukowina.ids()
    assert bukowina.ids(query=f"id:>{ids[49]}", first=20) == ids[50:]


def test_a_tag_is_found_by_the_filter(bukowina):
    people = bukowina.page()["nodes"]
    tagged = [person["legacyResourceId"] for person in people if "Dzień Matki" in person["tags"]]
    assert bukowina.ids(query="tag:'Dzień Matki'") == tagged
    assert tagged


def test_an_unknown_filter_finds_everyone_and_is_warned_of_under_its_alias(bukowina):
    answer = bukowina.graphql('{ mine: customers(first: 250, query: "kolor:x") { nodes { id } } }').json
    assert len(answer["data"]["mine"]["nodes"]) == 120
    warning = answer["extensions"]["search"][0]
    assert warning["path"] == ["mine"]
    assert warning["warnings"][0]["code"] == "invalid_field"


def test_people_are_counted(bukowina):
    data = bukowina.data("{ customersCount(limit: null) { count precision } }")
    assert data["customersCount"] == {"count": 120, "precision": "EXACT"}


def test_a_count_stops_at_its_limit(bukowina):
    data = bukowina.data("{ customersCount(limit: 50) { count precision } }")
    assert data["customersCount"] == {"count": 50, "precision": "AT_LEAST"}


def test_a_count_is_up_to_date_after_a_change(bukowina):
    count = "{ customersCount { count } }"
    bukowina.data(count)
    bukowina.control(action="delete", index=0)
    assert bukowina.data(count)["customersCount"]["count"] == 119


def test_counting_knows_fewer_filters_than_listing(bukowina):
    answer = bukowina.graphql('{ customersCount(query: "accepts_marketing:true") { count } }').json
    assert answer["data"]["customersCount"]["count"] == 120
    assert answer["extensions"]["search"][0]["warnings"][0]["field"] == "accepts_marketing"


def test_segments_are_listed_and_read_to_the_end(bukowina):
    segments = bukowina.data("{ segments(first: 10) { nodes { id name query } } }")["segments"]["nodes"]
    assert [segment["name"] for segment in segments][:2] == ["VIP", "Łódź"]
    tagged = [person["legacyResourceId"] for person in bukowina.page()["nodes"] if "vip" in person["tags"]]
    assert members(bukowina, segments[0]["id"], first=2) == tagged


def members(shop, segment, first):
    query = """query($id: ID!, $first: Int!, $after: String) {
      customerSegmentMembers(segmentId: $id, first: $first, after: $after) {
        edges { node { id } } totalCount pageInfo { hasNextPage endCursor } } }"""
    ids, after = [], None
    while True:
        page = shop.data(query, id=segment, first=first, after=after)["customerSegmentMembers"]
        ids += [edge["node"]["id"].removeprefix("gid://shopify/CustomerSegmentMember/") for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(ids) == page["totalCount"]
            return ids


def test_members_can_be_asked_for_by_a_segment_query(bukowina):
    query = (
        "{ customerSegmentMembers(first: 1000, query: \"email_subscription_status = 'SUBSCRIBED'\") { totalCount } }"
    )
    subscribed = sum(person["consent"] == "SUBSCRIBED" for person in bukowina.truth())
    assert bukowina.data(query)["customerSegmentMembers"]["totalCount"] == subscribed


@pytest.mark.parametrize("arguments", ['segmentId: "gid://shopify/Segment/1"', 'query: "kolor = 1"'])
def test_an_unknown_segment_is_refused(bukowina, arguments):
    query = f"{{ customerSegmentMembers(first: 1, {arguments}) {{ totalCount }} }}"
    assert errors(bukowina.graphql(query))[0]["extensions"]["code"] == "INVALID"


@pytest.mark.parametrize("sort", ["ID", "CREATED_AT"])
def test_abandoned_checkouts_are_read_to_the_end(bukowina, sort):
    bukowina.control(action="resize", people=600)
    truth = bukowina.truth(of="checkouts")
    query = f"""query($after: String) {{ abandonedCheckouts(first: 7, after: $after, sortKey: {sort},
      query: "recovery_state:not_recovered") {{
        nodes {{ id completedAt customer {{ id }} shippingAddress {{ city }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    found, after, more = [], None, True
    while more:
        page = bukowina.data(query, after=after)["abandonedCheckouts"]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert {node["id"].rpartition("/")[2] for node in found} == {row["id"] for row in truth if not row["recovered"]}
    assert any(node["customer"] is None for node in found)
    assert any(row["recovered"] for row in truth)


def test_abandoned_checkouts_are_counted(bukowina):
    data = bukowina.data('{ abandonedCheckoutsCount(query: "recovery_state:recovered") { count } }')
    recovered = [row for row in bukowina.truth(of="checkouts") if row["recovered"]]
    assert data["abandonedCheckoutsCount"]["count"] == len(recovered)


def test_one_person_is_found_by_id(bukowina):
    wanted = bukowina.page(first=3)["nodes"][2]["id"]
    assert bukowina.data(f'{{ customer(id: "{wanted}") {{ id }} }}')["customer"] == {"id": wanted}
    assert bukowina.data('{ customer(id: "gid://shopify/Customer/1") { id } }')["customer"] is None


def test_custom_fields_are_defined_and_filled(bukowina):
    definitions = (
        "{ metafieldDefinitions(ownerType: CUSTOMER, first: 250) { nodes { namespace key name type { name } } } }"
    )
    nodes = bukowina.data(definitions)["metafieldDefinitions"]["nodes"]
    assert [(node["key"], node["type"]["name"]) for node in nodes] == [
        ("birthday", "date"),
        ("rozmiar", "single_line_text_field"),
        ("punkty", "number_integer"),
    ]
    query = '{ customers(first: 250) { nodes { m0: metafield(namespace: "custom", key: "birthday") { value type } } } }'
    values = [node["m0"] for node in bukowina.data(query)["customers"]["nodes"]]
    assert None in values
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", found["value"]) for found in values if found)


def test_fields_without_a_definition_show_in_the_sample(bukowina):
    query = "{ customers(first: 1) { nodes { metafields(first: 25) { nodes { namespace key type value } } } } }"
    found = bukowina.data(query)["customers"]["nodes"][0]["metafields"]["nodes"]
    assert "erp" in {field["namespace"] for field in found}


def test_whoever_has_no_name_is_displayed_by_e_mail(bukowina):
    query = (
        "{ customers(first: 250) { nodes { firstName lastName displayName defaultEmailAddress { emailAddress } } } }"
    )
    nameless = [
        node
        for node in bukowina.data(query)["customers"]["nodes"]
        if node["firstName"] is None and node["lastName"] is None
    ]
    assert nameless
    assert all(node["displayName"] == node["defaultEmailAddress"]["emailAddress"] for node in nameless)


def test_a_lone_surrogate_is_escaped_on_the_wire_and_polish_letters_are_not(bukowina):
    answer = bukowina.graphql("{ customers(first: 250) { nodes { firstName defaultAddress { city } } } }")
    assert b"\\ud800" in answer.data
    assert "Łódź".encode() in answer.data
    json.loads(answer.data.decode("utf-8"))


def test_the_shop_says_who_it_is_and_what_was_granted(bukowina):
    data = bukowina.data(
        "{ shop { name myshopifyDomain currencyCode } currentAppInstallation { accessScopes { handle } } "
        "publicApiVersions { handle supported } }"
    )
    assert data["shop"]["myshopifyDomain"] == "bukowina.myshopify.com"
    assert [scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]] == [
        "read_customers",
        "read_orders",
    ]
    assert {"handle": "2026-10", "supported": True} in data["publicApiVersions"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ customers(first: 1) { nodes { acceptsMarketing } } }", "undefinedField"),
        ("{ customers(first: 1) }", "selectionMismatch"),
        ("{ customers(first: 1, limit: 2) { nodes { id } } }", "argumentNotAccepted"),
        ("{ customer { id } }", "missingRequiredArguments"),
        ('{ customers(first: "1") { nodes { id } } }', "argumentLiteralsIncompatible"),
        ("{ customers(first: 1, sortKey: WIEK) { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("query($x: Int) { shop { name } }", "variableNotUsed"),
        ("{ customers(first: $x) { nodes { id } } }", "variableNotDefined"),
        ("query($x: String) { customers(first: $x) { nodes { id } } }", "variableMismatch"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_with_its_code(bukowina, query, code):
    answer = bukowina.graphql(query)
    assert errors(answer)[0]["extensions"]["code"] == code
    assert "data" not in answer.json


def test_an_undefined_field_is_named(bukowina):
    error = errors(bukowina.graphql("{ shop { kolor } }"))[0]
    assert error["message"] == "Field 'kolor' doesn't exist on type 'Shop'"
    assert error["extensions"] == {"code": "undefinedField", "typeName": "Shop", "fieldName": "kolor"}


def test_a_variable_of_the_wrong_type_is_refused(bukowina):
    answer = bukowina.graphql("query($n: Int!) { customers(first: $n) { nodes { id } } }", n="x")
    assert errors(answer)[0]["extensions"]["code"] == "INVALID_VARIABLE"
    assert "data" not in answer.json


def test_a_query_that_cannot_be_read_is_refused(bukowina):
    assert errors(bukowina.graphql("{ customers("))[0]["message"].startswith("syntax error")


def test_a_body_without_a_query_is_a_bad_request(bukowina):
    headers = {"X-Shopify-Access-Token": bukowina.token}
    path = "/shopify/bukowina/admin/api/2026-10/graphql.json"
    for body in ({}, [], {"query": 1}):
        assert bukowina.client.post(path, json=body, headers=headers).status_code == 400


@pytest.mark.parametrize(("asked", "served"), [("2026-10", "2026-10"), ("2024-01", "2026-01"), ("2026-04", "2026-04")])
def test_an_expired_version_falls_forward(bukowina, asked, served):
    answer = bukowina.graphql("{ shop { name } }", version=asked)
    assert answer.headers["X-Shopify-API-Version"] == served


def test_a_version_that_never_was_is_not_found(bukowina):
    assert bukowina.graphql("{ shop { name } }", version="2026-11").status_code == 404


def test_every_answer_says_what_it_cost(bukowina):
    cost = bukowina.graphql(NAMES).json["extensions"]["cost"]
    assert cost["requestedQueryCost"] >= cost["actualQueryCost"] > BASE_COST
    assert cost["throttleStatus"] == {
        "maximumAvailable": 2000,
        "currentlyAvailable": 2000 - cost["actualQueryCost"],
        "restoreRate": 100,
    }


def test_a_bigger_page_costs_more(bukowina):
    query = "query($n: Int!) { customers(first: $n) { nodes { id defaultEmailAddress { emailAddress } } } }"
    costs = [bukowina.graphql(query, n=n).json["extensions"]["cost"]["requestedQueryCost"] for n in (1, 50, 250)]
    assert costs == sorted(set(costs))
    assert costs[-1] < 1000


def test_an_unknown_shop_is_not_found(caller):
    assert caller("niema").graphql("{ shop { name } }").status_code == 404


def test_a_frozen_shop_asks_for_payment_everywhere(caller):
    shop = caller("zamrozony")
    assert shop.graphql("{ shop { name } }").status_code == 402
    assert shop.mint(grant_type="client_credentials").status_code == 402


def test_a_plan_without_personal_data_refuses_each_field_of_each_person(caller):
    answer = caller("bezplanu").graphql(NAMES)
    first = errors(answer)[0]
    assert first["message"].startswith("This app is not approved to use the ")
    assert first["extensions"]["code"] == "ACCESS_DENIED"
    assert len(answer.json["errors"]) == 6
    assert answer.json["data"]["customers"]["nodes"][0]["defaultEmailAddress"] is None


def test_refusals_of_a_big_page_are_cut_short(bukowina):
    bukowina.control(action="resize", people=300)
    bukowina.fault("personal_data")
    found = errors(bukowina.graphql(NAMES.replace("first: 3", "first: 250")))
    assert len(found) == 251
    assert found[-1]["message"].startswith("Too many execution errors")


def test_customers_need_their_scope(caller):
    shop = caller("bezzgody")
    answer = shop.graphql("{ customers(first: 1) { nodes { id } } }")
    error = errors(answer)[0]
    assert error["message"] == "Access denied for customers field. Required access: `read_customers` access scope."
    assert error["path"] == ["customers"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert answer.json["data"] is None
    assert shop.data("{ abandonedCheckoutsCount { count } }")


def test_orders_need_their_scope(caller):
    shop = caller("bezzamowien")
    error = errors(shop.graphql("{ abandonedCheckouts(first: 1) { nodes { id } } }"))[0]
    assert "`read_orders`" in error["message"]
    assert shop.page()["nodes"]


def test_shops_have_different_people(bukowina, caller):
    tatry = caller("tatry")
    assert len(tatry.truth()) == 60
    assert not {person["id"] for person in tatry.truth()} & {person["id"] for person in bukowina.truth()}
