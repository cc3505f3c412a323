"""What can be made to go wrong in BigCommerce's stand-in."""

import pytest

from .bigcommerce_caller import LOOPBACK, Caller


@pytest.fixture
def bukowina():
    return Caller(people=30)


def cursors(store, pages=6):
    """The cursors of the first pages, and how many people each held."""
    found, after = [], {}
    for _ in range(pages):
        page = store.page(limit=7, **after)
        block = page["meta"].get("cursor_pagination", {})
        found.append((len(page["data"]), block.get("end_cursor"), "next" in block.get("links", {})))
        after = {"after": block["end_cursor"]} if block else {}
    return found


@pytest.mark.parametrize(
    ("fault", "status"), [("expired_token", 401), ("missing_scope", 403), ("throttled", 429), ("status", 503)]
)
def test_a_refusal_can_be_switched_on_and_off(bukowina, fault, status):
    bukowina.control(fault=fault, times=1)
    assert [bukowina.ask("v3/customers").status_code for _ in range(2)] == [status, 200]


def test_the_scope_that_is_missing_can_be_named(bukowina):
    bukowina.control(fault="missing_scope", scope="store_v2_information_read_only")
    assert [bukowina.ask(path).status_code for path in ("v2/store", "v3/customers")] == [403, 200]


@pytest.mark.parametrize(("status", "kind"), [(401, "application/json"), (503, "text/html"), (507, "application/json")])
def test_any_status_can_be_had_with_what_to_wait(bukowina, status, kind):
    bukowina.control(fault="status", status=status, retry_after="zaraz")
    answer = bukowina.ask("v3/customers")
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (status, kind, "zaraz")


def test_the_wrong_type_can_stand_for_the_data(bukowina):
    bukowina.control(fault="wrong_type")
    assert bukowina.page()["data"] == "x"


def test_one_record_can_be_broken(bukowina):
    bukowina.control(fault="bad_record", on="customers")
    assert [type(one["email"]) for one in bukowina.page(limit=3)["data"]] == [int, str, str]


def test_a_heavy_page_runs_out_of_time_and_a_smaller_one_does_not(bukowina):
    bukowina.control(fault="too_heavy", limit=10)
    asked = [{"limit": 11, "include": "addresses"}, {"limit": 10, "include": "addresses"}, {"limit": 250}]
    assert [bukowina.ask("v3/customers", **query).status_code for query in asked] == [504, 200, 200]


def test_cursors_given_out_can_be_made_worthless(bukowina):
    after = cursors(bukowina, 1)[0][1]
    bukowina.control(action="expire_cursors")
    assert bukowina.ask("v3/customers", after=after).status_code == 422
    assert bukowina.ask("v3/customers", after=cursors(bukowina, 1)[0][1]).status_code == 200


def test_paging_never_ends(bukowina):
    bukowina.control(fault="endless")
    pages = cursors(bukowina, 9)
    assert all(more for _, _, more in pages) and len({cursor for _, cursor, _ in pages}) == 9
    assert [size for size, _, _ in pages] == [7, 7, 7, 7, 2, 0, 0, 0, 0]


def test_paging_runs_in_a_circle(bukowina):
    bukowina.control(fault="cursor_loop")
    assert len({cursor for _, cursor, _ in cursors(bukowina)}) == 2


def test_paging_stands_still(bukowina):
    bukowina.control(fault="cursor_stuck")
    assert len({cursor for _, cursor, _ in cursors(bukowina)}) == 1
    path = "v3/customers/subscribers"
    assert bukowina.ids(path, limit=7, page=3) == bukowina.ids(path, limit=7)


def test_pages_come_twice(bukowina):
    bukowina.control(fault="duplicate_pages")
    pages = cursors(bukowina, 10)
    assert [size for size, _, _ in pages] == [7, 7, 7, 7, 7, 7, 7, 7, 2, 2] and not pages[-1][2]


def test_every_other_page_is_empty(bukowina):
    bukowina.control(fault="empty_pages")
    pages = cursors(bukowina, 10)
    assert [size for size, _, _ in pages] == [0, 7, 0, 7, 0, 7, 0, 7, 0, 2] and not pages[-1][2]


def test_everything_is_put_back_by_a_reset(bukowina):
    bukowina.control(action="resize", people=3)
    bukowina.control(action="throttling", quota=1)
    bukowina.client.post("/control/reset", json={}, environ_base=LOOPBACK)
    assert [bukowina.ask("v2/time").status_code for _ in range(3)] == [200] * 3
    assert len(bukowina.truth()) == 30
