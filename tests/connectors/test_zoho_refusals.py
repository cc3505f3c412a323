"""What Zoho refuses, in the words of its tables, and what is hidden from the person who signed in."""

import pytest

from webapp.connectors.base import Group, Window
from webapp.connectors.reasons import Reason

from .reading import failure
from .standins import HOME, NOW, WHOLE, pages
from .zoho_org import SIGN_IN, Org, refusal

DENIED = {"error": "Access Denied", "error_description": "too many requests continuously", "status": "failure"}
SINCE = Window(NOW.replace(year=2020), NOW)
KRAKOW, EMPTY = "view:4150860000000500002", "view:4150860000000500004"


@pytest.fixture
def org() -> Org:
    return Org()


def ids(people) -> list[str]:
    return [person.external_id for person in people]


def expired(org) -> None:
    org.credentials["access_token_expires"] = "2020-01-01T00:00:00+00:00"
    org.asked.clear()


class TestRecords:
    @pytest.mark.parametrize(
        ("status", "code", "reason"),
        [
            (401, "INVALID_TOKEN", Reason.UNAUTHORIZED),
            (401, "AUTHENTICATION_FAILURE", Reason.UNAUTHORIZED),
            (401, "OAUTH_SCOPE_MISMATCH", Reason.MISSING_SCOPE),
            (403, "NO_PERMISSION", Reason.MISSING_SCOPE),
            (400, "INVALID_MODULE", Reason.SOURCE_GONE),
            (400, "REQUIRED_PARAM_MISSING", Reason.BAD_RESPONSE),
            (400, "LIMIT_EXCEEDED", Reason.BAD_RESPONSE),
            (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", Reason.BAD_RESPONSE),
            (400, "PAGINATION_LIMIT_EXCEEDED", Reason.TOO_LARGE),
            (400, "TOKEN_BOUND_DATA_MISMATCH", Reason.BAD_RESPONSE),
            (400, "EXPIRED_VALUE", Reason.BAD_RESPONSE),
            (400, "AMBIGUITY_DURING_PROCESSING", Reason.BAD_RESPONSE),
            (404, "INVALID_URL_PATTERN", Reason.BAD_RESPONSE),
            (400, "INVALID_HOST", Reason.WRONG_REGION),
            (429, "TOO_MANY_REQUESTS", Reason.RATE_LIMITED),
            (500, "INTERNAL_ERROR", Reason.UNAVAILABLE),
            (401, "A_NEW_CODE", Reason.UNAUTHORIZED),
            (403, "A_NEW_CODE", Reason.MISSING_SCOPE),
            (400, "A_NEW_CODE", Reason.BAD_RESPONSE),
        ],
    )
    def test_each_refusal_has_its_reason_and_blames_no_field(self, org, status, code, reason):
        org.instead("/Contacts?", status, refusal(code))
        error = failure(org.read)
        assert (error.reason, error.setting) == (reason, None)

    def test_a_refused_token_is_renewed_once_and_the_request_repeated(self, org):
        org.instead("/Contacts?", 401, refusal("INVALID_TOKEN"), times=1)
        assert len(org.read()) == 30 and sum("/oauth/v2/token" in url for url in org.asked) == 1

    def test_a_missing_scope_is_not_renewed(self, org):
        org.instead("/Contacts?", 401, refusal("OAUTH_SCOPE_MISMATCH"))
        assert failure(org.read) and not any("/oauth/" in url for url in org.asked)

    def test_leads_that_the_profile_may_not_see_are_refused_for_that(self):
        org = Org("bezuprawnien")
        assert failure(lambda: org.read(group=Group.LEADS)).reason is Reason.MISSING_SCOPE

    def test_everything_asked_for_at_signing_in_is_needed_and_enough(self, org):
        connector = org.connect()
        scopes = connector.authorize_url(SIGN_IN).split("scope=")[1].split("&")[0]
        for group in connector.groups:
            assert connector.sources(group) and connector.fields(group, "everyone") and org.read(group=group)
        connector.bulk_above = -1
        assert list(connector.people(connector.groups[0], "everyone", [], WHOLE, None)) and "/bulk/v8/" in org.asked[-1]
        assert scopes.count("ZohoCRM.") == 6 == scopes.count(".READ")


class TestAccountsServer:
    @pytest.mark.parametrize("issuer", ["https://evil.example", "https://accounts.zoho.eu.evil.example", ""])
    def test_an_answer_of_a_foreign_issuer_gets_nothing(self, org, issuer):
        given = org.answer(org.connect().authorize_url(SIGN_IN)) | {"iss": issuer}
        org.asked.clear()
        assert failure(lambda: org.connect().exchange(SIGN_IN, given)).reason is Reason.FOREIGN_HOST
        assert org.asked == []

    def test_an_answer_of_one_of_the_vendors_issuers_is_taken(self, org):
        given = org.answer(org.connect().authorize_url(SIGN_IN)) | {"iss": "https://accounts.zoho.com"}
        org.connect().exchange(SIGN_IN, given)
        assert org.connect().check().external_id

    @pytest.mark.parametrize(
        ("status", "body", "reason"),
        [
            (200, {"error": "invalid_code"}, Reason.UNAUTHORIZED),
            (400, {"error": "invalid_code"}, Reason.UNAUTHORIZED),
            (200, {"error": "invalid_client"}, Reason.APP_REFUSED),
            (400, {"error": "invalid_client"}, Reason.APP_REFUSED),
            (200, {"error": "invalid_client_secret"}, Reason.APP_REFUSED),
            (200, {"error": "something_new"}, Reason.BAD_RESPONSE),
            (200, {}, Reason.BAD_RESPONSE),
            (200, [], Reason.BAD_RESPONSE),
            (500, {}, Reason.UNAVAILABLE),
        ],
    )
    def test_each_refusal_to_renew_has_its_reason_whatever_the_status(self, org, status, body, reason):
        expired(org)
        org.instead("/oauth/v2/token", status, body)
        assert failure(org.connect().check).reason is reason
        assert not any("/crm/" in url for url in org.asked)

    @pytest.mark.parametrize("status", [200, 400])
    def test_an_account_that_is_locked_is_asked_once_and_never_waited_for(self, org, status):
        expired(org)
        org.instead("/oauth/v2/token", status, DENIED)
        error = failure(org.connect().check)
        assert (error.reason, error.wait, error.permanent) == (Reason.RATE_LIMITED, 600, False)
        assert len(org.asked) == 1 and org.waits == []

    def test_renewing_that_names_a_foreign_api_domain_gets_no_token(self, org):
        expired(org)
        org.spoil(lambda body: body | {"api_domain": "https://evil.example"}, "/oauth/v2/token")
        assert failure(org.connect().check).reason is Reason.FOREIGN_HOST
        assert all(url.startswith(HOME) for url in org.asked)

    @pytest.mark.parametrize("kept", ["api_domain", "accounts_server"])
    def test_a_foreign_address_among_what_was_kept_is_not_believed(self, org, kept):
        expired(org)
        org.credentials[kept] = "https://evil.example"
        org.spoil(lambda body: {key: body[key] for key in body if key != "api_domain"}, "/oauth/v2/token")
        assert failure(org.connect().check).reason is Reason.FOREIGN_HOST
        assert all(url.startswith(HOME) for url in org.asked)

    def test_the_token_that_is_given_back_is_in_no_address(self, org):
        org.asked.clear()
        org.connect().revoke()
        assert org.asked and not any(org.credentials["refresh_token"] in url for url in org.asked)


class TestHidden:
    @pytest.mark.parametrize("hidden", [{"visible": False}, {"view_type": {"view": False}}])
    def test_a_field_for_opting_out_that_the_profile_hides_is_as_good_as_none(self, org, hidden):
        def hide(body):
            return {"fields": [one | (hidden if one["api_name"] == "Email_Opt_Out" else {}) for one in body["fields"]]}

        org.spoil(hide, "settings/fields")
        assert {person.consent for person in org.read()} == {None}
        assert not any(source.has_consent for source in org.connect().sources(Group.CONTACTS))
        assert not any("Email_Opt_Out" in url for url in org.asked)

    def test_a_view_keeps_its_own_order(self):
        org = Org(people=120)
        people = org.read("Mailing_City", source=KRAKOW)
        assert people and ids(people) != sorted(ids(people))
        assert not any("sort_by" in url for url in org.asked if "cvid" in url)
        assert {one.values["Mailing_City"] for one in people} <= {"Kraków", None}

    def test_a_view_goes_on_where_its_page_token_died(self):
        org = Org(people=120)
        whole = ids(org.read(source=KRAKOW, page_size=3))
        reading = org.connect(3).people(Group.CONTACTS, KRAKOW, [], SINCE, None)
        page = next(reading)
        org.expire_tokens(pages=True)
        assert not failure(lambda: list(reading)).permanent
        assert ids(page.people) + ids(org.read(source=KRAKOW, page_size=3, cursor=page.cursor)) == whole

    def test_a_view_of_nobody_is_one_page_of_nobody(self, org):
        assert [(list(page.people), page.cursor) for page in pages(org.connect(), Group.CONTACTS, EMPTY)] == [
            ([], None)
        ]

    def test_a_view_is_read_whole_whatever_the_window(self, org):
        assert not org.connect().incremental(Group.CONTACTS, KRAKOW)
        assert ids(org.read(source=KRAKOW, window=SINCE)) == ids(org.read(source=KRAKOW))
        assert not any("If-Modified-Since" in headers for headers in org.headers)

    def test_converted_leads_come_only_where_they_are_asked_for(self):
        org = Org(people=240)
        everyone = ids(org.read(group=Group.LEADS, page_size=200))
        both = ids(org.read(group=Group.LEADS, source="with_converted", page_size=200))
        assert set(everyone) < set(both) and len(both) == 120


class TestDeleted:
    def test_a_page_that_comes_again_and_again_is_left(self, org):
        org.tell(action="delete", index=3)
        org.spoil(lambda body: body | {"info": {"more_records": True}}, "/deleted?")
        honest = org.send
        org.send = lambda method, url, *rest: honest(method, url.replace("page=2&", "page=1&"), *rest)
        assert failure(lambda: org.read(window=SINCE)).reason is Reason.PAGING_LOOP

    def test_a_bent_entry_hides_no_other(self, org):
        for index in range(3):
            org.tell(action="delete", index=index)
        org.bend(lambda record: record.update(id=None), "/deleted?")
        assert len([one for one in org.read(window=SINCE) if one.deleted]) == 2
