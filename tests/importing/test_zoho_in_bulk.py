"""Whole runs over Zoho's bulk way: the worker is free while a job is prepared, and the cap loses nobody although files end."""

import pytest

from tests import factories
from tests.importing.test_engine import do, do_all_again, go_on, on_list
from tests.importing.test_preparing import its_time_comes
from tests.sandbox.zoho_caller import Caller
from webapp.connectors.zoho import Zoho
from webapp.extensions import db
from webapp.imports.vendor import read_columns
from webapp.models import ContactStatus, RunMode, RunReason, RunStatus
from webapp.values.email import InvalidEmail, parse

HOME = "http://vendors.example/zoho"


@pytest.fixture(autouse=True)
def in_bulk(app, monkeypatch):
    monkeypatch.setattr(Zoho, "bulk_above", 100)
    app.config["HTTP_OPTIONS"] = app.config.get("HTTP_OPTIONS", {}) | {"sleep": lambda seconds: None}


@pytest.fixture
def caller(vendors) -> Caller:
    """Somebody who signed in to the organisation, and who can tell it what to do."""
    caller = Caller(client=vendors.client).sign_in()
    caller.tell(action="bulk", downloads=None)
    return caller


@pytest.fixture
def recurring_import(account, caller):
    integration = factories.make_integration("Bukowina", vendor="zoho", way="sign_in")
    integration.keep(
        {
            "region": "eu",
            "access_token": caller.token,
            "refresh_token": caller.refresh,
            "access_token_expires": "2099-01-01T00:00:00+00:00",
            "api_domain": f"{HOME}/bukowina",
            "accounts_server": f"{HOME}/accounts-eu",
        }
    )
    factories.saved(integration)
    columns = {"Email": "email", "First_Name": "first_name", "Last_Name": "last_name"}
    return factories.make_recurring_import(integration, columns=columns)


def addresses(caller) -> set[str]:
    found = set()
    for person in caller.truth():
        try:
            found |= {parse(person["email"] or "").key} if person["consent"] == "opted_in" else set()
        except InvalidEmail:
            continue
    return found


def files(vendors) -> int:
    return sum(path.endswith("/result") for path in vendors.calls)


@pytest.mark.parametrize("together", [1, 2000], indirect=True)
def test_everyone_is_on_the_list_and_the_counters_add_up(app, vendors, caller, recurring_import):
    app.config["PAGE_SIZE"] = 20
    run = do(recurring_import)
    assert (run.status, run.reason, run.mode) == (RunStatus.DONE, None, RunMode.FULL)
    assert on_list(ContactStatus.ACTIVE) == addresses(caller) and files(vendors) == 1
    assert run.fetched == 120 == run.added + run.updated + run.unchanged + run.skipped + run.rejected


def test_the_run_waits_while_the_job_is_prepared_and_goes_on_with_it(vendors, caller, recurring_import):
    caller.tell(action="bulk", polls=6)
    run, visits = do(recurring_import), 0
    while run.status is RunStatus.WAITING:
        assert (run.reason, run.attempts, run.lease_until) == (RunReason.PREPARING, 0, None)
        its_time_comes(run)
        run, visits = go_on(run), visits + 1
    assert run.status is RunStatus.DONE and on_list(ContactStatus.ACTIVE) == addresses(caller) and visits == 3


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("ways", [{}, {"order": "halves"}, {"part": 50}, {"part": 50, "order": "changed"}])
def test_the_cap_ends_runs_in_the_middle_and_the_next_ones_bring_the_rest(
    app, vendors, caller, recurring_import, ways, gone
):
    app.config["IMPORT_CAP"], app.config["PAGE_SIZE"] = 35, 20
    caller.tell(action="bulk", **ways)
    runs = []
    while not runs or runs[-1].status is RunStatus.DONE_CAPPED:
        runs.append(do(recurring_import))
        assert runs[-1].added + runs[-1].updated <= 35 and len(runs) < 6
        if gone:
            caller.tell(action="expire_tokens", pages=True)
            recurring_import.integration.keep({"access_token": caller.renew().json["access_token"]})
            db.session.commit()
    assert (runs[-1].status, runs[-1].reason) == (RunStatus.DONE, None)
    assert on_list(ContactStatus.ACTIVE) == addresses(caller) and files(vendors)


def test_a_second_full_run_finds_everyone_unchanged(caller, recurring_import):
    second = do_all_again(recurring_import, do(recurring_import))
    assert (second.mode, second.added, second.updated) == (RunMode.FULL, 0, 0)
    assert second.unchanged + second.skipped + second.rejected == 120


def test_a_job_that_fails_costs_nobody(vendors, caller, recurring_import):
    caller.tell(action="bulk", end="FAILURE")
    run = do(recurring_import)
    assert (run.status, run.reason) == (RunStatus.DONE, None)
    assert on_list(ContactStatus.ACTIVE) == addresses(caller) and not files(vendors)


def test_samples_start_no_job(app, vendors, caller, recurring_import):
    found = read_columns(recurring_import.integration, {"group": "contacts", "source_id": "everyone"})
    assert found.trouble == "" and len(found.samples["Email"]) == 3
    assert not any("/bulk/" in path for path in vendors.calls)
