"""Integracje: what the rows and tables say, and the parts that refresh themselves."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.databases import on_both_databases
from tests.factories import make_integration, make_list, make_recurring_import, make_run
from tests.web.pages import HTMX, element, forget
from webapp.connectors import CONNECTORS
from webapp.extensions import db
from webapp.models import IntegrationState, RunStatus, Schedule
from webapp.models.database import now


def test_every_application_has_a_button_that_begins_with_its_name(client):
    page = client.get("/integracje").text
    buttons = re.findall(r'<button[^>]*class="row-integration".*?</button>', page, re.S)
    texts = [" ".join(re.sub(r'<span class="mark[^>]*>.</span>|<[^>]+>', " ", button).split()) for button in buttons]
    names = [connector.label for connector in CONNECTORS.values()]
    assert len(texts) == 5
    assert all(text.startswith(name) for text, name in zip(texts, names, strict=True))


@pytest.mark.parametrize("vendor", CONNECTORS)
def test_every_application_opens_with_its_form_or_with_what_is_still_missing(client, vendor):
    page = client.get(f"/integracje?aplikacja={vendor}").text
    assert (f'id="connect-{vendor}"' in page and "Połącz" in page) or "Wpisz aplikację" in page


def test_an_application_that_nobody_knows_is_not_found(client):
    assert client.get("/integracje/nieznana", headers=HTMX).status_code == 404
    assert client.post("/integracje/nieznana/polaczenia").status_code == 404


def test_a_closed_row_opens_by_the_address_alone(client):
    closed = client.get("/integracje").text
    assert 'aria-expanded="false"' in element(closed, "application-shopify-button")
    assert 'name="aplikacja" value="shopify"' in element(closed, "application-shopify-button")
    opened = client.get("/integracje?aplikacja=shopify").text
    assert 'aria-expanded="true"' in element(opened, "application-shopify-button")
    assert "hidden" not in element(opened, "application-shopify-details")


def test_the_second_click_on_a_row_closes_it(client):
    opened = client.get("/integracje/shopify", headers=HTMX).text
    assert "/integracje/shopify?zwin=1" in element(opened, "application-shopify-button")
    closed = client.get("/integracje/shopify?zwin=1", headers=HTMX).text
    assert 'aria-expanded="false"' in element(closed, "application-shopify-button")
    assert '<form method="post"' not in closed


def test_a_fragment_asked_for_by_a_browser_leads_to_the_page(client):
    integration = make_integration()
    assert client.get("/integracje/shopify").location == "/integracje?aplikacja=shopify"
    assert client.get("/integracje/shopify/stan").location == "/integracje"
    assert client.get(f"/integracje/{integration.id}/importy").location == "/integracje"


@pytest.mark.parametrize(
    ("search", "found"), [("shop", True), ("BÚKOWINA", True), ("magento", False), ("nobody", False)]
)
def test_the_search_looks_into_names_and_accounts(client, search, found):
    make_integration("bukowina.myshopify.com")
    assert ('id="application-shopify"' in client.get("/integracje", query_string={"szukaj": search}).text) is found


def test_a_search_without_result_shows_what_was_sought_harmlessly(client):
    page = client.get("/integracje", query_string={"szukaj": "<img src=x>"}).text
    assert "&lt;img src=x&gt;" in page and "<img" not in page


@pytest.mark.parametrize(
    ("state", "status", "look"),
    [
        (IntegrationState.CONNECTED, RunStatus.DONE, "status on"),
        (IntegrationState.CONNECTED, RunStatus.RUNNING, "status run"),
        (IntegrationState.CONNECTED, RunStatus.HELD, "status on"),
        (IntegrationState.NEEDS_RECONNECTING, RunStatus.FAILED, "status bad"),
        (IntegrationState.DISCONNECTED, RunStatus.CANCELLED, "status "),
    ],
)
def test_the_row_tells_the_state_of_the_application(client, state, status, look):
    make_run(make_recurring_import(make_integration(state=state)), status=status, finished_at=now())
    assert f'class="{look}"' in element(client.get("/integracje").text, "application-shopify-state")


def test_a_disconnected_account_is_not_named_in_the_row(client):
    make_integration("dawny.myshopify.com", state=IntegrationState.DISCONNECTED)
    assert "dawny.myshopify.com" not in client.get("/integracje").text
    assert "dawny.myshopify.com" in client.get("/integracje?aplikacja=shopify").text


@on_both_databases
def test_fifty_imports_cost_no_more_queries_than_a_few(app, client):
    integration = make_integration()
    for number in range(50):
        make_run(
            make_recurring_import(integration, make_list(f"Lista {number}")), status=RunStatus.DONE, finished_at=now()
        )
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    forget()
    page = client.get("/integracje?aplikacja=shopify").text
    assert page.count('id="recurringimport-') >= 50
    selects = [one for one in statements if one.lstrip().startswith("SELECT")]
    assert len(selects) <= 8, "\n\n".join(selects)


def test_an_import_shows_its_list_its_source_and_its_next_time(client):
    recurring_import = make_recurring_import(
        contact_list=make_list("Klienci sklepu"), next_slot=now() + timedelta(days=9)
    )
    page = client.get("/integracje?aplikacja=shopify").text
    row = re.search(rf'<tr id="recurringimport-{recurring_import.id}">.*?</tr>', page, re.S)[0]
    assert "Klienci sklepu" in row and re.search(r"\d\d\.\d\d\.\d{4}, \d+:\d\d", row)
    assert f'id="recurringimport-{recurring_import.id}-progress"' in row
    assert f'id="recurringimport-{recurring_import.id}-menu"' in row


def test_a_draft_can_be_finished_or_deleted_and_nothing_else(client):
    recurring_import = make_recurring_import(schedule=Schedule.DRAFT)
    page = client.get("/integracje?aplikacja=shopify").text
    assert f'href="/importy/{recurring_import.id}/pola"' in page
    assert f'action="/importy/{recurring_import.id}/usuniecie"' in page
    assert f'id="recurringimport-{recurring_import.id}-menu"' not in page


def test_the_draft_of_a_disconnected_account_can_only_be_deleted(client):
    recurring_import = make_recurring_import(
        make_integration(state=IntegrationState.DISCONNECTED), schedule=Schedule.DRAFT
    )
    page = client.get("/integracje?aplikacja=shopify").text
    assert f'href="/importy/{recurring_import.id}/pola"' not in page
    assert f'action="/importy/{recurring_import.id}/usuniecie"' in page


def test_the_page_of_another_account_shows_nothing_of_ours(account, stranger):
    make_recurring_import(make_integration("bukowina.myshopify.com"))
    assert "bukowina.myshopify.com" not in stranger.get("/integracje?aplikacja=shopify").text


def test_the_table_answers_nothing_while_it_would_look_the_same(client):
    recurring_import = make_recurring_import(next_slot=now() + timedelta(hours=5))
    make_run(recurring_import, status=RunStatus.RUNNING, fetched=10)
    url = f"/integracje/{recurring_import.integration_id}/importy"
    table = client.get(url, headers=HTMX).text
    sign = re.search(r"znak=(\w+)", table)[1]
    assert client.get(url, query_string={"znak": sign}, headers=HTMX).status_code == 204


@pytest.mark.parametrize("change", ["status", "schedule", "state"])
def test_the_table_comes_anew_when_it_would_look_different(client, change):
    recurring_import = make_recurring_import()
    run = make_run(recurring_import, status=RunStatus.RUNNING)
    url = f"/integracje/{recurring_import.integration_id}/importy"
    sign = re.search(r"znak=(\w+)", client.get(url, headers=HTMX).text)[1]
    changes = {
        "status": lambda: setattr(run, "status", RunStatus.QUEUED),
        "schedule": lambda: setattr(recurring_import, "schedule", Schedule.STOPPED),
        "state": lambda: setattr(recurring_import.integration, "state", IntegrationState.DISCONNECTED),
    }
    changes[change]()
    db.session.commit()
    assert client.get(url, query_string={"znak": sign}, headers=HTMX).status_code == 200


def test_the_state_of_a_row_is_sent_only_when_it_changed(client):
    make_integration()
    assert client.get("/integracje/shopify/stan?znak=connected", headers=HTMX).status_code == 204
    answer = client.get("/integracje/shopify/stan?znak=importing", headers=HTMX)
    assert answer.status_code == 200 and 'id="application-shopify-state"' in answer.text


def test_an_open_form_is_not_part_of_what_refreshes_itself(client):
    make_integration()
    page = client.get("/integracje?aplikacja=shopify&polacz=nowe").text
    refreshed = re.findall(r'<(?:div|span)[^>]*hx-trigger="every[^>]*>', page)
    assert len(refreshed) == 2
    table = client.get("/integracje/1/importy", headers=HTMX).text
    assert "client_secret" not in table


@pytest.mark.parametrize("path", ["importy", "rozlaczenie"])
def test_an_integration_of_another_account_does_not_exist(account, stranger, path):
    url = f"/integracje/{make_integration().id}/{path}"
    forget()
    assert stranger.get(url, headers=HTMX).status_code == 404


def test_nobody_gets_in_without_signing_in(anonymous):
    assert "/logowanie" in anonymous.get("/integracje").location
    answer = anonymous.get("/integracje/shopify/stan", headers=HTMX)
    assert (answer.status_code, "/logowanie" in answer.headers["HX-Redirect"]) == (401, True)
