"""Zoho's accounts servers: agreeing, codes, tokens, and refusals that come with 200."""

import pytest

from .zoho_caller import ASKED, CHALLENGE, VERIFIER, Caller


@pytest.fixture
def caller() -> Caller:
    return Caller(people=6)


def error(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]


class TestAgreeing:
    def test_the_page_lets_people_choose_an_organisation_and_decide(self, caller):
        page = caller.page()
        assert page.status_code == 200 and "<title>Zoho</title>" in page.text
        assert "bukowina" in page.text and "name=decision value=allow" in page.text

    @pytest.mark.parametrize(
        "asked",
        [
            {"client_id": "1000.OTHER"},
            {"response_type": "token"},
            {"redirect_uri": "https://elsewhere.example/"},
            {"scope": "ZohoCRM.modules.ALL,Everything"},
            {"scope": None},
        ],
    )
    def test_a_request_that_is_not_as_registered_is_shown_and_never_sent_back(self, caller, asked):
        assert caller.page(**asked).status_code == 400

    def test_people_come_back_with_a_code_and_where_their_data_are(self, caller):
        answer = caller.agree()
        assert answer.pop("code").startswith("1000.")
        assert answer == {
            "location": "eu",
            "accounts-server": "http://localhost/zoho/accounts-eu",
            "state": ASKED["state"],
        }

    def test_an_organisation_of_another_region_names_its_own_server(self):
        answer = Caller("tatry", people=6).agree()
        assert (answer["location"], answer["accounts-server"]) == ("us", "http://localhost/zoho/accounts-com")

    def test_whoever_says_no_comes_back_without_a_code(self, caller):
        assert caller.agree("deny") == {"error": "access_denied", "state": ASKED["state"]}

    def test_there_is_no_server_for_a_region_that_does_not_exist(self, caller):
        caller.dc = "pl"
        assert caller.page().status_code == 404


class TestCodes:
    def test_a_code_gives_tokens_and_the_address_of_the_data(self, caller):
        grant = caller.granted()
        assert grant["api_domain"] == "http://localhost/zoho/bukowina" and grant["refresh_token"]
        assert (grant["token_type"], grant["expires_in"]) == ("Bearer", 3600)

    def test_a_code_is_good_once(self, caller):
        code = caller.agree()["code"]
        caller.redeem(code)
        assert error(caller.redeem(code)) == (200, "invalid_code")

    def test_a_code_is_unknown_at_another_region(self, caller):
        code = caller.agree()["code"]
        caller.dc = "com"
        assert error(caller.redeem(code)) == (200, "invalid_code")

    def test_a_code_belongs_to_one_return_address(self, caller):
        assert error(caller.redeem(caller.agree()["code"], redirect_uri="https://x.example")) == (
            200,
            "invalid_redirect_uri",
        )

    @pytest.mark.parametrize(("verifier", "good"), [(VERIFIER, True), ("other", False), ("", False)])
    def test_a_challenge_is_compared_with_the_verifier(self, caller, verifier, good):
        code = caller.agree(code_challenge=CHALLENGE, code_challenge_method="S256")["code"]
        assert ("access_token" in caller.redeem(code, code_verifier=verifier).json) is good

    def test_a_second_agreement_without_prompt_gives_no_refresh_token(self, caller):
        assert "refresh_token" in caller.granted(prompt=None)
        assert "refresh_token" not in caller.granted(prompt=None)
        assert "refresh_token" in caller.granted()

    def test_without_offline_access_there_is_no_refresh_token(self, caller):
        assert "refresh_token" not in caller.granted(access_type="online")

    @pytest.mark.parametrize(
        ("asked", "name"),
        [
            ({"client_id": "1000.X"}, "invalid_client"),
            ({"client_secret": "x"}, "invalid_client_secret"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"grant_type": "refresh_token", "refresh_token": "1000.x.y"}, "invalid_code"),
        ],
    )
    def test_refusals_come_with_200(self, caller, asked, name):
        assert error(caller.ask_token(**asked)) == (200, name)


class TestTokens:
    def test_a_refresh_token_gives_another_access_token_and_stays(self, caller):
        caller.sign_in()
        renewed = caller.renew().json
        assert renewed["access_token"] != caller.token and "refresh_token" not in renewed
        assert caller.renew().status_code == 200

    @pytest.mark.parametrize("status", [200, 400])
    def test_too_many_renewals_lock_the_account(self, caller, status):
        caller.sign_in()
        caller.tell(action="throttle_tokens", most=2, status=status)
        assert [caller.renew().status_code for _ in range(2)] == [200, 200]
        assert error(caller.renew()) == (status, "Access Denied")

    def test_the_sixteenth_token_kills_the_oldest(self, caller):
        caller.sign_in()
        for _ in range(14):
            caller.renew()
        assert caller.get("org").status_code == 200
        caller.renew()
        assert caller.get("org").json["code"] == "INVALID_TOKEN"

    def test_the_twenty_first_refresh_token_kills_the_oldest(self, caller):
        caller.sign_in()
        for _ in range(19):
            caller.granted()
        assert "access_token" in caller.renew().json
        caller.granted()
        assert error(caller.renew()) == (200, "invalid_code")

    def test_a_revoked_refresh_token_is_unknown_with_its_access_tokens(self, caller):
        caller.sign_in()
        revoke = f"/zoho/accounts-eu/oauth/v2/token/revoke?token={caller.refresh}"
        assert caller.client.post(revoke).json == {"status": "success"}
        assert error(caller.renew()) == (200, "invalid_code")
        assert caller.get("org").status_code == 401
        assert caller.client.post(revoke).status_code == 400

    def test_a_token_allows_what_was_agreed_to_and_no_more(self, caller):
        caller.sign_in(scope="ZohoCRM.org.READ,ZohoCRM.modules.leads.READ")
        assert caller.get("org").status_code == 200
        assert caller.get("Leads", fields="Email").status_code == 200
        for path in ("Contacts", "Contacts/deleted", "settings/fields", "users"):
            answer = caller.get(path, module="Contacts", fields="Email")
            assert (answer.status_code, answer.json["code"]) == (401, "OAUTH_SCOPE_MISMATCH")
