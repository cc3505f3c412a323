"""Signing in at Zoho: the region's own servers, answers that name foreign hosts, tokens, and who is to blame when they end."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from webapp.connectors.base import Access, SignIn
from webapp.connectors.http import Response
from webapp.connectors.reasons import Reason
from webapp.connectors.zoho import Zoho
from webapp.connectors.zoho.regions import ACCOUNTS_URL, CHOICES, REGIONS, clean_region

from .reading import failure
from .standins import HOME, Visit

SIGN_IN = SignIn("the-state", "a-verifier-" * 5, "https://lista.example/integracje/zoho/powrot")
PAST = "2020-01-01T00:00:00+00:00"


@pytest.fixture
def visit() -> Visit:
    return Visit("zoho", people=6)


def answer(visit: Visit, decision: str = "allow") -> dict[str, str]:
    return visit.answer(visit.connect().authorize_url(SIGN_IN), decision)


def exchange(visit: Visit, given: dict[str, str]) -> None:
    visit.connect().exchange(SIGN_IN, given)


def token_answer(visit: Visit, body: bytes, status: int = 200) -> None:
    """From here on the token endpoint answers so."""
    honest, headers = visit.send, {"content-type": "application/json;charset=UTF-8"}
    visit.send = lambda method, url, *rest: (
        Response(status, headers, body) if "/token" in url else honest(method, url, *rest)
    )


class TestRegions:
    @pytest.mark.parametrize("region", REGIONS)
    def test_people_are_sent_to_their_own_region(self, region):
        connector = Zoho(Access(None, {"region": region}, dict, {"client_id": "1000.X"}))
        url = urlsplit(connector.authorize_url(SIGN_IN))
        assert (url.scheme, url.netloc, url.path) == ("https", REGIONS[region].accounts, "/oauth/v2/auth")

    def test_each_region_can_be_chosen_and_europe_comes_first(self):
        assert [value for value, _ in CHOICES] == list(REGIONS) and CHOICES[0][0] == "eu"

    def test_a_region_that_does_not_exist_is_blamed(self):
        error = failure(lambda: clean_region("pl"))
        assert (error.reason, error.setting) == (Reason.BAD_ADDRESS, "region")

    def test_people_are_asked_for_reading_only_and_for_a_token_that_lasts(self, visit):
        asked = dict(parse_qsl(urlsplit(visit.connect().authorize_url(SIGN_IN)).query))
        assert all(scope.endswith(".READ") for scope in asked.pop("scope").split(","))
        assert asked == {
            "response_type": "code",
            "client_id": "1000.DEMO-DOPLYW",
            "redirect_uri": SIGN_IN.redirect_uri,
            "access_type": "offline",
            "prompt": "consent",
            "state": SIGN_IN.state,
            "code_challenge": SIGN_IN.challenge,
            "code_challenge_method": "S256",
        }

    def test_an_organisation_of_another_region_is_signed_in_there(self, visit):
        authorize = urlsplit(visit.connect().authorize_url(SIGN_IN))
        page = visit.vendors.client.post(
            authorize.path, query_string=authorize.query, base_url=HOME, data={"org": "tatry", "decision": "allow"}
        )
        exchange(visit, dict(parse_qsl(urlsplit(page.location).query)))
        assert visit.credentials["accounts_server"] == f"{HOME}/zoho/accounts-com"
        assert visit.connect().check().name == "Tatry Outlet"


class TestForeignHosts:
    @pytest.mark.parametrize(
        "server",
        [
            "https://evil.example",
            "http://accounts.zoho.eu",
            "https://accounts.zoho.eu.evil.example",
            "https://accounts.zoho.eu:8443",
            "https://accounts.zoho.eu@evil.example",
            "https://accounts.zoho.eu/x",
            "https://www.zohoapis.eu",
            "http://127.0.0.1:8011/zoho/accounts-eu",
            "https://127.0.0.1:8010/zoho/accounts-eu",
            "http://a@127.0.0.1:8010/zoho",
            "http://[::1",
            "javascript:alert(1)",
        ],
    )
    def test_a_server_that_is_not_zohos_is_never_asked(self, visit, server):
        given = answer(visit) | {"accounts-server": server}
        visit.vendors.calls.clear()
        assert failure(lambda: exchange(visit, given)).reason is Reason.FOREIGN_HOST
        assert visit.vendors.calls == []

    @pytest.mark.parametrize("server", ["https://accounts.zoho.eu", "https://accounts.zohocloud.ca/"])
    def test_zohos_own_servers_are_asked(self, visit, server):
        asked = []
        visit.send = lambda method, url, *rest: (asked.append(url), Response(200, {}, b""))[1]
        given = {"code": "x", "accounts-server": server}
        assert failure(lambda: exchange(visit, given)).reason is Reason.BAD_RESPONSE
        assert asked == [f"{server.rstrip('/')}/oauth/v2/token"]

    @pytest.mark.parametrize(
        "domain", ["https://evil.example", "https://accounts.zoho.eu", "http://www.zohoapis.eu", ""]
    )
    def test_data_are_never_looked_for_elsewhere(self, visit, domain):
        given = answer(visit)
        visit.credentials.pop("api_domain")
        token_answer(visit, f'{{"access_token":"a","refresh_token":"r","api_domain":"{domain}"}}'.encode())
        assert failure(lambda: exchange(visit, given)).reason is Reason.FOREIGN_HOST

    def test_a_stored_address_is_looked_at_again_before_it_is_used(self, visit):
        visit.credentials["api_domain"] = "https://evil.example"
        visit.vendors.calls.clear()
        assert failure(visit.connect().check).reason is Reason.FOREIGN_HOST
        assert visit.vendors.calls == []

    def test_without_the_sandbox_its_address_is_foreign_too(self, visit):
        connector = Zoho(Access(None, visit.credentials, dict, {"accounts_url": ACCOUNTS_URL}))
        given = {"code": "x", "accounts-server": f"{HOME}/zoho/accounts-eu"}
        assert failure(lambda: connector.exchange(SIGN_IN, given)).reason is Reason.FOREIGN_HOST

    def test_an_address_that_the_administrator_has_set_goes_before_the_answers(self, visit):
        endpoints = {**visit.stand_in.endpoints, "api_url": f"{HOME}/zoho/nikt"}
        asked = []
        http = type("Http", (), {"request": lambda *a, **k: (asked.append(a[2]), Response(404, {}, b""))[1]})()
        connector = Zoho(Access(http, visit.credentials, dict, endpoints))
        failure(connector.check)
        assert asked == [f"{HOME}/zoho/nikt/crm/v8/org"]


class TestExchange:
    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            ("access_denied", Reason.SIGN_IN_REFUSED),
            ("invalid_client", Reason.APP_REFUSED),
            ("invalid_redirect_uri", Reason.APP_REFUSED),
        ],
    )
    def test_an_answer_without_a_code_says_why(self, visit, error, reason):
        assert failure(lambda: exchange(visit, {"error": error, "state": "the-state"})).reason is reason

    def test_whoever_says_no_is_told_so(self, visit):
        assert failure(lambda: exchange(visit, answer(visit, "deny"))).reason is Reason.SIGN_IN_REFUSED

    def test_a_code_that_was_used_before_is_too_late(self, visit):
        given = answer(visit)
        exchange(visit, given)
        assert failure(lambda: exchange(visit, given)).reason is Reason.SIGN_IN_EXPIRED

    def test_a_code_needs_the_verifier_it_was_made_for(self, visit):
        given, other = answer(visit), SignIn("the-state", "another-" * 7, SIGN_IN.redirect_uri)
        assert failure(lambda: visit.connect().exchange(other, given)).reason is Reason.SIGN_IN_EXPIRED

    @pytest.mark.parametrize("error", ["invalid_client", "invalid_client_secret", "invalid_redirect_uri"])
    @pytest.mark.parametrize("status", [200, 400])
    def test_an_application_that_zoho_does_not_know_is_to_blame(self, visit, error, status):
        given = answer(visit)
        token_answer(visit, f'{{"error":"{error}"}}'.encode(), status)
        assert failure(lambda: exchange(visit, given)).reason is Reason.APP_REFUSED

    def test_tokens_without_one_that_lasts_are_not_kept(self, visit):
        given, before = answer(visit), dict(visit.credentials)
        token_answer(visit, f'{{"access_token":"a","api_domain":"{HOME}/zoho/bukowina"}}'.encode())
        assert failure(lambda: exchange(visit, given)).reason is Reason.SIGN_IN_REFUSED
        assert visit.credentials == before


class TestRenewal:
    def test_a_token_is_used_for_an_hour_and_renewed_a_minute_before_it_ends(self, visit):
        visit.vendors.calls.clear()
        visit.connect().check()
        assert not any("/token" in call for call in visit.vendors.calls)
        visit.credentials["access_token_expires"] = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
        visit.connect().check()
        assert [call for call in visit.vendors.calls if "/token" in call] == ["/zoho/accounts-eu/oauth/v2/token"]

    def test_a_token_that_was_refused_early_is_renewed_once(self, visit):
        visit.expire_tokens()
        visit.vendors.calls.clear()
        assert visit.connect().check().external_id
        assert sum("/token" in call for call in visit.vendors.calls) == 1

    def test_a_token_that_is_refused_again_after_renewing_asks_for_connecting(self, visit):
        visit.tell(fault="expired_token")
        visit.vendors.calls.clear()
        assert failure(visit.connect().check).reason is Reason.UNAUTHORIZED
        assert sum("/token" in call for call in visit.vendors.calls) == 1

    def test_a_token_that_another_process_has_renewed_is_taken_over(self, visit):
        other = dict(visit.credentials)
        visit.credentials["access_token"] = "1000.stale"
        connector = visit.connect()
        connector._api.tokens._renew = lambda stale, ask: other
        assert connector.check().external_id

    @pytest.mark.parametrize("status", [200, 400])
    def test_access_that_was_taken_back_asks_for_connecting_again(self, visit, status):
        visit.credentials["access_token_expires"] = PAST
        token_answer(visit, b'{"error":"invalid_code"}', status)
        assert failure(visit.connect().check).reason is Reason.UNAUTHORIZED

    def test_access_that_was_really_taken_back_asks_for_connecting_again(self, visit):
        visit.tell(action="revoke_tokens")
        error = failure(visit.connect().check)
        assert (error.reason, error.permanent) == (Reason.UNAUTHORIZED, True)

    @pytest.mark.parametrize("status", [200, 400])
    def test_an_account_that_is_locked_for_renewing_too_often_is_left_alone_for_ten_minutes(self, visit, status):
        visit.tell(action="throttle_tokens", most=0, status=status)
        visit.credentials["access_token_expires"] = PAST
        visit.vendors.calls.clear()
        error = failure(visit.connect().check)
        assert (error.reason, error.wait, error.permanent) == (Reason.RATE_LIMITED, 600, False)
        assert len(visit.vendors.calls) == 1

    def test_a_refusal_that_we_do_not_know_is_not_the_end(self, visit):
        visit.credentials["access_token_expires"] = PAST
        token_answer(visit, b'{"error":"general_error"}')
        assert not failure(visit.connect().check).permanent

    def test_another_secret_of_the_application_is_the_applications_fault(self, visit):
        visit.credentials["access_token_expires"] = PAST
        token_answer(visit, b'{"error":"invalid_client_secret"}')
        assert failure(visit.connect().check).reason is Reason.APP_REFUSED

    @pytest.mark.parametrize("missing", ["refresh_token", "accounts_server"])
    def test_credentials_with_a_hole_do_not_crash(self, visit, missing):
        visit.credentials["access_token_expires"] = PAST
        del visit.credentials[missing]
        assert failure(visit.connect().check).permanent


class TestRevoking:
    def test_the_token_is_given_back(self, visit):
        visit.connect().revoke()
        visit.credentials["access_token_expires"] = PAST
        assert failure(visit.connect().check).reason is Reason.UNAUTHORIZED

    def test_a_token_that_is_dead_already_is_no_error(self, visit):
        visit.connect().revoke()
        visit.connect().revoke()

    def test_trouble_that_passes_is_told(self, visit):
        token_answer(visit, b"", 503)
        assert failure(visit.connect().revoke).reason is Reason.UNAVAILABLE
