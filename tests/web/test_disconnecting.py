"""Disconnecting: what stops, what is given back, and what stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_integration, make_list, make_recurring_import, make_run
from tests.web.pages import forget, reread
from webapp.connectors import CONNECTORS
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.extensions import db
from webapp.models import ImportRun, IntegrationState, RecurringImport, RunStatus, Schedule
from webapp.models.database import now
from webapp.models.scope import everyone


def test_disconnecting_is_explained_first_and_changes_nothing_until_confirmed(client):
    recurring_import = make_recurring_import()
    page = client.get(f"/integracje/{recurring_import.integration_id}/rozlaczenie")
    assert page.status_code == 200 and '<form class="panel p-4 medium" method="post">' in page.text
    assert reread(recurring_import.integration).connected


def test_disconnecting_stops_breaks_off_and_forgets(client):
    recurring_import = make_recurring_import(next_slot=now() + timedelta(hours=1))
    run = make_run(recurring_import, status=RunStatus.RUNNING)
    answer = client.post(f"/integracje/{recurring_import.integration_id}/rozlaczenie")
    assert answer.status_code == 303
    assert reread(recurring_import).schedule is Schedule.STOPPED
    assert (reread(run).status, run.reason) == (RunStatus.CANCELLED, "disconnected")
    integration = reread(recurring_import.integration)
    assert (integration.state, integration.sealed) == (IntegrationState.DISCONNECTED, {})


def test_disconnecting_leaves_history_and_other_accounts_alone(client):
    recurring_import = make_recurring_import()
    finished = make_run(recurring_import, status=RunStatus.DONE, finished_at=now())
    other = make_recurring_import(make_integration("drugi.myshopify.com"), make_list("VIP"))
    running = make_run(other, status=RunStatus.RUNNING)
    client.post(f"/integracje/{recurring_import.integration_id}/rozlaczenie")
    assert reread(finished).status is RunStatus.DONE
    assert reread(other).schedule is Schedule.ACTIVE and reread(other.integration).connected
    assert reread(running).status is RunStatus.RUNNING


def test_a_vendor_that_does_not_answer_cannot_keep_an_account_connected(client, monkeypatch):
    def refuse(connector):
        raise ConnectorError(Reason.UNAVAILABLE)

    monkeypatch.setattr(CONNECTORS["shopify"], "revoke", refuse)
    integration = make_integration()
    client.post(f"/integracje/{integration.id}/rozlaczenie")
    assert reread(integration).state is IntegrationState.DISCONNECTED


def test_credentials_that_cannot_be_opened_any_more_can_be_disconnected(client):
    integration = make_integration(sealed={})
    integration.sealed = {"shop": "v1:gone:AAAAAAAAAAAAAAAA:AAAA"}
    db.session.commit()
    client.post(f"/integracje/{integration.id}/rozlaczenie")
    assert reread(integration).state is IntegrationState.DISCONNECTED


def test_a_disconnected_account_offers_to_be_connected_again(client):
    integration = make_integration(state=IntegrationState.DISCONNECTED, sealed={})
    page = client.get("/integracje?aplikacja=shopify").text
    assert f'name="polacz" value="{integration.id}"' in page
    assert f"/integracje/{integration.id}/rozlaczenie" not in page
    assert f"/integracje/{integration.id}/importy/nowy" not in page


@pytest.mark.parametrize("path", ["rozlaczenie", "wznowienie"])
def test_an_integration_of_another_account_cannot_be_changed(account, stranger, path):
    recurring_import = make_recurring_import(schedule=Schedule.STOPPED)
    id, url = recurring_import.id, f"/integracje/{recurring_import.integration_id}/{path}"
    forget()
    assert stranger.post(url).status_code == 404
    with everyone():
        found = db.session.get(RecurringImport, id)
        assert (found.schedule, found.integration.state) == (Schedule.STOPPED, IntegrationState.CONNECTED)


def test_active_runs_of_the_account_are_all_broken_off(client):
    integration = make_integration()
    states = (RunStatus.QUEUED, RunStatus.WAITING, RunStatus.HELD)
    for number, status in enumerate(states):
        make_run(make_recurring_import(integration, make_list(f"Lista {number}")), status=status)
    client.post(f"/integracje/{integration.id}/rozlaczenie")
    db.session.rollback()
    db.session.expire_all()
    assert {run.status for run in db.session.scalars(select(ImportRun))} == {RunStatus.CANCELLED}
