"""BigCommerce's stand-in: whom it lets in, what it refuses, and what it answers."""

import pytest

from .bigcommerce_caller import Caller

V3_CODES = "/api-docs/getting-started/api-status-codes"


@pytest.fixture
def bukowina():
    return Caller()


class TestRefusals:
    def test_without_a_token_the_answer_is_plain_text(self, bukowina):
        answer = bukowina.ask("v3/customers", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.text) == (401, "X-Auth-Token header is required")

    def test_a_wrong_token_is_unauthorized(self, bukowina):
        answer = bukowina.ask("v3/customers", headers={"X-Auth-Token": "demo-token-tatry"})
        assert answer.status_code == 401 and answer.json["title"].startswith("Unauthorized - the v3 Auth client ID")
        assert (answer.json["status"], answer.json["type"]) == (401, V3_CODES)

    def test_version_two_refuses_with_a_list(self, bukowina):
        answer = bukowina.ask("v2/store", headers={"X-Auth-Token": "x", "Accept": "application/json"})
        assert answer.status_code == 401 and answer.json[0]["status"] == 401 and answer.json[0]["message"]

    def test_a_missing_scope_is_said_in_the_vendors_words(self):
        answer = Caller("bezzgody").ask("v3/customers")
        assert answer.status_code == 403 and answer.json["errors"] == {}
        assert answer.json["title"] == "You don't have a required scope to access the endpoint"

    def test_a_locked_store_says_so(self):
        assert Caller("zamrozony").ask("v3/customers").status_code == 423

    def test_a_plan_without_groups_and_a_token_without_information_refuse_only_that(self):
        store = Caller("bezgrup")
        answers = [store.ask(path).status_code for path in ("v2/customer_groups", "v2/store", "v3/customers")]
        assert answers == [403, 403, 200]

    def test_an_unknown_hash_is_a_page_of_the_gateway(self):
        answer = Caller("nieznany").ask("v3/customers")
        assert answer.status_code == 404 and "openresty" in answer.text and answer.mimetype == "text/html"

    @pytest.mark.parametrize("path", ["v3/nonsense", "v2/customers", "v3/customers/1", ""])
    def test_an_unknown_address_is_not_found(self, bukowina, path):
        assert bukowina.ask(path).status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_a_token_that_may_only_read_may_not_write(self, bukowina, method):
        assert bukowina.ask("v3/customers", method=method).status_code == 403

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("limit", "251"),
            ("limit", "0"),
            ("limit", "x"),
            ("page", "0"),
            ("id:in", "1,x"),
            ("id:greater", "1"),
            ("date_modified:min", "wczoraj"),
            ("date_modified:min", "2026-13-01"),
            ("date_modified:min", "1795420800"),
            ("sort", "id:asc"),
            ("include", "everything"),
            ("after", "nonsense"),
            ("customer_group_id:in", "VIP"),
        ],
    )
    def test_a_parameter_that_does_not_fit_is_named(self, bukowina, name, value):
        answer = bukowina.ask("v3/customers", **{name: value})
        assert answer.status_code == 422 and list(answer.json["errors"]) == [name]

    @pytest.mark.parametrize("name", ["email:in", "sort", "include", "after"])
    def test_subscribers_know_fewer_parameters_than_customers(self, bukowina, name):
        assert bukowina.ask("v3/customers/subscribers", **{name: "x"}).status_code == 422

    def test_two_cursors_at_once_are_refused(self, bukowina):
        cursor = bukowina.page(limit=1)["meta"]["cursor_pagination"]["end_cursor"]
        assert bukowina.ask("v3/customers", after=cursor, before=cursor).status_code == 422

    def test_an_address_that_is_too_long_never_reaches_the_store(self, bukowina):
        assert bukowina.ask("v3/customers", **{"email:in": "a" * 8_000}).status_code == 414

    def test_version_two_answers_xml_to_whoever_does_not_ask_for_json(self, bukowina):
        answer = bukowina.ask("v2/store", headers={"X-Auth-Token": "demo-token-bukowina", "Accept": "*/*"})
        assert answer.mimetype == "text/xml"


class TestPaging:
    def test_the_first_page_has_both_systems_the_second_only_its_own(self, bukowina):
        first = bukowina.page(limit=7)["meta"]
        assert set(first) == {"pagination", "cursor_pagination"}
        assert set(bukowina.page(limit=7, page=2)["meta"]) == {"pagination"}
        after = first["cursor_pagination"]["end_cursor"]
        assert set(bukowina.page(limit=7, after=after)["meta"]) == {"cursor_pagination"}

    def test_pages_by_number_and_by_cursor_hold_the_same_people(self, bukowina):
        first = bukowina.page(limit=7)
        after = first["meta"]["cursor_pagination"]["end_cursor"]
        assert bukowina.ids(limit=7, after=after, page=9) == bukowina.ids(limit=7, page=2)
        assert bukowina.ids(limit=7, page=2) == bukowina.ids(limit=14)[7:]

    def test_the_last_page_has_no_link_to_a_next_one(self, bukowina):
        last = bukowina.page(limit=60, page=2)["meta"]["pagination"]
        assert "next" not in last["links"] and last["total_pages"] == 2 and last["total"] == 120
        after = bukowina.page(limit=60)["meta"]["cursor_pagination"]["end_cursor"]
        assert "next" not in bukowina.page(limit=60, after=after)["meta"]["cursor_pagination"]["links"]

    def test_a_cursor_survives_the_person_it_names(self, bukowina):
        expected = bukowina.ids(limit=250)[3:]
        after = bukowina.page(limit=3)["meta"]["cursor_pagination"]["end_cursor"]
        bukowina.control(action="delete", index=2)
        assert bukowina.ids(limit=250, after=after) == expected

    def test_before_goes_backward(self, bukowina):
        after = bukowina.page(limit=7)["meta"]["cursor_pagination"]["end_cursor"]
        before = bukowina.page(limit=7, after=after)["meta"]["cursor_pagination"]["start_cursor"]
        assert bukowina.ids(limit=7, before=before) == bukowina.ids(limit=7)

    def test_subscribers_have_numbers_only_and_move_when_somebody_leaves(self, bukowina):
        path = "v3/customers/subscribers"
        assert set(bukowina.page(path, limit=7)["meta"]) == {"pagination"}
        second = bukowina.ids(path, limit=7, page=2)
        bukowina.control(action="delete", index=0)
        assert bukowina.ids(path, limit=7, page=2)[:-1] == second[1:]

    def test_an_empty_store_answers_an_empty_list_in_three_and_nothing_in_two(self):
        store = Caller("pusty")
        assert store.page()["data"] == [] and store.page()["meta"]["pagination"]["total"] == 0
        answer = store.ask("v2/customer_groups")
        assert (answer.status_code, answer.data) == (204, b"")


class TestFilters:
    def test_times_of_change_are_compared_in_utc(self, bukowina):
        people = bukowina.page(limit=250)["data"]
        moment = people[3]["date_modified"]
        for wording in (moment, moment.removesuffix("Z"), moment.replace("Z", "+00:00")):
            found = bukowina.ids(limit=250, **{"date_modified:min": wording})
            assert found == [one["id"] for one in people if one["date_modified"] >= moment]
        assert bukowina.ids(date_modified=moment) == [people[3]["id"]]

    def test_sorting_by_time_is_followed_by_cursors_too(self, bukowina):
        people = bukowina.page(limit=250)["data"]
        expected = sorted((one["date_modified"], one["id"]) for one in people)
        first = bukowina.page(limit=50, sort="date_modified:asc")
        after = first["meta"]["cursor_pagination"]["end_cursor"]
        rest = bukowina.ids(limit=250, sort="date_modified:asc", after=after)
        assert [one["id"] for one in first["data"]] + rest == [id_ for _, id_ in expected]

    def test_people_are_found_by_id_address_and_group(self, bukowina):
        people = bukowina.page(limit=250)["data"]
        shouting = people[0]["email"].upper()
        assert bukowina.ids(**{"email:in": f"{shouting},nikt@example.com"}) == [people[0]["id"]]
        assert bukowina.ids(**{"id:in": "110,101,102"}) == [101, 110]
        members = [one["id"] for one in people if one["customer_group_id"] == 1]
        assert bukowina.ids(limit=250, **{"customer_group_id:in": "1"}) == members != []

    def test_a_subscriber_is_found_by_one_address(self, bukowina):
        row = bukowina.page("v3/customers/subscribers", limit=1)["data"][0]
        assert bukowina.page("v3/customers/subscribers", email=row["email"])["data"] == [row]

    def test_groups_are_filtered(self, bukowina):
        assert [group["name"] for group in bukowina.page("v2/customer_groups", **{"name:like": "hurt"})] == [
            "Hurtownia"
        ]


class TestPeople:
    def test_extras_come_only_where_they_are_asked_for_and_ten_at_most(self, bukowina):
        assert "addresses" not in bukowina.page(limit=1)["data"][0]
        people = bukowina.page(limit=60, include="addresses,attributes,formfields")["data"]
        assert max(one["address_count"] for one in people) == 12 and max(len(one["addresses"]) for one in people) == 10
        rich = next(one for one in people if one["attribute_count"] > 10)
        values = bukowina.page("v3/customers/attribute-values", limit=250, **{"customer_id:in": rich["id"]})["data"]
        assert len(rich["attributes"]) == 10 and len(values) == rich["attribute_count"]
        assert any(isinstance(field["value"], list) for one in people for field in one["form_fields"])

    def test_form_fields_of_customers_and_of_addresses_stand_together(self, bukowina):
        rows = bukowina.page("v3/customers/form-field-values", limit=250)["data"]
        assert {("customer_id" in row, "address_id" in row) for row in rows} == {(True, False), (False, True)}

    def test_no_address_subscribes_twice_and_some_have_no_account(self, bukowina):
        rows = bukowina.page("v3/customers/subscribers", limit=250)["data"]
        emails = [row["email"] for row in rows]
        assert len(set(emails)) == len(emails) and any(email.startswith("gosc") for email in emails)
        assert {tuple(row["consents"]) for row in rows} >= {(), ("marketing_newsletter",), ("abandoned_cart",)}

    def test_withdrawing_modifies_the_subscriber_but_not_the_customer(self, bukowina):
        index = next(n for n, one in enumerate(bukowina.truth()) if one["consent"] == "marketing_newsletter")
        before = bukowina.truth()[index]
        bukowina.control(action="mutate", index=index, changes={"consent": "unsubscribed"})
        assert bukowina.truth()[index] == {**before, "consent": "none"}
        row = bukowina.page("v3/customers/subscribers", email=before["email"].lower())["data"][0]
        assert row["consents"] == [] and row["date_modified"] > before["updated_at"]

    def test_moving_house_modifies_nothing_and_a_new_name_does(self, bukowina):
        before = bukowina.truth()[0]["updated_at"]
        bukowina.control(action="mutate", index=0, changes={"has_address": False})
        assert bukowina.truth()[0]["updated_at"] == before
        bukowina.control(action="mutate", index=0, changes={"first_name": "Nowa"})
        assert bukowina.truth()[0]["updated_at"] > before

    def test_the_truth_is_what_is_served(self, bukowina):
        people = bukowina.page(limit=250)["data"]
        assert [(one["id"], one["email"]) for one in bukowina.truth()] == [(str(p["id"]), p["email"]) for p in people]

    def test_stores_have_other_people(self, bukowina):
        tatry = Caller("tatry")
        assert len(tatry.truth()) == 60 and tatry.truth()[0]["email"] != bukowina.truth()[0]["email"]


class TestQuota:
    def test_every_answer_says_what_is_left(self, bukowina):
        for answer in (bukowina.ask("v3/customers"), bukowina.ask("v3/nonsense"), bukowina.ask("v2/time")):
            assert answer.headers["X-Rate-Limit-Requests-Quota"] == "150"
            assert answer.headers["X-Rate-Limit-Time-Window-Ms"] == "30000"

    def test_a_quota_that_is_used_up_is_refused_until_the_window_ends(self, bukowina):
        bukowina.control(action="throttling", quota=2, window_ms=60_000)
        statuses = [bukowina.ask("v2/time") for _ in range(3)]
        assert [answer.status_code for answer in statuses] == [200, 200, 429]
        assert [answer.headers["X-Rate-Limit-Requests-Left"] for answer in statuses] == ["1", "0", "0"]
        assert 0 < int(statuses[2].headers["X-Rate-Limit-Time-Reset-Ms"]) <= 60_000
        bukowina.control(action="throttling", on=False)
        assert bukowina.ask("v2/time").status_code == 200

    def test_an_overload_has_no_such_headers(self, bukowina):
        bukowina.control(fault="throttled", headers=False)
        answer = bukowina.ask("v3/customers")
        assert answer.status_code == 429 and not any(name.startswith("X-Rate") for name, _ in answer.headers)
