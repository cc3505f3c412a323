"""Pulpit: what ran, what needs the user, what comes next."""

import re
from datetime import timedelta

from sqlalchemy import event

from tests.factories import make_contact, make_integration, make_list, make_recurring_import, make_run
from tests.web.pages import forget
from webapp.extensions import db
from webapp.models import ContactStatus, IntegrationState, RunKind, RunStatus, Schedule
from webapp.models.database import now


def section(page: str, id: str) -> str:
    """The text of a section, without tags; empty if it is not there."""
    found = re.search(rf'<section[^>]*id="{id}".*?</section>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def figures(page: str) -> list[str]:
    return re.findall(r"<dd>(.*?)</dd>", page)


def ago(**span):
    return now() - timedelta(**span)


def test_a_new_account_is_invited_to_connect_something(client):
    page = client.get("/").text
    assert 'class="btn btn-primary" href="/integracje"' in page
    assert section(page, "recent") == ""


def test_the_sums_cover_the_last_day_only(client):
    recurring_import = make_recurring_import()
    make_run(recurring_import, status=RunStatus.DONE, added=5, updated=7, rejected=2, created_at=ago(hours=2))
    make_run(recurring_import, status=RunStatus.DONE, added=10, updated=20, rejected=1, created_at=ago(hours=23))
    make_run(recurring_import, status=RunStatus.DONE, added=1000, created_at=ago(hours=25))
    assert figures(client.get("/").text)[:4] == ["2", "15", "27", "3"]


def test_a_dry_run_counts_for_nothing(client):
    make_run(make_recurring_import(), kind=RunKind.DRY, status=RunStatus.DONE, added=5)
    assert figures(client.get("/").text)[:2] == ["0", "0"]


def test_people_count_once_for_each_list_while_they_can_be_reached(client):
    make_integration()
    first, second = make_list("A"), make_list("B")
    make_contact(first, "anna@example.com")
    make_contact(second, "anna@example.com", status=ContactStatus.UNCONFIRMED)
    make_contact(second, "jan@example.com", status=ContactStatus.UNSUBSCRIBED)
    assert figures(client.get("/").text)[4] == "2"


def test_a_held_run_asks_for_a_decision(client):
    run = make_run(make_recurring_import(), status=RunStatus.HELD, reason="suspicious_drop")
    page = client.get("/").text
    assert "Klienci sklepu" in section(page, "needs") and f'href="/historia/{run.id}"' in page


def test_a_lost_integration_asks_to_be_connected_again(client):
    make_integration("zgubiony.myshopify.com", state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")
    needs = section(client.get("/").text, "needs")
    assert "zgubiony.myshopify.com" in needs and "SHP-401" in needs


def test_an_unfinished_configuration_is_remembered(client):
    draft = make_recurring_import(schedule=Schedule.DRAFT)
    page = client.get("/").text
    assert section(page, "needs") and f'href="/importy/{draft.id}/pola"' in page


def test_a_schedule_without_success_for_two_days_is_told(client):
    recurring_import = make_recurring_import()
    make_run(recurring_import, status=RunStatus.DONE, created_at=ago(days=4), finished_at=ago(days=4))
    make_run(
        recurring_import, status=RunStatus.FAILED, reason="internal", created_at=ago(days=1), finished_at=ago(days=1)
    )
    assert f'href="/historia?import={recurring_import.id}"' in client.get("/").text


def test_a_success_within_two_days_is_nothing_to_tell(client):
    recurring_import = make_recurring_import()
    make_run(recurring_import, status=RunStatus.DONE, created_at=ago(days=4), finished_at=ago(days=4))
    make_run(recurring_import, status=RunStatus.DONE_CAPPED, created_at=ago(days=1), finished_at=ago(days=1))
    assert section(client.get("/").text, "needs") == ""


def test_a_schedule_that_began_yesterday_is_not_late_yet(client):
    make_run(
        make_recurring_import(),
        status=RunStatus.FAILED,
        reason="internal",
        created_at=ago(days=1),
        finished_at=ago(days=1),
    )
    assert section(client.get("/").text, "needs") == ""


def test_a_stopped_schedule_is_not_expected_to_succeed(client):
    stopped = make_recurring_import(schedule=Schedule.STOPPED)
    make_run(stopped, status=RunStatus.DONE, created_at=ago(days=9), finished_at=ago(days=9))
    assert section(client.get("/").text, "needs") == ""


def test_the_next_imports_stand_in_the_order_of_their_time(client):
    integration = make_integration()
    make_recurring_import(integration, make_list("Później"), next_slot=now() + timedelta(hours=20))
    make_recurring_import(integration, make_list("Wcześniej"), next_slot=now() + timedelta(hours=2))
    make_recurring_import(integration, make_list("Wcale"), schedule=Schedule.STOPPED, next_slot=None)
    upcoming = section(client.get("/").text, "upcoming")
    assert upcoming.index("Wcześniej") < upcoming.index("Później") and "Wcale" not in upcoming


def test_a_lost_integration_announces_no_next_import(client):
    lost = make_integration(state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")
    make_recurring_import(lost, make_list("Klienci"), next_slot=now() + timedelta(hours=2))
    assert "Klienci" not in section(client.get("/").text, "upcoming")


def test_the_dashboard_of_another_account_shows_nothing_of_ours(account, stranger):
    make_run(make_recurring_import(), status=RunStatus.HELD, reason="suspicious_drop")
    page = stranger.get("/").text
    assert "Klienci sklepu" not in page and section(page, "needs") == ""


def test_many_runs_cost_no_more_queries_than_a_few(client):
    integration = make_integration()
    for number in range(15):
        row = make_recurring_import(
            integration, make_list(f"Lista {number}"), next_slot=now() + timedelta(hours=number)
        )
        make_run(
            row, status=RunStatus.HELD if number % 2 else RunStatus.DONE, reason="suspicious_drop", finished_at=now()
        )
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    forget()
    assert client.get("/").status_code == 200
    selects = [one for one in statements if one.lstrip().startswith("SELECT")]
    assert len(selects) <= 10, "\n\n".join(selects)


def test_the_dashboard_is_for_signed_in_people(anonymous):
    assert "/logowanie" in anonymous.get("/").location
