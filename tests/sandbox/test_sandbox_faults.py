"""Each switch does what its name says, and nothing when it is off."""

import pytest

SHOP = "{ shop { name } }"


def statuses(shop, n):
    return [shop.graphql(SHOP).status_code for _ in range(n)]


def test_without_faults_nothing_fails(bukowina):
    assert statuses(bukowina, 3) == [200, 200, 200]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 423, 429, 430, 500, 502, 503, 504])
def test_any_status_can_be_asked_for(bukowina, status):
    bukowina.fault("status", status=status)
    assert bukowina.graphql(SHOP).status_code == status


def test_the_vendors_own_words_come_with_a_refusal(bukowina):
    bukowina.fault("status", status=403)
    assert bukowina.graphql(SHOP).json == {
        "errors": "[API] This action requires merchant approval for read_customers scope."
    }


def test_a_gateways_refusal_is_a_page(bukowina):
    bukowina.fault("status", status=502)
    assert bukowina.graphql(SHOP).mimetype == "text/html"


@pytest.mark.parametrize("value", ["2", "0.5", "Wed, 21 Oct 2026 07:28:00 GMT", "86400", "zaraz"])
def test_retry_after_is_sent_as_asked(bukowina, value):
    bukowina.fault("status", status=429, retry_after=value)
    assert bukowina.graphql(SHOP).headers["Retry-After"] == value


def test_a_refusal_without_retry_after_has_none(bukowina):
    bukowina.fault("status", status=429)
    assert "Retry-After" not in bukowina.graphql(SHOP).headers


def test_a_fault_can_start_later_and_end_by_itself(bukowina):
    bukowina.fault("status", status=503, after=1, times=2)
    assert statuses(bukowina, 5) == [200, 503, 503, 200, 200]


def test_a_fault_can_hit_every_third_request(bukowina):
    bukowina.fault("status", status=503, every=3)
    assert statuses(bukowina, 6) == [200, 200, 503, 200, 200, 503]


def test_a_fault_can_be_for_one_kind_of_request(bukowina):
    bukowina.fault("status", status=503, on="token")
    assert statuses(bukowina, 1) == [200]
    assert bukowina.mint(grant_type="client_credentials").status_code == 503


def test_a_fault_is_for_one_shop(bukowina, caller):
    bukowina.fault("status", status=503)
    assert statuses(caller("tatry"), 1) == [200]


def test_one_fault_can_be_cleared_and_the_others_stay(bukowina):
    bukowina.fault("status", status=503)
    bukowina.fault("fall_forward")
    bukowina.control(action="clear", fault="status")
    assert bukowina.graphql(SHOP).headers["X-Shopify-API-Version"] == "2027-01"
    bukowina.control(action="clear")
    assert bukowina.graphql(SHOP).headers["X-Shopify-API-Version"] == "2026-10"


def test_a_token_can_expire_in_between(bukowina):
    bukowina.fault("expired_token", times=1)
    assert statuses(bukowina, 2) == [401, 200]


def test_a_scope_can_go_missing(bukowina):
    bukowina.fault("missing_scope", scope="read_orders")
    answer = bukowina.graphql("{ abandonedCheckoutsCount { count } }").json
    assert "`read_orders`" in answer["errors"][0]["message"]
    granted = bukowina.data("{ currentAppInstallation { accessScopes { handle } } }")["currentAppInstallation"]
    assert granted["accessScopes"] == [{"handle": "read_customers"}]


def test_customers_can_be_refused_as_a_whole(bukowina):
    bukowina.fault("personal_data", level="object")
    answer = bukowina.graphql("{ customers(first: 1) { nodes { id } } }").json
    assert answer["errors"][0]["message"].startswith("This app is not approved to access the Customer object.")


def test_every_second_query_can_be_throttled(bukowina):
    bukowina.fault("throttled", every=2)
    assert "errors" not in bukowina.graphql(SHOP).json
    answer = bukowina.graphql(SHOP)
    assert answer.status_code == 200
    assert answer.json["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in answer.json
    cost = answer.json["extensions"]["cost"]
    assert (cost["actualQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (None, 0)


def test_real_throttling_stops_when_the_points_are_spent(bukowina):
    bukowina.control(action="throttling", maximum=30, restore=0)
    query = "{ customers(first: 50) { nodes { id } } }"
    codes = ["errors" in bukowina.graphql(query).json for _ in range(5)]
    assert codes[0] is False
    assert codes[-1] is True


def test_throttling_can_be_switched_off_again(bukowina):
    bukowina.control(action="throttling", maximum=1, restore=0)
    bukowina.control(action="throttling", on=False)
    assert "errors" not in bukowina.graphql("{ customers(first: 50) { nodes { id } } }").json


def test_an_internal_error_comes_with_status_200(bukowina):
    bukowina.fault("internal_error")
    answer = bukowina.graphql(SHOP)
    assert answer.status_code == 200
    assert answer.json["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_a_list_can_be_of_the_wrong_type(bukowina):
    bukowina.fault("wrong_type")
    assert bukowina.graphql(SHOP).json == {"data": {"customers": "x"}}


def test_a_good_query_can_be_ignored_with_a_warning(bukowina):
    bukowina.fault("search_warning")
    answer = bukowina.graphql('{ customers(first: 250, query: "id:1") { nodes { id } } }').json
    assert len(answer["data"]["customers"]["nodes"]) == 120
    assert answer["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"


def pages(shop, n, first=50):
    """Up to n pages, following the cursors."""
    found, after = [], None
    for _ in range(n):
        page = shop.page(first=first, after=after)
        after = page["pageInfo"]["endCursor"]
        found.append(([node["id"] for node in page["nodes"]], after, page["pageInfo"]["hasNextPage"]))
    return found


def test_endless_paging_always_has_a_new_cursor_and_a_next_page(bukowina):
    bukowina.fault("endless")
    found = pages(bukowina, 10)
    assert all(has_next for _, _, has_next in found)
    assert len({cursor for _, cursor, _ in found}) == 10
    assert found[-1][0] == []


def test_cursors_can_run_in_a_circle(bukowina):
    bukowina.fault("cursor_loop")
    cursors = [cursor for _, cursor, _ in pages(bukowina, 5, first=20)]
    assert cursors[0] == cursors[2] == cursors[4] != cursors[1] == cursors[3]


def test_a_cursor_can_stand_still(bukowina):
    bukowina.fault("cursor_stuck")
    found = pages(bukowina, 3)
    assert found[0][1] == found[1][1] == found[2][1]
    assert all(has_next for _, _, has_next in found)


def test_pages_can_come_twice_and_still_end(bukowina):
    bukowina.fault("duplicate_pages")
    ids = bukowina.ids(first=50)
    assert len(ids) == 240
    assert len(set(ids)) == 120


def test_pages_can_be_empty_in_between_and_nobody_is_lost(bukowina):
    bukowina.fault("empty_pages")
    assert pages(bukowina, 2)[0][0] == []
    ids = bukowina.ids(first=50)
    assert len(ids) == len(set(ids)) == 120
