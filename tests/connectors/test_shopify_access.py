"""Shopify's tokens, refusals and limits."""

import logging
import traceback
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from webapp.connectors.base import Group, Window
from webapp.connectors.reasons import ConnectorError, Reason

from .shopify_shop import MINTED, SECRETS, TOKEN, FakeShopify, answer, complaint

NOW = datetime.now(UTC)
PERSONAL = (
    "This app is not approved to use the email field. See https://shopify.dev/docs/apps/launch/protected-customer-data"
)
SCOPE = "Access denied for customers field. Required access: `read_customers` access scope."


@pytest.fixture
def shop() -> FakeShopify:
    return FakeShopify(people=2)


def failure(call) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value


class TestTokens:
    def test_a_token_is_minted_from_id_and_secret_and_kept(self, shop):
        shop.connect().check()
        form = {name: values[0] for name, values in parse_qs(shop.minted[0]).items()}
        assert form == {
            "grant_type": "client_credentials",
            "client_id": SECRETS["client_id"],
            "client_secret": SECRETS["client_secret"],
        }
        assert shop.kept["access_token"] == MINTED and set(shop.tokens) == {MINTED}
        life = datetime.fromisoformat(shop.kept["access_token_expires"]) - NOW
        assert timedelta(hours=23) < life < timedelta(hours=25)

    def test_a_minted_token_is_used_again_while_it_lasts(self, shop):
        kept = {"access_token": "kept", "access_token_expires": (NOW + timedelta(minutes=5)).isoformat()}
        shop.connect(SECRETS | kept).check()
        assert shop.minted == [] and set(shop.tokens) == {"kept"}

    @pytest.mark.parametrize(
        "expires",
        [(NOW + timedelta(seconds=50)).isoformat(), "2020-01-01", "soon", ""],
        ids=["soon", "past", "nonsense", "empty"],
    )
    def test_a_token_about_to_end_is_minted_anew(self, shop, expires):
        shop.connect(SECRETS | {"access_token": "old", "access_token_expires": expires}).check()
        assert len(shop.minted) == 1 and "old" not in shop.tokens

    def test_one_token_serves_a_whole_run(self, shop):
        connector = shop.connect()
        connector.check()
        connector.sources(Group.CONTACTS)
        assert len(shop.minted) == 1

    def test_an_unexpected_401_mints_once_more(self, shop):
        shop.next = [None, answer({"errors": "[API] Invalid API key"}, 401)]
        assert shop.connect().check().external_id
        assert len(shop.minted) == 2

    def test_a_second_401_blames_the_secret(self, shop):
        shop.next = [None, answer({}, 401), None, answer({}, 401)]
        error = failure(shop.connect().check)
        assert (error.reason, error.setting, len(shop.minted)) == (Reason.UNAUTHORIZED, "client_secret", 2)

    def test_a_pasted_token_is_sent_as_it_is(self, shop):
        shop.connect(TOKEN).check()
        assert set(shop.tokens) == {TOKEN["token"]} and shop.minted == [] and shop.kept == {}

    def test_a_pasted_token_is_tried_twice_and_then_blamed(self, shop):
        shop.next = [answer({}, 401), answer({}, 401)]
        error = failure(shop.connect(TOKEN).check)
        assert (error.reason, error.setting, len(shop.asked)) == (Reason.UNAUTHORIZED, "token", 2)

    @pytest.mark.parametrize(
        ("status", "body", "reason", "setting"),
        [
            (401, b'{"error":"invalid_client"}', Reason.UNAUTHORIZED, "client_secret"),
            (400, b'{"error":"invalid_client"}', Reason.UNAUTHORIZED, "client_secret"),
            (400, b"<html>Oauth error shop_not_permitted: Client credentials...", Reason.NOT_INSTALLED, "client_id"),
            (400, b'{"error":"app_not_installed"}', Reason.NOT_INSTALLED, "client_id"),
            (404, b"<html>", Reason.UNKNOWN_ACCOUNT, "shop"),
            (402, b"", Reason.ACCOUNT_FROZEN, "shop"),
            (423, b"", Reason.ACCOUNT_FROZEN, "shop"),
        ],
    )
    def test_a_refused_grant_names_its_cause(self, shop, status, body, reason, setting):
        shop.next = [answer(body, status)]
        error = failure(shop.connect().check)
        assert (error.reason, error.setting, error.permanent) == (reason, setting, True)

    @pytest.mark.parametrize(
        "body", [b"<html>", b"{}", b'{"access_token":"","expires_in":1}', b'{"access_token":"x","expires_in":1e300}']
    )
    def test_a_grant_of_the_wrong_shape_is_a_bad_response(self, shop, body):
        shop.next = [answer(body)]
        assert failure(shop.connect().check).reason is Reason.BAD_RESPONSE


class TestCheck:
    def test_the_account_is_the_shop_with_its_name(self, shop):
        account = shop.connect().check()
        assert (account.external_id, account.name, account.unavailable) == ("bukowina.myshopify.com", "Bukowina", {})

    def test_the_shop_is_asked_at_its_own_address_and_version(self, shop):
        shop.connect().check()
        assert shop.asked[0]["url"] == "https://bukowina.myshopify.com/admin/api/2026-10/graphql.json"

    def test_another_shop_behind_the_address_is_an_unknown_account(self, shop):
        shop.domain = "tatry.myshopify.com"
        error = failure(shop.connect().check)
        assert (error.reason, error.setting) == (Reason.UNKNOWN_ACCOUNT, "shop")

    def test_without_read_customers_nothing_can_be_read(self, shop):
        shop.scopes = ["read_orders"]
        assert failure(shop.connect().check).reason is Reason.MISSING_SCOPE

    def test_without_read_orders_only_leads_are_unavailable(self, shop):
        shop.scopes = ["read_customers"]
        assert shop.connect().check().unavailable == {Group.LEADS: Reason.MISSING_SCOPE}

    def test_a_scope_to_write_includes_reading(self, shop):
        shop.scopes = ["write_customers", "write_orders"]
        assert shop.connect().check().unavailable == {}

    def test_a_plan_that_withholds_personal_data_is_told_from_a_missing_scope(self, shop):
        for message, reason in ((PERSONAL, Reason.PERSONAL_DATA_REFUSED), (SCOPE, Reason.MISSING_SCOPE)):
            shop.next = [None, None, complaint(message, "ACCESS_DENIED")]
            assert failure(shop.connect().check).reason is reason
            shop.next = []

    def test_a_merchant_who_has_not_approved_is_a_missing_scope(self, shop):
        shop.next = [
            None,
            answer({"errors": "[API] This action requires merchant approval for read_customers scope."}, 403),
        ]
        assert failure(shop.connect().check).reason is Reason.MISSING_SCOPE

    @pytest.mark.parametrize("status", [402, 423, 430])
    def test_a_frozen_shop_is_not_retried(self, shop, status):
        shop.next = [None, answer({}, status)]
        error = failure(shop.connect().check)
        assert (error.reason, error.setting, len(shop.asked)) == (Reason.ACCOUNT_FROZEN, "shop", 1)

    def test_an_older_version_is_noted_in_the_log(self, shop, caplog):
        served = answer({"data": shop._check("", {})}, x_shopify_api_version="2026-07")
        shop.next = [None, served]
        shop.connect().check()
        assert "2026-07" in caplog.text

    def test_giving_back_asks_nothing(self, shop):
        assert shop.connect().revoke() is None
        assert shop.asked == shop.minted == []


class TestTrouble:
    def throttled(self, requested, available, rate):
        status = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": rate}
        return complaint("Throttled", "THROTTLED", cost={"requestedQueryCost": requested, "throttleStatus": status})

    @pytest.mark.parametrize(("requested", "available", "wait"), [(500, 100, 4.0), (10, 5, 1.0), (10, 50, 1.0)])
    def test_throttling_is_waited_out_as_the_bucket_fills(self, shop, requested, available, wait):
        shop.next = [None, self.throttled(requested, available, 100)]
        assert shop.connect().check().external_id
        assert shop.waits == [wait]

    def test_throttling_without_figures_waits_a_second(self, shop):
        shop.next = [None, complaint("Throttled", "THROTTLED")]
        shop.connect().check()
        assert shop.waits == [1.0]

    def test_a_long_wait_frees_the_worker(self, shop):
        shop.next = [None, self.throttled(1000, 0, 10)]
        error = failure(shop.connect().check)
        assert (error.reason, error.wait, shop.waits) == (Reason.RATE_LIMITED, 100.0, [])

    def test_endless_throttling_ends_as_rate_limited(self, shop):
        shop.next = [None] + [self.throttled(500, 100, 100)] * 9
        error = failure(shop.connect().check)
        assert (error.reason, error.permanent, len(shop.waits)) == (Reason.RATE_LIMITED, False, 4)

    def test_an_internal_error_is_tried_again(self, shop):
        shop.next = [None, complaint("Internal error", "INTERNAL_SERVER_ERROR")]
        assert shop.connect().check().external_id

    def test_lasting_internal_errors_are_unavailable(self, shop):
        shop.next = [None] + [complaint("Internal error", "INTERNAL_SERVER_ERROR")] * 9
        assert failure(shop.connect().check).reason is Reason.UNAVAILABLE

    @pytest.mark.parametrize(
        "errors", ["text", {"base": ["x"]}, [{"message": "Malformed cursor"}], ["x"], [None], [[1]]]
    )
    def test_errors_of_any_shape_spoil_an_answer_that_has_data_too(self, shop, errors):
        shop.next = [None, answer({"data": shop._check("", {}), "errors": errors})]
        assert failure(shop.connect().check).reason is Reason.BAD_RESPONSE

    @pytest.mark.parametrize("type_", ["text/html", "text/plain", ""])
    def test_an_answer_that_does_not_say_it_is_json_is_a_bad_response(self, shop, type_):
        shop.next = [None, answer({"data": shop._check("", {})}, content_type=type_)]
        assert failure(shop.connect().check).reason is Reason.BAD_RESPONSE

    @pytest.mark.parametrize("errors", [None, [], ""])
    def test_empty_errors_are_none(self, shop, errors):
        shop.next = [None, answer({"data": shop._check("", {}), "errors": errors})]
        assert shop.connect().check().external_id

    def test_a_search_warning_is_an_error_because_everyone_would_come(self, shop):
        warned = {"search": [{"path": ["page"], "query": "x:1", "warnings": [{"field": "x", "code": "invalid_field"}]}]}
        page = {"page": {"nodes": shop.customers, "pageInfo": {"hasNextPage": False}}}
        connector = shop.connect()
        shop.next = [None, None, answer({"data": page, "extensions": warned})]
        window = Window(None, NOW)
        assert (
            failure(lambda: list(connector.people(Group.CONTACTS, "everyone", [], window, None))).reason
            is Reason.BAD_RESPONSE
        )


@pytest.mark.parametrize("credentials", [SECRETS, TOKEN])
@pytest.mark.parametrize(
    "trouble",
    [
        answer({}, 401),
        answer(b"canary-secret-2 canary-token-3 canary-minted-4", 400),
        answer({}, 500),
        answer(b"<html>canary-token-3"),
        complaint("canary-token-3", "ACCESS_DENIED"),
    ],
)
def test_no_failure_shows_a_secret(credentials, trouble, caplog):
    caplog.set_level(logging.DEBUG)
    shop = FakeShopify()
    shop.next = [trouble] * 9
    error = failure(shop.connect(credentials).check)
    assert "canary" not in "".join(traceback.format_exception(error)) + caplog.text
