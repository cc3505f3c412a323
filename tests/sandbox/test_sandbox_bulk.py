"""Bulk operations: what may be asked, how they go, and their files as an object store serves them."""

import json

import pytest

RUN = """mutation($query: String!, $grouped: Boolean! = false) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status url objectCount } userErrors { field message code } } }"""
LOOK = """query($id: ID!) { bulkOperation(id: $id) {
  id status type errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt } }"""
CANCEL = "mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }"
PEOPLE = "{ customers { edges { node { id firstName defaultEmailAddress { emailAddress } } } } }"
NESTED = "{ customers { edges { node { id metafields { edges { node { key value } } } } } } }"


def run(shop, query=PEOPLE, **variables):
    return shop.data(RUN, query=query, **variables)["bulkOperationRunQuery"]


def start(shop, query=PEOPLE, **variables) -> str:
    started = run(shop, query, **variables)
    assert started["userErrors"] == []
    return started["bulkOperation"]["id"]


def look(shop, id_):
    return shop.data(LOOK, id=id_)["bulkOperation"]


def file_of(shop, operation, **headers):
    return shop.client.get(operation["url"].removeprefix("http://localhost"), headers=headers)


def rows(shop, query=PEOPLE, **variables):
    answer = file_of(shop, look(shop, start(shop, query, **variables)))
    assert answer.status_code == 200 and answer.content_type == "application/jsonl"
    return [json.loads(line) for line in answer.data.splitlines()]


def test_everyone_stands_in_the_file_as_the_same_query_gives_them(bukowina):
    fields = 'id firstName tags defaultEmailAddress { emailAddress } m: metafield(namespace: "custom", key: "rozmiar") { value }'
    page = bukowina.data(f"{{ customers(first: 250) {{ nodes {{ {fields} }} }} }}")["customers"]["nodes"]
    assert rows(bukowina, f"{{ customers {{ edges {{ node {{ {fields} }} }} }} }}") == page


def test_only_those_whom_the_search_finds_and_whatever_it_says_of_pages(bukowina):
    tagged = bukowina.ids(query="tag:vip")
    query = '{ customers(query: "tag:vip", first: 3) { edges { node { id } } pageInfo { hasNextPage } } }'
    assert [row["id"].rpartition("/")[2] for row in rows(bukowina, query)] == tagged


@pytest.mark.parametrize("grouped", [False, True])
def test_children_stand_alone_behind_their_parents(bukowina, grouped):
    everything = rows(bukowina, NESTED, grouped=grouped)
    parents = [row["id"] for row in everything if "__parentId" not in row]
    seen = set()
    for row in everything:
        seen.add(row.get("id"))
        assert row.get("__parentId") in seen | {None}
    assert len(parents) == 120 and len(everything) > 200
    at_once = "__parentId" in everything[1] or "__parentId" in everything[2]
    assert at_once is grouped


def test_an_operation_is_created_running_and_completed(bukowina):
    bukowina.control(action="bulk", polls=2)
    started = run(bukowina)["bulkOperation"]
    assert (started["status"], started["url"]) == ("CREATED", None)
    looks = [look(bukowina, started["id"]) for _ in range(3)]
    assert [seen["status"] for seen in looks] == ["RUNNING", "RUNNING", "COMPLETED"]
    assert looks[1]["url"] is None and looks[2]["url"]
    assert (looks[2]["objectCount"], looks[2]["rootObjectCount"]) == ("120", "120")
    assert int(looks[2]["fileSize"]) == len(file_of(bukowina, looks[2]).data)


def test_nobody_at_all_has_no_file(bukowina):
    bukowina.control(action="resize", people=0)
    found = look(bukowina, start(bukowina))
    assert (found["status"], found["url"], found["objectCount"]) == ("COMPLETED", None, "0")


def test_an_operation_that_nobody_started_is_unknown(bukowina):
    assert look(bukowina, "gid://shopify/BulkOperation/1") is None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ shop { id } }", "Bulk queries must contain at least one connection."),
        ("{ customers { nodes { id } } }", "edges"),
        ("{ customers { edges { node { x } } } }", "Cannot query field 'x'"),
        ("{ customers {", "Syntax Error"),
        ("{ a: customers { edges { node { id } } } b: shop { id } }", "top-level"),
        ("mutation { bulkOperationCancel(id: 1) { userErrors { message } } }", "exactly one query"),
    ],
)
def test_queries_that_cannot_run_in_bulk_are_invalid(bukowina, query, message):
    refused = run(bukowina, query)
    assert refused["bulkOperation"] is None
    assert refused["userErrors"][0]["code"] == "INVALID" and message in refused["userErrors"][0]["message"]


def test_more_connections_than_five_are_invalid(bukowina):
    nested = " ".join(f"m{n}: metafields {{ edges {{ node {{ key }} }} }}" for n in range(5))
    refused = run(bukowina, f"{{ customers {{ edges {{ node {{ id {nested} }} }} }} }}")
    assert "more than 5 connections" in refused["userErrors"][0]["message"]


def test_a_sixth_operation_is_refused_until_one_ends(bukowina):
    bukowina.control(action="bulk", polls=None)
    first, *_ = [start(bukowina) for _ in range(5)]
    refused = run(bukowina)["userErrors"][0]
    assert refused["code"] == "OPERATION_IN_PROGRESS" and first in refused["message"]
    assert bukowina.data(CANCEL, id=first)["bulkOperationCancel"] == {
        "bulkOperation": {"status": "CANCELING"},
        "userErrors": [],
    }
    assert look(bukowina, first)["status"] == "CANCELED"
    assert start(bukowina)


def test_operations_of_others_count_too(bukowina):
    bukowina.control(action="bulk", others=5)
    assert run(bukowina)["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"


def test_what_has_ended_cannot_be_canceled(bukowina):
    ended = start(bukowina)
    look(bukowina, ended)
    assert bukowina.data(CANCEL, id=ended)["bulkOperationCancel"]["userErrors"]
    assert look(bukowina, ended)["status"] == "COMPLETED"


def test_a_failed_operation_says_why_and_shows_what_it_has(bukowina):
    bukowina.control(action="bulk", end="FAILED", error="TIMEOUT", partial=7)
    failed = look(bukowina, start(bukowina))
    assert (failed["status"], failed["errorCode"], failed["url"]) == ("FAILED", "TIMEOUT", None)
    part = file_of(bukowina, {"url": failed["partialDataUrl"]})
    assert len(part.data.splitlines()) == 7


def test_what_the_application_may_not_see_fails_as_denied(caller):
    shop = caller("bezplanu")
    failed = look(shop, start(shop))
    assert (failed["status"], failed["errorCode"]) == ("FAILED", "ACCESS_DENIED")


class TestFiles:
    @pytest.fixture
    def operation(self, bukowina):
        return look(bukowina, start(bukowina))

    @pytest.mark.parametrize(
        ("asked", "first", "end"),
        [("bytes=0-9", 0, 10), ("bytes=10-19", 10, 20), ("bytes=5-", 5, None), ("bytes=-7", -7, None)],
    )
    def test_a_range_is_that_part(self, bukowina, operation, asked, first, end):
        whole, part = file_of(bukowina, operation).data, file_of(bukowina, operation, Range=asked)
        start_at = first % len(whole)
        assert part.status_code == 206 and part.data == whole[first:end]
        last = start_at + len(part.data) - 1
        assert part.headers["Content-Range"] == f"bytes {start_at}-{last}/{len(whole)}"

    def test_a_range_that_goes_beyond_the_end_stops_there(self, bukowina, operation):
        whole = file_of(bukowina, operation).data
        part = file_of(bukowina, operation, Range=f"bytes=10-{len(whole) + 500}")
        assert part.status_code == 206 and part.data == whole[10:]

    def test_a_range_behind_the_end_is_refused(self, bukowina, operation):
        size = len(file_of(bukowina, operation).data)
        refused = file_of(bukowina, operation, Range=f"bytes={size}-")
        assert (refused.status_code, refused.headers["Content-Range"]) == (416, f"bytes */{size}")

    @pytest.mark.parametrize("asked", ["lines=1-2", "bytes=a-b", "bytes=-", "bytes=0-1,4-5"])
    def test_a_range_that_is_none_is_ignored(self, bukowina, operation, asked):
        assert file_of(bukowina, operation, Range=asked).status_code == 200

    def test_a_store_without_ranges_sends_everything(self, bukowina):
        bukowina.control(action="bulk", ranges=False)
        assert file_of(bukowina, look(bukowina, start(bukowina)), Range="bytes=0-9").status_code == 200

    def test_the_signature_opens_and_nothing_else(self, bukowina, operation):
        assert file_of(bukowina, {"url": operation["url"][:-1]}).status_code == 403
        assert file_of(bukowina, {"url": operation["url"].partition("?")[0]}).status_code == 403

    @pytest.mark.parametrize("name", ["X-Shopify-Access-Token", "Authorization"])
    def test_credentials_are_refused(self, bukowina, operation, name):
        assert file_of(bukowina, operation, **{name: "x"}).status_code == 400

    def test_after_a_week_operation_and_file_are_gone(self, bukowina, operation):
        bukowina.control(action="expire_tokens", pages=True)
        expired = look(bukowina, operation["id"])
        assert (expired["status"], expired["url"]) == ("EXPIRED", None)
        assert file_of(bukowina, operation).status_code == 400

    def test_a_file_can_be_cut(self, bukowina):
        bukowina.control(action="bulk", cut=10)
        operation = look(bukowina, start(bukowina))
        assert len(file_of(bukowina, operation).data) == int(operation["fileSize"]) - 10

    def test_the_halves_can_change_places(self, bukowina):
        bukowina.control(action="bulk", order="halves")
        ids = [row["id"].rpartition("/")[2] for row in rows(bukowina)]
        assert ids == bukowina.ids()[60:] + bukowina.ids()[:60]


def test_what_it_costs(bukowina):
    costs = [
        bukowina.graphql(document, **variables).json["extensions"]["cost"]["actualQueryCost"]
        for document, variables in (
            (RUN, {"query": PEOPLE}),
            (LOOK, {"id": "gid://shopify/BulkOperation/720000000001"}),
        )
    ]
    assert costs == [10, 1]
