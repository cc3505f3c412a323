"""Signing in at a vendor: out by „Połącz”, back by the vendor's redirect, and whatever comes back that nobody waits for."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from sqlalchemy import select

from tests.conftest import sign_in
from tests.factories import make_integration, make_list, make_recurring_import
from tests.web.pages import element
from webapp.extensions import db
from webapp.models import Integration, IntegrationState, Schedule, SignInAttempt, VendorApp
from webapp.models.database import now
from webapp.models.scope import everyone

SHOP = {"shop": "bukowina"}


@pytest.fixture
def settings(settings):
    return settings | {"SHOPIFY_CLIENT_ID": "demo-client-bukowina", "SHOPIFY_CLIENT_SECRET": "demo-secret-bukowina"}


def go(client, vendors, **query) -> str:
    """Press „Połącz”, and let the shop agree; returns where the browser is sent back to."""
    page = client.post("/integracje/shopify/polaczenia", query_string=query, data=SHOP)
    assert page.status_code == 200, page.text
    target = urlsplit(unescape(re.search(r'content="0;url=([^"]+)"', page.text)[1]))
    back = vendors.client.get(target.path, query_string=target.query).location
    return back.removeprefix("http://127.0.0.1:8000")


def stored() -> list[Integration]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Integration).order_by(Integration.id)))


def refused(answer) -> bool:
    """A page of status 400 with one sentence, the form to try again, and nothing saved."""
    assert "To logowanie nie jest już ważne" in answer.text or "SHP-4" in answer.text
    return answer.status_code == 400 and 'id="connect-shopify"' in answer.text and stored() == []


def test_people_leave_by_a_page_that_works_without_scripts(client):
    page = client.post("/integracje/shopify/polaczenia", data=SHOP).text
    assert 'http-equiv="refresh"' in page and "Przejdź do Shopify" in page
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fintegracje%2Fshopify%2Fpowrot" in page


def test_whoever_comes_back_is_connected_and_goes_on_to_the_configuration(client, vendors):
    answer = client.get(go(client, vendors))
    [integration] = stored()
    assert (answer.status_code, answer.location) == (303, f"/integracje/{integration.id}/importy/nowy")
    assert (integration.way, integration.name) == ("sign_in", "Bukowina – górskie specjały")
    assert {"shop", "access_token", "refresh_token"} <= set(integration.credentials)


def test_nothing_of_the_answer_stays_in_the_address_bar_or_in_the_database(client, vendors):
    back = go(client, vendors)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    answer = client.get(back)
    [integration] = stored()
    assert code not in answer.location and code not in str(integration.credentials)
    with everyone():
        assert db.session.scalars(select(SignInAttempt)).all() == []


def test_an_answer_without_a_state_is_refused(client, vendors):
    path, query = go(client, vendors).split("?")
    without = urlencode([(name, value) for name, value in parse_qsl(query) if name != "state"])
    assert refused(client.get(f"{path}?{without}")) and refused(client.get(path))


def test_an_answer_with_another_state_is_refused(client, vendors):
    assert refused(client.get(re.sub(r"state=[^&]+", "state=forged", go(client, vendors))))


def test_an_answer_that_came_before_is_refused(client, vendors):
    back = go(client, vendors)
    assert client.get(back).status_code == 303
    again = client.get(back)
    assert again.status_code == 400 and len(stored()) == 1


def test_an_answer_in_the_browser_of_somebody_else_is_refused_there_and_spends_nothing(
    app, client, vendors, foreign, stranger
):
    back = go(client, vendors)
    assert stranger.get(back).status_code == 400
    assert client.get(back).status_code == 303


def test_an_answer_in_another_session_of_the_same_person_is_refused(app, client, vendors):
    back = go(client, vendors)
    assert refused(sign_in(app, "owner@example.com").get(back))


def test_an_answer_after_ten_minutes_is_refused(client, vendors):
    back = go(client, vendors)
    with time_machine.travel(now() + timedelta(minutes=11), tick=False):
        assert refused(client.get(back))


def test_an_answer_for_another_vendor_is_refused(client, vendors):
    back = go(client, vendors).replace("/shopify/", "/zoho/")
    answer = client.get(back)
    assert answer.status_code in (400, 404) and stored() == []


def test_an_answer_that_was_changed_on_its_way_is_refused_with_its_own_sentence(client, vendors):
    answer = client.get(go(client, vendors).replace("bukowina.myshopify.com", "tatry.myshopify.com"))
    assert refused(answer) and "SHP-498" in answer.text


def test_somebody_who_says_no_is_told_how_to_go_on(client, vendors):
    state = dict(parse_qsl(urlsplit(go(client, vendors)).query))["state"]
    answer = client.get(f"/integracje/shopify/powrot?error=access_denied&state={state}", follow_redirects=True)
    assert answer.status_code == 200 and "SHP-407" in answer.text and stored() == []


def test_connecting_again_keeps_the_account_its_imports_and_offers_to_resume(client, vendors):
    lost = make_integration(state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized", way="sign_in")
    target = make_recurring_import(lost, make_list(), schedule=Schedule.ACTIVE)
    answer = client.get(go(client, vendors, polacz=lost.id, sposob="sign_in"))
    [integration] = stored()
    assert integration.id == lost.id and integration.connected
    assert f"wznow={lost.id}" in answer.location and target.integration_id == lost.id


def test_another_shop_than_the_lost_one_is_refused_and_nothing_is_changed(client, vendors):
    lost = make_integration("tatry.myshopify.com", state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")
    answer = client.get(go(client, vendors, polacz=lost.id, sposob="sign_in"), follow_redirects=True)
    assert "tatry.myshopify.com" in answer.text
    [integration] = stored()
    assert (integration.external_id, integration.connected) == ("tatry.myshopify.com", False)


class TestTheApplication:
    def test_an_owner_enters_it_once_and_its_secret_is_not_shown_again(self, client):
        keys = {"client_id": "own-id", "client_secret": "own-canary-secret"}
        answer = client.post("/integracje/shopify/aplikacja", data=keys)
        assert answer.status_code == 303
        app = db.session.scalars(select(VendorApp)).one()
        assert app.credentials == keys and "own-canary-secret" not in str(app.sealed)
        page = client.get("/integracje/shopify/aplikacja").text
        assert "own-canary-secret" not in page
        assert 'value="own-id"' in element(page, "app-client_id")

    def test_it_comes_before_the_installations_own(self, client, vendors):
        client.post("/integracje/shopify/aplikacja", data={"client_id": "own-id", "client_secret": "own-secret"})
        page = client.post("/integracje/shopify/polaczenia", data=SHOP).text
        assert "client_id=own-id" in page and "demo-client-bukowina" not in page

    def test_the_page_says_the_return_address(self, client):
        page = client.get("/integracje/shopify/aplikacja").text
        assert "http://127.0.0.1:8000/integracje/shopify/powrot" in page

    def test_it_can_be_deleted(self, client):
        client.post("/integracje/shopify/aplikacja", data={"client_id": "own-id", "client_secret": "own-secret"})
        assert client.post("/integracje/shopify/aplikacja/usuniecie").status_code == 303
        assert db.session.scalars(select(VendorApp)).all() == []
