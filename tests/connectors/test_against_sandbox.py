"""The connector and the real way out against the sandbox's shops, in a process of their own."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from webapp.connectors.base import Access, Consent, Group, Window
from webapp.connectors.http import Http
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify import Shopify

NOW = datetime.now(UTC)
WHOLE = Window(None, NOW)
EMAIL = "defaultEmailAddress.emailAddress"
STATES = {"SUBSCRIBED": Consent.GRANTED, "PENDING": Consent.PENDING, "UNSUBSCRIBED": Consent.WITHDRAWN}
Connect = Callable[..., Shopify]
Control = Callable[..., Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--people", "120"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=os.getcwd()) as process:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert address, "the sandbox did not start"
            yield address[0]
        finally:
            process.terminate()


@pytest.fixture
def control(sandbox: str) -> Iterator[Control]:
    """Speaks to the sandbox's control address, and puts everything back afterwards."""

    def call(path: str = "", **body: Any) -> Any:
        data = json.dumps({"shop": "bukowina", **body}).encode() if body or path == "/reset" else None
        request = urllib.request.Request(f"{sandbox}/control{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    yield call
    call("/reset")


@pytest.fixture
def connect(sandbox: str) -> Connect:
    def connect(shop: str = "bukowina", page_size: int = 25, **options: Any) -> Shopify:
        http = Http(frozenset({sandbox.removeprefix("http://")}), sleep=lambda seconds: None, **options)
        secrets = {"client_id": f"demo-client-{shop}", "client_secret": f"demo-secret-{shop}"}
        endpoints = {"base_url": f"{sandbox}/shopify/{{shop}}"}
        return Shopify(
            Access(http, {"shop": f"{shop}.myshopify.com", **secrets}, lambda kept: None, endpoints, page_size)
        )

    return connect


def read(connector: Shopify, source: str = "everyone", columns: tuple[str, ...] = (EMAIL,), window: Window = WHOLE):
    pages = connector.people(Group.CONTACTS, source, columns, window, None)
    return [person for page in pages for person in page.people]


def failure(call: Callable[[], Any]) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


def test_the_demo_credentials_open_the_shop(connect):
    account = connect().check()
    assert account.external_id == "bukowina.myshopify.com" and account.unavailable == {}


def test_everyone_arrives_as_the_shop_knows_them(connect, control):
    expected = {
        person["id"]: (person["email"] or "", STATES.get(person["consent"]))
        for person in control("/truth?shop=bukowina")
    }
    found = {person.external_id: (person.values[EMAIL] or "", person.consent) for person in read(connect())}
    assert found == {id_: (email, consent or Consent.NONE) for id_, (email, consent) in expected.items()}


@pytest.mark.parametrize("group", Group)
def test_each_source_delivers_as_many_as_it_counts_with_all_its_columns(connect, group):
    connector = connect()
    for source in connector.sources(group):
        columns = [field.key for field in connector.fields(group, source.id)]
        people = [p for page in connector.people(group, source.id, columns, WHOLE, None) for p in page.people]
        assert len({person.external_id for person in people}) == len(people)
        counted = [p for p in people if source.id != "subscribers" or p.consent is Consent.GRANTED]
        assert len(counted) == source.total
        assert not any(person.unreadable for person in people)


def test_changes_are_those_of_the_window(connect):
    window = Window(NOW - timedelta(days=90), NOW)
    everyone = {person.external_id for person in read(connect()) if window.since <= person.updated_at <= window.until}
    connector = connect()
    changed = {person.external_id for person in read(connector, window=window)}
    assert changed == everyone and connector.count(Group.CONTACTS, "everyone", window) == len(changed)


def test_going_on_after_a_restart_gives_exactly_the_rest(connect):
    for source in ("everyone", "subscribers", "tag:vip", "segment:501000000003"):
        pages = list(connect().people(Group.CONTACTS, source, (), WHOLE, None))
        for place, page in enumerate(pages[:-1]):
            rest = connect().people(Group.CONTACTS, source, (), WHOLE, page.cursor)
            ids = [person.external_id for later in rest for person in later.people]
            assert ids == [person.external_id for later in pages[place + 1 :] for person in later.people]


@pytest.mark.parametrize(
    ("shop", "reason"),
    [
        ("zamrozony", Reason.ACCOUNT_FROZEN),
        ("bezplanu", Reason.PERSONAL_DATA_REFUSED),
        ("bezzgody", Reason.MISSING_SCOPE),
        ("nieznany", Reason.UNKNOWN_ACCOUNT),
    ],
)
def test_each_refusing_shop_is_refused_for_its_reason(connect, shop, reason):
    error = failure(connect(shop).check)
    assert error.reason is reason and error.permanent


def test_a_shop_without_read_orders_has_contacts_but_no_leads(connect):
    connector = connect("bezzamowien")
    assert connector.check().unavailable == {Group.LEADS: Reason.MISSING_SCOPE}
    assert connector.sources(Group.CONTACTS)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        *[(name, Reason.BAD_RESPONSE) for name in ("empty", "null", "array", "html", "text_plain", "truncated")],
        *[(name, Reason.BAD_RESPONSE) for name in ("bom", "nan", "deep", "invalid_utf8", "gzip_bomb")],
        *[(name, Reason.TOO_LARGE) for name in ("huge", "big_header")],
        *[(name, Reason.CANNOT_CONNECT) for name in ("redirect",)],
        *[(name, Reason.TIMEOUT) for name in ("drip", "drip_headers")],
    ],
)
def test_a_broken_answer_has_its_reason(connect, control, fault, reason):
    control(fault=fault)
    assert failure(connect(deadline=1.0).check).reason is reason


def test_a_connection_that_breaks_off_is_worth_another_try(connect, control):
    control(fault="reset")
    assert not failure(connect().check).permanent


@pytest.mark.parametrize("fault", ["endless", "cursor_loop", "cursor_stuck"])
def test_a_shop_that_pages_for_ever_is_left(connect, control, fault):
    control(fault=fault)
    assert failure(lambda: read(connect())).reason is Reason.PAGING_LOOP


@pytest.mark.parametrize("fault", ["duplicate_pages", "empty_pages"])
def test_pages_twice_or_empty_lose_nobody(connect, control, fault):
    everyone = {person.external_id for person in read(connect())}
    control(fault=fault)
    assert {person.external_id for person in read(connect())} == everyone


@pytest.mark.parametrize(
    ("status", "retry_after"), [(429, "0.5"), (429, None), (503, "zaraz"), (502, None), (504, None)]
)
def test_passing_trouble_is_waited_out(connect, control, status, retry_after):
    control(fault="status", status=status, times=2, **({"retry_after": retry_after} if retry_after else {}))
    assert connect().check().external_id


@pytest.mark.parametrize("fault", ["throttled", "internal_error", "expired_token"])
def test_shopifys_own_passing_trouble_is_waited_out(connect, control, fault):
    control(fault=fault, times=1)
    assert connect().check().external_id


def test_someone_who_withdrew_is_told_with_the_next_changes_of_the_subscribers(connect, control):
    someone = next(person for person in control("/truth?shop=bukowina") if person["consent"] == "SUBSCRIBED")
    control(action="mutate", id=someone["id"], changes={"consent": "unsubscribed"})
    window = Window(NOW - timedelta(minutes=5), datetime.now(UTC) + timedelta(minutes=5))
    changed = {person.external_id: person.consent for person in read(connect(), "subscribers", window=window)}
    assert changed[someone["id"]] is Consent.WITHDRAWN


@pytest.mark.parametrize(
    "fault", [{}, *({"fault": name} for name in ("huge", "gzip_bomb", "reset", "drip", "big_header", "truncated"))]
)
def test_everyone_comes_in_bulk_and_in_pages_where_the_file_cannot_be_had(connect, control, monkeypatch, fault):
    expected = read(connect())
    monkeypatch.setattr(Shopify, "bulk_above", 0)
    if fault:
        control(on="file", **fault)
    assert read(connect(deadline=1.0)) == expected
    assert control("/requests?shop=bukowina")["by_kind"]["file"]
