"""What every connector keeps, whatever the vendor."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from webapp.connectors import CONNECTORS, get
from webapp.connectors.base import Group, Window
from webapp.connectors.reasons import NEEDS_RECONNECTING, ConnectorError, Reason
from webapp.connectors.sentences import CODES, SENTENCES, code_for, sentence_for

from .shopify_shop import FakeShopify, answer

FAKES: dict[str, Callable[..., FakeShopify]] = {"shopify": FakeShopify}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHOLE = Window(None, NOW)
SOURCES = [(key, group) for key, connector in CONNECTORS.items() for group in connector.groups]


@pytest.fixture(params=CONNECTORS)
def key(request) -> str:
    return request.param


def test_every_connector_has_a_fake():
    assert set(FAKES) == set(CONNECTORS)


def test_a_connector_is_registered_under_its_own_key(key):
    assert get(key).key == key


def test_an_unknown_vendor_is_not_found():
    with pytest.raises(KeyError):
        get("nobody")


def test_a_connector_declares_what_the_pages_show(key):
    connector = get(key)
    assert connector.label and connector.tagline and connector.groups
    assert len(connector.code) == 3 and connector.code.isupper()


def test_ways_and_their_settings_have_distinct_names_and_labels(key):
    ways = get(key).ways
    assert ways and len({way.key for way in ways}) == len(ways)
    for way in ways:
        assert way.label and way.steps and len({setting.name for setting in way.settings}) == len(way.settings)
        assert all(setting.label for setting in way.settings)


def test_a_way_asks_either_for_a_secret_that_is_not_shown_or_for_signing_in(key):
    ways = get(key).ways
    assert all(any(setting.secret for setting in way.settings) is not way.sign_in for way in ways)
    assert all(way.app_steps for way in ways if way.sign_in)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_that_names_the_vendor_and_says_what_to_do(key, reason):
    sentence = sentence_for(get(key), reason) % {"vendor": get(key).label}
    assert get(key).label in sentence and ". " in sentence and sentence.endswith(".")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_code_of_its_own(reason):
    assert reason in SENTENCES and list(CODES.values()).count(CODES[reason]) == 1


def test_the_code_names_vendor_and_reason():
    assert code_for(get("shopify"), Reason.UNAUTHORIZED) == "SHP-401"


def failure(call) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


def test_a_refused_key_is_permanent_and_asks_for_reconnecting(key):
    shop = FAKES[key]()
    shop.next = [answer({}, 401)] * 9
    error = failure(shop.connect().check)
    assert error.permanent and error.reason in NEEDS_RECONNECTING and error.setting


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_vendor_in_trouble_is_transient(key, status):
    shop = FAKES[key]()
    shop.next = [answer({}, status)] * 99
    assert not failure(shop.connect().check).permanent


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"<html>Log in</html>",
        b'\xef\xbb\xbf{"data":{}}',
        b'{"data":NaN}',
        b'{"data":{},"data":{}}',
        b'{"data":"x"}',
        b'{"data":null}',
        b'{"data":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"data":"\xff\xfe"}',
        b'{"extensions":1}',
    ],
)
def test_an_answer_that_is_not_what_was_promised_is_a_bad_response(key, body):
    shop = FAKES[key]()
    shop.next = [None, answer(body)]
    assert failure(shop.connect().check).reason is Reason.BAD_RESPONSE


@pytest.mark.parametrize(("key", "group"), SOURCES)
def test_an_empty_account_is_fine(key, group):
    connector = FAKES[key](people=0).connect()
    assert connector.check().external_id
    for source in connector.sources(group):
        pages = list(connector.people(group, source.id, [], WHOLE, None))
        assert [list(page.people) for page in pages] == [[]] and pages[-1].cursor is None


@pytest.mark.parametrize(("key", "group"), SOURCES)
def test_columns_have_distinct_keys_and_each_role_once(key, group):
    connector = FAKES[key](people=1).connect()
    for source in connector.sources(group):
        fields = connector.fields(group, source.id)
        roles = [field.role for field in fields if field.role]
        assert len({field.key for field in fields}) == len(fields) and len(set(roles)) == len(roles)
        assert "email" in roles


@pytest.mark.parametrize(("key", "group"), SOURCES)
def test_people_hold_exactly_the_columns_that_were_asked_for(key, group):
    connector = FAKES[key](people=2).connect()
    for source in connector.sources(group):
        columns = [field.key for field in connector.fields(group, source.id)] + ["vanished"]
        for page in connector.people(group, source.id, columns, WHOLE, None):
            assert all(list(person.values) == columns and person.values["vanished"] is None for person in page.people)


@pytest.mark.parametrize("people", [1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize(("key", "group"), SOURCES)
def test_paging_visits_everyone_once(key, group, people):
    connector = FAKES[key](people=people).connect(page_size=3)
    for source in connector.sources(group):
        pages = list(connector.people(group, source.id, [], WHOLE, None))
        assert [person.external_id for page in pages for person in page.people] == [str(n + 1) for n in range(people)]
        assert pages[-1].cursor is None and source.total == people


@pytest.mark.parametrize(("key", "group"), SOURCES)
def test_going_on_from_any_cursor_gives_exactly_the_rest(key, group):
    connector = FAKES[key](people=8).connect(page_size=3)
    for source in connector.sources(group):
        pages = list(connector.people(group, source.id, [], WHOLE, None))
        for place, page in enumerate(pages[:-1]):
            rest = connector.people(group, source.id, [], WHOLE, page.cursor)
            expected = [person.external_id for later in pages[place + 1 :] for person in later.people]
            assert [person.external_id for later in rest for person in later.people] == expected


@pytest.mark.parametrize(("key", "group"), SOURCES)
def test_sources_have_distinct_ids(key, group: Group):
    ids = [source.id for source in FAKES[key](people=3).connect().sources(group)]
    assert ids and len(set(ids)) == len(ids)
