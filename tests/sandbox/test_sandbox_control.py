"""The control address: who may use it, what it changes, and what it tells."""

import pytest

LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}


def test_strangers_are_refused(bukowina):
    for address in ("192.0.2.7", None):
        answer = bukowina.client.get("/control", environ_base={"REMOTE_ADDR": address} if address else {})
        assert answer.status_code == 403


def test_only_json_is_taken(bukowina):
    answer = bukowina.client.post("/control", data='{"shop":"bukowina","fault":"html"}', environ_base=LOOPBACK)
    assert answer.status_code == 400
    assert bukowina.ask_control("")["shopify"]["bukowina"]["faults"] == []


@pytest.mark.parametrize(
    ("wishes", "status"),
    [
        ({"shop": "niema", "fault": "html"}, 404),
        ({"shop": "bukowina", "fault": "pozar"}, 400),
        ({"shop": "bukowina", "fault": "html", "every": 0}, 400),
        ({"shop": "bukowina", "fault": "html", "times": "dwa"}, 400),
        ({"shop": "bukowina", "action": "tancz"}, 400),
        ({"shop": "bukowina", "action": "resize", "people": -1}, 400),
        ({"shop": "bukowina", "action": "mutate", "id": "1"}, 404),
        ({"shop": "bukowina", "action": "mutate", "index": 0, "changes": {"number": 1}}, 400),
    ],
)
def test_senseless_wishes_are_refused_with_a_reason(bukowina, wishes, status):
    answer = bukowina.client.post("/control", json=wishes, environ_base=LOOPBACK)
    assert answer.status_code == status
    assert answer.json["error"]


def test_the_state_of_all_shops_is_shown(bukowina):
    bukowina.fault("html", times=3)
    shops = bukowina.ask_control("")["shopify"]
    assert set(shops) == {"bukowina", "tatry", "zamrozony", "bezplanu", "bezzgody", "bezzamowien"}
    assert shops["bukowina"] == {"people": 120, "faults": [{"fault": "html", "hits": 0, "over": False}]}


def test_the_truth_is_what_the_shop_shows(bukowina):
    shown = [
        {
            "id": node["legacyResourceId"],
            "email": (node["defaultEmailAddress"] or {}).get("emailAddress"),
            "consent": (node["defaultEmailAddress"] or {}).get("marketingState"),
            "updated_at": node["updatedAt"],
        }
        for node in bukowina.page()["nodes"]
    ]
    assert bukowina.truth() == shown


def test_a_changed_person_is_shown_changed_just_now(bukowina):
    person = bukowina.truth()[5]
    changes = {"email": "nowy@example.com", "consent": "unsubscribed"}
    changed = bukowina.control(action="mutate", id=person["id"], changes=changes)
    assert changed["updated_at"] > "2026-11-01T00:00:00Z"
    last = bukowina.page(sort="UPDATED_AT", reverse=True, first=1)["nodes"][0]
    assert last["legacyResourceId"] == person["id"]
    assert last["defaultEmailAddress"] == {"emailAddress": "nowy@example.com", "marketingState": "UNSUBSCRIBED"}


def test_a_deleted_person_is_gone_everywhere(bukowina):
    person = bukowina.truth()[5]
    bukowina.control(action="delete", id=person["id"])
    assert person["id"] not in bukowina.ids()
    assert len(bukowina.truth()) == 119


def test_a_person_deleted_between_pages_costs_nobody_else(bukowina):
    page = bukowina.page(first=50)
    bukowina.control(action="delete", index=3)
    bukowina.control(action="delete", index=49)
    rest = bukowina.page(first=250, after=page["pageInfo"]["endCursor"])["nodes"]
    assert len(rest) == 70


def test_a_new_person_comes_last(bukowina):
    added = bukowina.control(action="insert", changes={"email": "nowa@example.com", "consent": "subscribed"})
    assert bukowina.ids()[-1] == added["id"]
    assert bukowina.truth()[-1]["email"] == "nowa@example.com"


def test_a_shop_can_shrink_and_grow(bukowina):
    for people in (0, 10, 500):
        bukowina.control(action="resize", people=people)
        assert len(bukowina.ids()) == people


def test_requests_are_counted_by_kind_and_hold_no_secrets(bukowina):
    bukowina.mint(grant_type="client_credentials")
    bukowina.page(first=1)
    log = bukowina.ask_control("/requests")
    assert (log["total"], log["by_kind"]) == (2, {"token": 1, "graphql": 1})
    assert log["requests"][1]["status"] == 200
    assert bukowina.token not in str(log)


def test_a_reset_undoes_everything(bukowina):
    before = bukowina.truth()
    bukowina.fault("status", status=503)
    bukowina.control(action="resize", people=3)
    bukowina.control(action="mutate", index=1, changes={"email": "x@example.com"})
    bukowina.control(action="throttling", maximum=1)
    bukowina.control("/reset")
    assert bukowina.truth() == before
    assert bukowina.ask_control("/requests")["total"] == 0
    assert bukowina.graphql("{ shop { name } }").json["data"]


def test_a_reset_without_a_shop_is_for_all(bukowina, caller):
    caller("tatry").control(action="resize", people=0)
    bukowina.client.post("/control/reset", json={}, environ_base=LOOPBACK)
    assert len(caller("tatry").truth()) == 60
