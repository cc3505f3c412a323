"""Being let into a store or not, waiting as it asks, and what may be typed to connect it."""

import pytest

from webapp.connectors.base import Group
from webapp.connectors.bigcommerce.settings import TOKEN, clean_store
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.waiting import retry_after

from .bigcommerce_store import WHOLE, Store, failure


class TestCheck:
    def test_the_store_is_known_by_its_hash_and_shown_by_its_name(self):
        account = Store().connect().check()
        assert (account.external_id, account.name) == ("bukowina", "Bukowina – górskie specjały")

    def test_without_the_scope_for_the_name_the_hash_stands_for_it(self):
        account = Store(name="bezgrup").connect().check()
        assert account.name == "bezgrup" and account.unavailable == {}

    def test_an_empty_store_can_be_connected(self):
        assert Store(name="pusty").connect().check().external_id == "pusty"

    @pytest.mark.parametrize(
        ("name", "token", "reason", "setting"),
        [
            ("bukowina", "zmyslony", Reason.UNAUTHORIZED, "access_token"),
            ("bukowina", "demo-token-tatry", Reason.UNAUTHORIZED, "access_token"),
            ("bukowina", "", Reason.UNAUTHORIZED, "access_token"),
            ("bezzgody", "demo-token-bezzgody", Reason.MISSING_SCOPE, "access_token"),
            ("zamrozony", "demo-token-zamrozony", Reason.ACCOUNT_FROZEN, "store"),
            ("nieznany", "demo-token-nieznany", Reason.UNKNOWN_ACCOUNT, "store"),
        ],
    )
    def test_each_refusal_has_its_reason_and_the_field_to_blame(self, name, token, reason, setting):
        error = failure(Store(name=name).connect(access_token=token).check)
        assert (error.reason, error.setting) == (reason, setting) and error.permanent

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (400, Reason.BAD_RESPONSE),
            (413, Reason.TOO_LARGE),
            (418, Reason.BAD_RESPONSE),
            (422, Reason.BAD_RESPONSE),
            (423, Reason.ACCOUNT_FROZEN),
            (503, Reason.UNAVAILABLE),
            (507, Reason.API_DISABLED),
        ],
    )
    def test_each_status_has_its_reason(self, status, reason):
        store = Store()
        store.tell(fault="status", status=status)
        assert failure(store.connect().check).reason is reason

    def test_a_token_that_dies_in_the_middle_of_a_pass_asks_for_reconnecting(self):
        store = Store()
        reading = store.connect(7).people(Group.CONTACTS, "everyone", [], WHOLE, None)
        next(reading)
        store.tell(fault="expired_token")
        assert failure(lambda: list(reading)).reason is Reason.UNAUTHORIZED

    def test_the_token_travels_in_its_header_alone(self):
        store = Store()
        store.connect().check()
        assert not any("demo-token" in str(asked) for asked in store.asked)


class TestWaiting:
    def test_the_end_of_the_window_is_waited_for_when_the_quota_is_used_up(self):
        store = Store()
        store.tell(fault="throttled", reset_ms=1500, times=1)
        assert store.connect().check().external_id and store.waits == [1.5]

    def test_seconds_of_the_other_header_are_waited_too(self):
        store = Store()
        store.tell(fault="throttled", headers=False, x_retry_after=7, times=1)
        assert store.connect().check().external_id and store.waits == [7.0]

    def test_an_overload_without_headers_is_waited_out_as_usual(self):
        store = Store()
        store.tell(fault="throttled", headers=False, times=2)
        assert store.connect().check().external_id and store.waits == [1.0, 1.0]

    def test_a_wait_that_is_too_long_leaves_the_worker_free(self):
        store = Store()
        store.tell(fault="throttled", reset_ms=60_000)
        error = failure(store.connect().check)
        assert (error.reason, error.wait) == (Reason.RATE_LIMITED, 60.0) and store.waits == []

    def test_the_last_requests_of_a_window_are_left_to_the_stores_other_programs(self):
        store = Store(60)
        store.tell(action="throttling", quota=5, window_ms=20_000)
        connector = store.connect()
        connector.check()
        assert store.waits == [pytest.approx(20, abs=1)]

    def test_enough_requests_left_are_not_waited_for(self):
        store = Store(60)
        store.read()
        assert store.waits == []

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"x-rate-limit-time-reset-ms": "15000"}, 15.0),
            ({"x-retry-after": "3"}, 3.0),
            ({"x-rate-limit-time-reset-ms": "250", "x-retry-after": "3"}, 0.25),
            ({"retry-after": "2", "x-rate-limit-time-reset-ms": "15000"}, 2.0),
            ({"retry-after": "zaraz", "x-rate-limit-time-reset-ms": "15000"}, None),
            ({"x-rate-limit-time-reset-ms": "-1"}, None),
            ({"x-rate-limit-time-reset-ms": "nan"}, None),
            ({}, None),
        ],
    )
    def test_how_long_to_wait_is_read_from_whichever_header_says_it(self, headers, seconds):
        assert retry_after(headers) == seconds


class TestSettings:
    @pytest.mark.parametrize(
        "typed",
        [
            "abc123xyz",
            "  ABC123xyz ",
            "https://api.bigcommerce.com/stores/abc123xyz/v3/",
            "https://api.bigcommerce.com/stores/abc123xyz",
            "api.bigcommerce.com/stores/abc123xyz/v2",
            "stores/abc123xyz",
            "https://store-abc123xyz.mybigcommerce.com/manage/dashboard",
            "store-abc123xyz.mybigcommerce.com",
            "http://store-abc123xyz.mybigcommerce.com/",
        ],
    )
    def test_a_store_is_recognised_in_every_form_in_which_it_is_copied(self, typed):
        assert clean_store(typed) == "abc123xyz"

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "abc",
            "abc-123",
            "żółw12",
            "abc123/../../v2",
            "a" * 21,
            "https://evil.pl/stores/abc123",
            "https://api.bigcommerce.com.evil.pl/stores/abc123",
            "https://api.bigcommerce.com@evil.pl/stores/abc123",
            "https://store-abc123.mybigcommerce.com.evil.pl",
            "https://sklep.example",
            "abc123\n.evil.pl",
        ],
    )
    def test_whatever_is_no_store_is_refused_before_anything_is_dialled(self, typed):
        error = failure(lambda: clean_store(typed))
        assert (error.reason, error.setting) == (Reason.BAD_ADDRESS, "store")

    def test_a_token_with_a_line_break_inside_is_refused(self):
        clean = next(setting.clean for setting in TOKEN.settings if setting.secret)
        with pytest.raises(ConnectorError):
            clean("abc\ndef")
        assert clean(" abc ") == "abc"
