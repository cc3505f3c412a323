"""Signing in at a shop: where people are sent, what they must bring back, and the tokens that come of it."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from werkzeug.test import Client

from sandbox import Options, create_app
from sandbox.shopify.oauth import sign
from tests.vendors import Vendors
from webapp.connectors.base import Access, SignIn
from webapp.connectors.http import Http
from webapp.connectors.reasons import Reason
from webapp.connectors.shopify import Shopify

from .reading import failure

APP = {"client_id": "demo-client-bukowina", "client_secret": "demo-secret-bukowina"}
SIGN_IN = SignIn("the-state", "the-verifier", "https://lista.example/integracje/shopify/powrot")


class Visit:
    """A shop of the sandbox, and a connector that signs in there."""

    def __init__(self) -> None:
        self.vendors = Vendors(Client(create_app(Options(people=3))))
        self.endpoints = {"base_url": "http://127.0.0.1:8010/shopify/{shop}", **APP}
        self.credentials = {"shop": "bukowina.myshopify.com"}

    def connect(self) -> Shopify:
        http = Http(frozenset({"127.0.0.1:8010"}), send=self.vendors.send)
        return Shopify(Access(http, self.credentials, self.credentials.update, self.endpoints))

    def answer(self, **changes: str) -> dict[str, str]:
        """What the shop sends the browser back with; changes are signed again, unless they are the signature."""
        url = urlsplit(self.connect().authorize_url(SIGN_IN))
        there = self.vendors.client.get(url.path, query_string=url.query).location
        answer = dict(parse_qsl(urlsplit(there).query)) | changes
        signed = {name: value for name, value in answer.items() if name != "hmac"}
        return answer if "hmac" in changes else signed | {"hmac": sign(signed, APP["client_secret"])}

    def sign_in(self) -> None:
        self.connect().exchange(SIGN_IN, self.answer())


@pytest.fixture
def visit() -> Visit:
    return Visit()


def test_people_are_sent_to_their_own_shop_with_what_the_app_needs(visit):
    url = urlsplit(visit.connect().authorize_url(SIGN_IN))
    assert url.path == "/shopify/bukowina/admin/oauth/authorize"
    assert dict(parse_qsl(url.query)) == {
        "client_id": APP["client_id"],
        "scope": "read_customers,read_orders",
        "redirect_uri": SIGN_IN.redirect_uri,
        "state": SIGN_IN.state,
    }


def test_the_code_becomes_tokens_that_open_the_shop_and_end_in_an_hour(visit):
    visit.sign_in()
    life = datetime.fromisoformat(visit.credentials["access_token_expires"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < life < timedelta(minutes=61) and visit.credentials["refresh_token"]
    assert visit.connect().check().external_id == "bukowina.myshopify.com"


@pytest.mark.parametrize(
    "changes",
    [
        {"hmac": "0" * 64},
        {"hmac": ""},
        {"hmac": "ż"},
        {"shop": "tatry.myshopify.com"},
        {"timestamp": str(int(time.time()) - 200)},
        {"timestamp": str(int(time.time()) + 200)},
        {"timestamp": "teraz"},
    ],
)
def test_an_answer_that_the_shop_did_not_sign_just_now_is_forged_and_asks_nobody(visit, changes):
    answer = visit.answer(**changes)
    visit.vendors.calls.clear()
    assert failure(lambda: visit.connect().exchange(SIGN_IN, answer)).reason is Reason.FORGED_ANSWER
    assert visit.vendors.calls == [] and "access_token" not in visit.credentials


def test_a_field_that_was_added_on_the_way_breaks_the_signature(visit):
    answer = visit.answer() | {"extra": "1"}
    assert failure(lambda: visit.connect().exchange(SIGN_IN, answer)).reason is Reason.FORGED_ANSWER


def test_a_code_that_was_used_before_is_too_late(visit):
    answer = visit.answer()
    visit.connect().exchange(SIGN_IN, answer)
    assert failure(lambda: visit.connect().exchange(SIGN_IN, answer)).reason is Reason.SIGN_IN_EXPIRED


def test_a_shop_that_says_no_is_refused(visit):
    error = failure(lambda: visit.connect().exchange(SIGN_IN, {"error": "access_denied", "state": "the-state"}))
    assert error.reason is Reason.SIGN_IN_REFUSED


def test_an_app_with_another_secret_is_refused_as_the_app(visit):
    answer = visit.answer()
    visit.endpoints["client_id"] = "demo-client-nobody"
    assert failure(lambda: visit.connect().exchange(SIGN_IN, answer)).reason is Reason.APP_REFUSED


def test_a_token_that_ends_is_renewed_once_and_its_refresh_token_replaced(visit):
    visit.sign_in()
    before = dict(visit.credentials)
    visit.vendors.tell(action="expire_tokens")
    connector = visit.connect()
    connector._api.tokens._renew = lambda stale, ask: visit.credentials | ask(visit.credentials)
    assert connector.check().external_id
    assert connector._api.tokens._credentials["refresh_token"] != before["refresh_token"]


def test_a_token_about_to_end_is_renewed_before_it_is_used(visit):
    visit.sign_in()
    visit.credentials["access_token_expires"] = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    visit.vendors.calls.clear()
    assert visit.connect().check().external_id
    assert visit.vendors.calls[0].endswith("/admin/oauth/access_token")


def test_a_dead_refresh_token_asks_for_connecting_again(visit):
    visit.sign_in()
    visit.credentials |= {"access_token_expires": "2020-01-01T00:00:00+00:00", "refresh_token": "dead"}
    error = failure(visit.connect().check)
    assert (error.reason, error.permanent) == (Reason.UNAUTHORIZED, True)


def test_a_token_without_an_end_is_used_until_it_is_refused(visit):
    visit.credentials["access_token"] = "shpat_demo-token-bukowina"
    assert visit.connect().check().external_id
    visit.credentials["access_token"] = "revoked"
    assert failure(visit.connect().check).reason is Reason.UNAUTHORIZED


def test_the_signature_covers_the_answer_as_it_travelled(visit):
    answer = visit.answer(host="YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYnVrb3dpbmE=")
    assert "%3D" in urlencode(answer)
    visit.connect().exchange(SIGN_IN, answer)
