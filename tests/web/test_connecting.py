"""Connecting a vendor account, for the first time and again."""

import re

import pytest
from sqlalchemy import select

from tests.factories import make_integration, make_list, make_recurring_import
from tests.web.pages import HTMX, element, forget, reread
from webapp.extensions import db, limiter
from webapp.models import Integration, IntegrationState, Schedule
from webapp.models.database import now

CLIENT = {
    "shop": "bukowina.myshopify.com",
    "client_id": "demo-client-bukowina",
    "client_secret": "demo-secret-bukowina",
}
TOKEN = {"shop": "bukowina.myshopify.com", "token": "shpat_demo-token-bukowina"}


def connect(client, values=CLIENT, **query):
    return client.post("/integracje/shopify/polaczenia", query_string=query, data=values)


def stored() -> list[Integration]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Integration).order_by(Integration.id)))


def test_the_form_has_the_fields_that_the_connector_declares(client):
    page = client.get("/integracje?aplikacja=shopify").text
    assert 'type="password"' in element(page, "connect-shopify-client_secret")
    assert 'autocomplete="off"' in element(page, "connect-shopify-client_secret")
    assert 'type="text"' in element(page, "connect-shopify-shop")
    assert 'id="connect-shopify-token"' not in page


def test_every_way_of_connecting_can_be_reached_by_a_link(client):
    page = client.get("/integracje?aplikacja=shopify").text
    assert "sposob=token" in element(page, "connect-shopify-by-token")
    other = client.get("/integracje?aplikacja=shopify&sposob=token").text
    assert 'id="connect-shopify-token"' in other and 'id="connect-shopify-client_id"' not in other


def test_what_was_typed_survives_the_change_of_the_way(client):
    page = client.get("/integracje/shopify?sposob=token&shop=bukowina", headers=HTMX).text
    assert 'value="bukowina"' in element(page, "connect-shopify-shop")


def test_a_form_that_was_asked_for_takes_the_focus_and_any_other_does_not(client):
    make_integration()
    asked = client.get("/integracje/shopify?polacz=nowe", headers=HTMX).text
    assert " autofocus" in element(asked, "connect-shopify-shop")
    assert " autofocus" not in client.get("/integracje/shopify?polacz=nowe&sposob=token", headers=HTMX).text
    lost = make_integration("drugi.myshopify.com", state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")
    page = client.get("/integracje?aplikacja=shopify").text
    assert lost.name in page and " autofocus" not in page


def test_a_secret_is_never_taken_from_the_address(client):
    page = client.get("/integracje/shopify?sposob=token&token=shpat_canary", headers=HTMX).text
    assert "shpat_canary" not in element(page, "connect-shopify-token")


@pytest.mark.parametrize(("way", "values"), [("client", CLIENT), ("token", TOKEN)])
def test_accepted_credentials_are_kept_encrypted_and_lead_to_the_configuration(client, way, values):
    answer = connect(client, values, sposob=way)
    [integration] = stored()
    assert answer.status_code == 303
    assert answer.location == f"/integracje/{integration.id}/importy/nowy"
    assert (integration.way, integration.external_id, integration.connected) == (way, "bukowina.myshopify.com", True)
    assert integration.credentials.items() >= values.items()
    assert not any(value in str(integration.sealed) for value in values.values())


def test_the_token_that_was_minted_by_the_check_is_kept_too(client):
    connect(client)
    assert stored()[0].credentials["access_token"]


def test_a_refused_secret_is_said_under_its_field_and_nothing_is_saved(client):
    answer = connect(client, CLIENT | {"client_secret": "canary-secret-7"})
    assert answer.status_code == 422
    assert answer.text.count('class="row-integration"') == 5
    assert 'aria-invalid="true"' in element(answer.text, "connect-shopify-client_secret")
    assert re.search(r'id="connect-shopify-client_secret-error">[^<]*SHP-401', answer.text)
    assert "canary-secret-7" not in answer.text
    assert 'value="demo-client-bukowina"' in element(answer.text, "connect-shopify-client_id")
    assert stored() == []


@pytest.mark.parametrize(
    "shop",
    ["localhost", "http://169.254.169.254", "x.myshopify.com.evil.pl", "user:pass@bukowina.myshopify.com", "127.0.0.1"],
)
def test_a_wrong_address_is_refused_before_anything_is_dialled(client, vendors, shop):
    answer = connect(client, CLIENT | {"shop": shop})
    assert answer.status_code == 422
    assert re.search(r'id="connect-shopify-shop-error">[^<]*SHP-400', answer.text)
    assert vendors.calls == [] and stored() == []


@pytest.mark.parametrize("missing", CLIENT)
def test_a_missing_field_is_named(client, vendors, missing):
    answer = connect(client, CLIENT | {missing: " "})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in element(answer.text, f"connect-shopify-{missing}")
    assert vendors.calls == []


def test_a_vendor_that_is_down_is_said_above_the_form(client, vendors):
    vendors.tell(fault="status", code=503, times=20)
    answer = connect(client)
    assert answer.status_code == 422
    assert re.search(r'class="notice bad[^"]*" role="alert">[^<]*SHP-\d+', answer.text)
    assert stored() == []


def test_connecting_the_same_shop_twice_updates_its_credentials(client):
    connect(client, CLIENT)
    connect(client, TOKEN, sposob="token")
    [integration] = stored()
    assert integration.way == "token"
    assert set(integration.credentials) == {"shop", "token"}


def test_several_accounts_of_one_vendor_can_be_connected(client):
    make_integration("pierwszy.myshopify.com")
    page = client.get("/integracje?aplikacja=shopify").text
    assert 'name="polacz" value="nowe"' in page and 'id="connect-shopify"' not in page
    assert 'id="connect-shopify"' in client.get("/integracje?aplikacja=shopify&polacz=nowe").text
    connect(client)
    assert [one.external_id for one in stored()] == ["pierwszy.myshopify.com", "bukowina.myshopify.com"]


def test_too_many_attempts_are_slowed_down(client, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    answers = [connect(client, {}).status_code for _attempt in range(31)]
    assert answers[:30] == [422] * 30 and answers[30] == 429


def test_the_address_of_a_refused_form_can_be_loaded_again(client):
    assert client.get("/integracje/shopify/polaczenia").location == "/integracje?aplikacja=shopify&polacz=nowe"


def test_the_demo_shows_what_to_paste(app, client, tmp_path):
    (tmp_path / "demo.json").write_text('{"shopify": {"client": {"shop": "demo.myshopify.com"}}}')
    app.config.update(DEMO_CREDENTIALS=str(tmp_path / "demo.json"))
    assert "demo.myshopify.com" not in client.get("/integracje?aplikacja=shopify").text
    app.config.update(DEMO=True)
    assert "demo.myshopify.com" in client.get("/integracje?aplikacja=shopify").text


def test_a_lost_account_shows_why_and_its_form_without_its_secret(client):
    make_integration(state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")
    page = client.get("/integracje?aplikacja=shopify").text
    assert "SHP-401" in page
    assert 'value="bukowina.myshopify.com"' in element(page, "connect-shopify-shop")
    assert "demo-secret-bukowina" not in page


def test_connecting_again_keeps_the_imports_and_offers_to_resume(client):
    integration = make_integration(state=IntegrationState.DISCONNECTED, sealed={})
    recurring_import = make_recurring_import(integration, schedule=Schedule.STOPPED)
    answer = connect(client, polacz=integration.id)
    assert answer.location == f"/integracje?aplikacja=shopify&wznow={integration.id}"
    assert reread(integration).connected
    assert reread(recurring_import).schedule is Schedule.STOPPED
    assert f'action="/integracje/{integration.id}/wznowienie"' in client.get(answer.location).text


def test_nothing_is_offered_where_nothing_is_stopped(client):
    integration = make_recurring_import().integration
    page = client.get(f"/integracje?aplikacja=shopify&wznow={integration.id}").text
    assert f'action="/integracje/{integration.id}/wznowienie"' not in page


def test_resuming_starts_the_stopped_schedules_of_this_account_only(client):
    stopped = make_recurring_import(schedule=Schedule.STOPPED)
    other = make_recurring_import(make_integration("drugi.myshopify.com"), make_list("VIP"), schedule=Schedule.STOPPED)
    draft = make_recurring_import(stopped.integration, make_list("Newsletter"), schedule=Schedule.DRAFT)
    client.post(f"/integracje/{stopped.integration_id}/wznowienie")
    assert reread(stopped).schedule is Schedule.ACTIVE and stopped.next_slot > now()
    assert reread(other).schedule is Schedule.STOPPED
    assert reread(draft).schedule is Schedule.DRAFT


def test_a_disconnected_account_is_not_resumed(client):
    stopped = make_recurring_import(make_integration(state=IntegrationState.DISCONNECTED), schedule=Schedule.STOPPED)
    client.post(f"/integracje/{stopped.integration_id}/wznowienie")
    assert reread(stopped).schedule is Schedule.STOPPED


def test_credentials_of_another_shop_do_not_take_the_place_of_the_lost_one(client):
    lost = make_integration("zgubiony.myshopify.com", state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")
    before = dict(lost.sealed)
    answer = connect(client, polacz=lost.id)
    assert answer.status_code == 422 and "zgubiony.myshopify.com" in answer.text
    [only] = stored()
    assert only.sealed == before and not only.connected


def test_an_account_that_is_not_ours_cannot_be_connected_again(account, stranger):
    id = make_integration(state=IntegrationState.NEEDS_RECONNECTING).id
    forget()
    assert stranger.get(f"/integracje/shopify?polacz={id}", headers=HTMX).status_code == 404
    assert connect(stranger, polacz=id).status_code == 404
