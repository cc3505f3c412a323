"""The Salesforce stand-in before judges who know nothing of us: requests-oauthlib, simple-salesforce, and the vendor's own schema."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
import requests
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

LOGIN = "https://login.salesforce.com/services/oauth2"
RETURN = "https://lista.example/integracje/salesforce/powrot"
KEYS = {"client_id": "3MVG9.demo-doplyw", "client_secret": "demo-secret-salesforce"}
EVERYONE = "SELECT Id, Email, HasOptedOutOfEmail, SystemModstamp FROM Contact ORDER BY Id"


class Wire(HTTPAdapter):
    """Carries https://<org>.my.salesforce.com to the stand-in, which speaks plain http."""

    def __init__(self, server: str):
        super().__init__()
        self._server = server

    def send(self, request, **options):
        parts = urlsplit(request.url)
        name = parts.hostname.removesuffix(".my.salesforce.com")
        request.url = f"{self._server}/salesforce/{name}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, **options)


class Judge:
    """Signs in with one library, and reads with another."""

    def __init__(self, server: str):
        self._server = server

    def session(self, session=None) -> requests.Session:
        session = session or requests.Session()
        session.mount("https://", Wire(self._server))
        return session

    def sign_in(self, org="bukowina", secret=KEYS["client_secret"], verifier=None):
        oauth = self.session(
            OAuth2Session(KEYS["client_id"], redirect_uri=RETURN, scope="api refresh_token", pkce="S256")
        )
        url, _state = oauth.authorization_url(f"{LOGIN}/authorize")
        page = oauth.post(url, {"org": org, "decision": "allow"}, withhold_token=True, allow_redirects=False)
        oauth._code_verifier = verifier or oauth._code_verifier
        oauth.fetch_token(
            f"{LOGIN}/token",
            authorization_response=page.headers["Location"],
            include_client_id=True,
            client_secret=secret,
        )
        return oauth

    def org(self, name="bukowina") -> Salesforce:
        token = self.sign_in(name).token["access_token"]
        return Salesforce(
            session_id=token, instance=f"{name}.my.salesforce.com", version="67.0", session=self.session()
        )

    def tell(self, shop="bukowina", **wishes):
        wishes |= {"vendor": "salesforce", "shop": shop}
        answer = requests.post(f"{self._server}/control", json=wishes, timeout=5)
        assert answer.ok, answer.text

    def truth(self, of="people") -> list[tuple]:
        where = f"{self._server}/control/truth?vendor=salesforce&shop=bukowina&of={of}"
        return [
            (one["id"], one["email"], one["consent"] == "opted_out", one["updated_at"])
            for one in requests.get(where, timeout=5).json()
        ]


@pytest.fixture
def judge(server) -> Judge:
    return Judge(server)


@pytest.fixture
def org(judge) -> Salesforce:
    return judge.org()


def rows(records) -> list[tuple]:
    return [(one["Id"], one["Email"], one["HasOptedOutOfEmail"], one["SystemModstamp"]) for one in records]


class TestSigningIn:
    def test_requests_oauthlib_signs_in_with_pkce_and_renews(self, judge):
        oauth = judge.sign_in()
        old = oauth.token["access_token"]
        assert oauth.refresh_token(f"{LOGIN}/token", **KEYS)["access_token"] != old

    def test_a_wrong_secret_is_refused_in_words_that_it_understands(self, judge):
        with pytest.raises(Exception, match="invalid_client"):
            judge.sign_in(secret="wrong")

    def test_a_wrong_verifier_is_refused(self, judge):
        with pytest.raises(Exception, match="invalid_request"):
            judge.sign_in(verifier="another" * 10)


class TestReading:
    def test_it_sees_everyone(self, judge, org):
        assert rows(org.query(EVERYONE)["records"]) == judge.truth()

    def test_it_follows_the_addresses_of_further_pages_to_the_end(self, judge, org):
        judge.tell(action="resize", people=450)
        first = org.query(EVERYONE, headers={"Sforce-Query-Options": "batchSize=200"})
        assert (len(first["records"]), first["totalSize"], first["done"]) == (200, 450, False)
        again = org.query_all(EVERYONE, headers={"Sforce-Query-Options": "batchSize=200"})
        assert rows(again["records"]) == judge.truth()

    def test_two_long_texts_make_pages_of_two_hundred(self, judge, org):
        judge.tell(action="resize", people=450)
        query = "SELECT Id, Description, Uwagi__c FROM Contact ORDER BY Id"
        assert len(org.query(query)["records"]) == 200
        assert len(org.query_all(query)["records"]) == 450

    def test_it_sees_the_leads(self, judge, org):
        assert rows(org.query_all(EVERYONE.replace("Contact", "Lead"))["records"]) == judge.truth("leads")

    def test_those_who_are_deleted_are_seen_only_where_it_asks_for_them(self, judge, org):
        gone = judge.truth()[5][0]
        judge.tell(action="delete", index=5)
        query = "SELECT Id FROM Contact WHERE IsDeleted = true"
        assert org.query_all(query)["records"] == []
        assert [one["Id"] for one in org.query_all(query, include_deleted=True)["records"]] == [gone]

    def test_the_versions_are_told_to_anybody(self, judge):
        told = judge.session().get("https://bukowina.my.salesforce.com/services/data/", timeout=5).json()
        assert [one["version"] for one in told] == ["67.0"]

    def test_it_counts(self, judge, org):
        assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == len(judge.truth())

    def test_its_own_literals_find_who_they_name(self, judge, org):
        judge.tell(action="mutate", index=3, changes={"last_name": 'O\'Żak \\ "Młody"\n'})
        found = org.query(format_soql("SELECT Id FROM Contact WHERE LastName = {}", 'O\'Żak \\ "Młody"\n'))
        assert [one["Id"] for one in found["records"]] == [judge.truth()[3][0]]

    def test_its_own_times_find_who_changed_since(self, judge, org):
        judge.tell(action="mutate", index=3, changes={"last_name": "Zmieniona"})
        since = datetime.now(UTC) - timedelta(minutes=5)
        found = org.query(format_soql("SELECT Id FROM Contact WHERE SystemModstamp >= {}", since))
        assert [one["Id"] for one in found["records"]] == [judge.truth()[3][0]]

    def test_it_reads_limits_and_notes_their_use(self, org):
        assert org.limits()["DailyApiRequests"]["Max"] == 15_000
        assert org.api_usage["api-usage"].total == 15_000

    def test_a_cursor_dies_with_the_session_that_opened_it(self, judge, org):
        judge.tell(action="resize", people=450)
        first = org.query(EVERYONE, headers={"Sforce-Query-Options": "batchSize=200"})
        with pytest.raises(SalesforceMalformedRequest, match="INVALID_QUERY_LOCATOR"):
            judge.org().query_more(first["nextRecordsUrl"], identifier_is_url=True)


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("SELECT FROM Contact", "MALFORMED_QUERY"),
            ("SELECT Id FROM Contact WHERE LastName = 'O'Żak'", "MALFORMED_QUERY"),
            ("SELECT Id FROM Contact LIMIT 'x'", "MALFORMED_QUERY"),
            ("SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
            ("SELECT Id FROM Contact WHERE LastName > 5", "INVALID_FIELD"),
            ("SELECT Nope__c FROM Contact", "INVALID_FIELD"),
            ("SELECT Nope__c FROM Organization", "INVALID_FIELD"),
            ("SELECT Id FROM Contact ORDER BY Nope__c", "INVALID_FIELD"),
            ("SELECT Id FROM Nobody", "INVALID_TYPE"),
        ],
    )
    def test_a_bad_query_is_refused_with_its_code(self, org, query, code):
        with pytest.raises(SalesforceMalformedRequest) as caught:
            org.query(query)
        assert [one["errorCode"] for one in caught.value.content] == [code]

    def test_a_session_that_ended_is_expired(self, judge, org):
        judge.tell(action="expire_tokens")
        with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
            org.query(EVERYONE)

    def test_an_address_that_does_not_exist_is_not_found(self, org):
        with pytest.raises(SalesforceResourceNotFound, match="NOT_FOUND"):
            org.restful("sobjects/Contact/listviews/00BRO0000000009AAA/describe")

    def test_a_query_that_is_too_long_for_an_address_is_refused(self, org):
        with pytest.raises(SalesforceGeneralError) as caught:
            org.query(f"SELECT Id FROM Contact WHERE LastName = '{'a' * 17_000}'")
        assert caught.value.status == 414

    @pytest.mark.parametrize(
        ("name", "code"), [("bezapi", "API_DISABLED_FOR_ORG"), ("limit", "REQUEST_LIMIT_EXCEEDED")]
    )
    def test_an_organisation_that_refuses_says_why(self, judge, name, code):
        judge.tell("limit", action="use_requests", number=15_000)
        with pytest.raises(SalesforceRefusedRequest, match=code):
            judge.org(name).query(EVERYONE)


@pytest.fixture(scope="module")
def contract():
    path = Path(
        os.environ.get("CONTRACTS_DIR", "/nonexistent"), "salesforce", "salesforce_sobject-describe.schema.json"
    )
    if not path.exists():
        pytest.skip("CONTRACTS_DIR is not set or holds no contract of Salesforce")
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


class TestContract:
    # `urls` is there over REST only, and not in the schema.
    @pytest.mark.parametrize("entity", ["Contact", "Lead"])
    def test_describe_is_of_the_shape_that_the_schema_promises(self, org, contract, entity):
        described = getattr(org, entity).describe()
        assert described.pop("urls")
        assert [error.message[:200] for error in contract.iter_errors(described)] == []
