"""How Salesforce lets us in: the doors, PKCE, refusals of either page, and tokens that rotate, end or are taken back."""

from urllib.parse import parse_qs, urlsplit

import pytest

from webapp.connectors.base import SignIn
from webapp.connectors.reasons import Reason
from webapp.connectors.salesforce.hosts import LOGIN_URL, clean_login_host, clean_my_domain, login_url, require_ours

from .reading import failure
from .salesforce_org import Org
from .standins import HOME

SIGN_IN = SignIn("the-state", "a-verifier-" * 5, "https://lista.example/integracje/salesforce/powrot")
TOKEN = "/services/oauth2/token"


@pytest.fixture
def org() -> Org:
    return Org()


def agreed(org, decision="allow") -> dict[str, str]:
    return org.answer(org.connect().authorize_url(SIGN_IN), decision)


class TestDoors:
    @pytest.mark.parametrize(
        ("typed", "host"),
        [
            ("acme", "acme.my.salesforce.com"),
            (" HTTPS://Acme.my.salesforce.com/ ", "acme.my.salesforce.com"),
            ("https://acme.lightning.force.com/lightning/page/home", "acme.my.salesforce.com"),
            ("acme.my.salesforce-setup.com/lightning/setup?x=1#a", "acme.my.salesforce.com"),
            ("acme.my.salesforce.com?ec=302", "acme.my.salesforce.com"),
            ("acme--copy", "acme--copy.sandbox.my.salesforce.com"),
            ("acme--copy.sandbox.my.salesforce.com", "acme--copy.sandbox.my.salesforce.com"),
            ("acme--copy.sandbox.lightning.force.com", "acme--copy.sandbox.my.salesforce.com"),
            ("acme-dev-ed.develop.my.salesforce.com", "acme-dev-ed.develop.my.salesforce.com"),
            ("acme-dev-ed.trailblaze.lightning.force.com", "acme-dev-ed.trailblaze.my.salesforce.com"),
        ],
    )
    def test_what_people_copy_is_understood_as_their_domain(self, typed, host):
        assert clean_my_domain(typed) == clean_my_domain(host) == host

    @pytest.mark.parametrize(
        "typed",
        ["", "login.salesforce.com", "acme.example", "a b", "-acme", "user@acme", "acme:8080", "żółw", "127.0.0.1"]
        + ["evil.example/acme.my.salesforce.com", "acme.my.salesforce.com.evil.example", "ftp://acme", "a" * 90],
    )
    def test_anything_else_is_refused_and_blamed(self, typed):
        error = failure(lambda: clean_my_domain(typed))
        assert (error.reason, error.setting) == (Reason.BAD_ADDRESS, "my_domain")

    def test_a_door_that_is_not_offered_is_refused(self):
        assert clean_login_host("sandbox") == "sandbox"
        assert failure(lambda: clean_login_host("evil.example")).setting == "login_host"

    @pytest.mark.parametrize(
        ("door", "address"),
        [
            ("production", "https://login.salesforce.com"),
            ("sandbox", "https://test.salesforce.com"),
            ("my_domain", "https://acme.my.salesforce.com"),
        ],
    )
    def test_each_door_has_its_address(self, door, address):
        assert login_url(LOGIN_URL, door, "acme.my.salesforce.com") == address

    def test_my_domain_without_a_name_is_blamed_before_anybody_is_asked(self, org):
        org.credentials |= {"login_host": "my_domain", "my_domain": ""}
        error = failure(lambda: org.connect().authorize_url(SIGN_IN))
        assert (error.reason, error.setting) == (Reason.BAD_ADDRESS, "my_domain")

    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("tatry", {"login_host": "sandbox"}),
            ("bukowina", {"login_host": "my_domain", "my_domain": "bukowina.my.salesforce.com"}),
        ],
    )
    def test_tokens_are_renewed_at_the_door_where_people_signed_in(self, name, form):
        org = Org(name, **form)
        org.tell(action="expire_tokens")
        assert org.connect().check().external_id

    def test_salesforce_is_asked_for_both_scopes_a_challenge_and_the_password(self, org):
        url = urlsplit(org.connect().authorize_url(SIGN_IN))
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert url.path.endswith("/login.salesforce.com/services/oauth2/authorize")
        assert asked["scope"] == "api refresh_token" and asked["prompt"] == "login"
        assert (asked["code_challenge"], asked["code_challenge_method"]) == (SIGN_IN.challenge, "S256")
        assert "secret" not in url.query and SIGN_IN.verifier not in url.query

    @pytest.mark.parametrize(
        "url",
        [
            "http://acme.my.salesforce.com",
            "https://evil.example",
            "https://evilsalesforce.com",
            "https://x.salesforce.com.evil",
        ]
        + [
            "https://u@x.salesforce.com",
            "https://x.salesforce.com:8443",
            "https://x.salesforce.com/a?b",
            "",
            "https://[",
        ],
    )
    def test_an_address_that_is_not_salesforces_is_foreign(self, url):
        assert failure(lambda: require_ours(url, LOGIN_URL)).reason is Reason.FOREIGN_HOST

    def test_addresses_of_salesforce_are_taken_without_the_last_slash(self):
        assert require_ours("https://acme--x.sandbox.my.salesforce.com/", LOGIN_URL).endswith("salesforce.com")


class TestPageWherePeopleAgree:
    def test_whoever_says_no_is_told_so(self, org):
        assert failure(lambda: org.connect().exchange(SIGN_IN, agreed(org, "deny"))).reason is Reason.SIGN_IN_REFUSED

    def test_an_organisation_without_the_app_is_told_who_can_help(self):
        assert failure(lambda: Org("bezaplikacji")).reason is Reason.NOT_INSTALLED

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            ("OAUTH_APPROVAL_ERROR_GENERIC", Reason.NOT_INSTALLED),
            ("invalid_client_id", Reason.APP_REFUSED),
            ("redirect_uri_mismatch", Reason.APP_REFUSED),
            ("unsupported_response_type", Reason.APP_REFUSED),
        ],
    )
    def test_each_refusal_of_the_page_has_its_reason(self, org, error, reason):
        assert failure(lambda: org.connect().exchange(SIGN_IN, {"error": error})).reason is reason


class TestCode:
    def test_a_code_is_good_once(self, org):
        answer = agreed(org)
        org.connect().exchange(SIGN_IN, answer)
        assert failure(lambda: org.connect().exchange(SIGN_IN, answer)).reason is Reason.SIGN_IN_EXPIRED

    def test_another_verifier_opens_nothing(self, org):
        other = SignIn(SIGN_IN.state, "another-verifier-" * 4, SIGN_IN.redirect_uri)
        assert failure(lambda: org.connect().exchange(other, agreed(org))).reason is Reason.SIGN_IN_EXPIRED

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"instance_url": "https://evil.example"}, Reason.FOREIGN_HOST),
            ({"instance_url": HOME.replace("8010", "8011") + "/salesforce/bukowina"}, Reason.FOREIGN_HOST),
            ({"signature": "Zm9yZ2Vk"}, Reason.FORGED_ANSWER),
            ({"id": "https://login.salesforce.com/id/00D/005"}, Reason.FORGED_ANSWER),
            ({"access_token": ""}, Reason.BAD_RESPONSE),
            ({"access_token": None}, Reason.BAD_RESPONSE),
        ],
    )
    @pytest.mark.parametrize("renewing", [False, True])
    def test_nothing_is_kept_of_an_answer_that_cannot_be(self, org, change, reason, renewing):
        answer, before = agreed(org), dict(org.credentials)
        org.spoil(lambda body: body | change, TOKEN)
        org.tell(action="expire_tokens")
        org.vendors.calls.clear()
        call = org.connect().check if renewing else lambda: org.connect().exchange(SIGN_IN, answer)
        assert failure(call).reason is reason
        assert org.credentials == before and len(org.requested("oauth2")) == 1

    def test_access_for_one_session_only_is_no_access(self, org):
        org.spoil(lambda body: body | {"refresh_token": ""}, TOKEN)
        assert failure(lambda: org.connect().exchange(SIGN_IN, agreed(org))).reason is Reason.SIGN_IN_REFUSED

    def test_nothing_is_asked_of_a_foreign_address_that_was_stored(self, org):
        org.credentials["instance_url"] = "https://evil.example"
        org.vendors.calls.clear()
        assert failure(org.connect().check).reason is Reason.FOREIGN_HOST
        assert org.vendors.calls == []


class TestRefusalsOfTheTokenEndpoint:
    @pytest.mark.parametrize(
        ("error", "description", "reason"),
        [
            ("invalid_grant", "expired access/refresh token", Reason.UNAUTHORIZED),
            ("invalid_grant", "authentication failure", Reason.UNAUTHORIZED),
            ("inactive_user", "user is inactive", Reason.UNAUTHORIZED),
            ("inactive_org", "organization is inactive", Reason.UNAUTHORIZED),
            ("invalid_client_id", "client identifier invalid", Reason.APP_REFUSED),
            ("invalid_client", "invalid client credentials", Reason.APP_REFUSED),
            ("invalid_client", "app must be installed into org", Reason.NOT_INSTALLED),
            ("redirect_uri_mismatch", "redirect_uri must match configuration", Reason.APP_REFUSED),
            ("unsupported_grant_type", "grant type not supported", Reason.APP_REFUSED),
            ("rate_limit_exceeded", "slow down", Reason.RATE_LIMITED),
            ("invalid_grant_", "login rate exceeded", Reason.RATE_LIMITED),
            ("something_new", "", Reason.BAD_RESPONSE),
        ],
    )
    def test_each_refusal_to_renew_has_its_reason(self, org, error, description, reason):
        org.tell(action="expire_tokens")
        org.replace(TOKEN, 400, {"error": error, "error_description": description})
        assert failure(org.connect().check).reason is reason

    @pytest.mark.parametrize("error", ["invalid_grant", "invalid_request"])
    def test_a_code_that_is_refused_has_expired(self, org, error):
        answer = agreed(org)
        org.replace(TOKEN, 400, {"error": error, "error_description": "expired authorization code"})
        assert failure(lambda: org.connect().exchange(SIGN_IN, answer)).reason is Reason.SIGN_IN_EXPIRED

    def test_a_page_for_people_is_passing_trouble(self, org):
        org.tell(action="expire_tokens")
        org.replace(TOKEN, 400, b"<html>")
        assert not failure(org.connect().check).permanent


class TestSessions:
    def test_a_refresh_token_that_rotates_is_stored_each_time(self, org):
        org.tell(action="rotate_tokens")
        seen = [org.credentials["refresh_token"]]
        for _ in range(3):
            org.tell(action="expire_tokens")
            assert org.connect().check().external_id
            seen.append(org.credentials["refresh_token"])
        assert len(set(seen)) == 4

    def test_access_that_was_taken_back_needs_signing_in_again(self, org):
        org.tell(action="revoke_tokens")
        error = failure(org.connect().check)
        assert (error.reason, error.permanent) == (Reason.UNAUTHORIZED, True)

    def test_a_session_that_ends_is_renewed_once_and_no_more(self, org):
        org.vendors.calls.clear()
        org.tell(fault="expired_token")
        assert failure(org.connect().check).reason is Reason.UNAUTHORIZED
        assert len(org.requested(TOKEN)) == 1

    def test_giving_back_ends_the_access_and_may_be_repeated(self, org):
        org.connect().revoke()
        assert failure(org.connect().check).reason is Reason.UNAUTHORIZED
        org.connect().revoke()
