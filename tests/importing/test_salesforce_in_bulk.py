"""Whole runs over Salesforce's query jobs: the worker is free while they are prepared, and the cap loses nobody."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests import factories
from tests.importing.test_engine import adds_up, do, do_all_again, go_on, on_list
from tests.importing.test_preparing import its_time_comes
from tests.importing.test_rehearsal import rehearse
from webapp.connectors.base import Group, SignIn
from webapp.connectors.salesforce import Salesforce, bulk
from webapp.extensions import db
from webapp.importing import absence
from webapp.importing.access import trying
from webapp.importing.claim import FenceLost
from webapp.importing.runner import Runner
from webapp.imports import vendor
from webapp.models import RunMode, RunReason, RunStatus
from webapp.models.database import now
from webapp.values.email import InvalidEmail, parse

FORM = {"login_host": "production", "my_domain": ""}
COLUMNS = {"Email": "email", "FirstName": "first_name", "LastName": "last_name"}


@pytest.fixture
def settings(settings):
    return settings | {
        "SALESFORCE_CLIENT_ID": "3MVG9.demo-doplyw",
        "SALESFORCE_CLIENT_SECRET": "demo-secret-salesforce",
    }


@pytest.fixture(autouse=True)
def in_bulk(monkeypatch):
    monkeypatch.setattr(Salesforce, "bulk_above", 50)
    monkeypatch.setattr(Salesforce, "set_size", 33)


@pytest.fixture
def integration(app, account, vendors):
    """Somebody signed in at Salesforce."""
    sign_in = SignIn("the-state", "a-verifier-" * 5, "https://lista.example/integracje/salesforce/powrot")
    with trying("salesforce", FORM) as (connector, kept):
        url = urlsplit(connector.authorize_url(sign_in))
        page = vendors.client.post(
            url.path,
            query_string=url.query,
            base_url="http://vendors.example",
            data={"org": "bukowina", "decision": "allow"},
        )
        connector.exchange(sign_in, dict(parse_qsl(urlsplit(page.location).query)))
        credentials = FORM | kept
    row = factories.make_integration("bukowina", vendor="salesforce", way="sign_in")
    row.keep(credentials)
    return factories.saved(row)


@pytest.fixture
def recurring_import(integration):
    return factories.make_recurring_import(integration, columns=COLUMNS)


def tell(vendors, **wishes):
    return vendors.tell(vendor="salesforce", **wishes)


def addresses(vendors) -> set[str]:
    found = set()
    for person in vendors.truth(vendor="salesforce"):
        try:
            found |= {parse(person["email"] or "").key} if person["consent"] != "opted_out" else set()
        except InvalidEmail:
            continue
    return found


def jobs(vendors) -> int:
    return sum(path.endswith("/jobs/query") for path in vendors.calls)


@pytest.mark.parametrize("together", [1, 2000], indirect=True)
def test_everyone_is_on_the_list_and_the_counters_add_up(app, vendors, recurring_import):
    app.config["PAGE_SIZE"] = 20
    run = do(recurring_import)
    assert (run.status, run.reason, run.mode) == (RunStatus.DONE, None, RunMode.FULL)
    assert on_list() == addresses(vendors) and jobs(vendors) == 1
    assert run.fetched == 120 and adds_up(run)


def test_the_changes_after_it_come_in_pages(vendors, recurring_import):
    do(recurring_import)
    tell(vendors, action="mutate", index=3, changes={"first_name": "Zmieniona"})
    run = do(recurring_import)
    assert (run.mode, run.status, jobs(vendors)) == (RunMode.INCREMENTAL, RunStatus.DONE, 1)


def test_a_second_full_run_finds_everyone_unchanged(vendors, recurring_import):
    second = do_all_again(recurring_import, do(recurring_import))
    assert (second.mode, second.added, second.updated, jobs(vendors)) == (RunMode.FULL, 0, 0, 2)
    assert second.unchanged + second.skipped + second.rejected == 120


@pytest.mark.parametrize("fault", [None, "job_endless"])
def test_the_run_waits_while_a_job_is_prepared_and_everyone_comes(vendors, recurring_import, fault):
    tell(vendors, **({"fault": fault} if fault else {"action": "prepare_jobs", "steps": 5}))
    run, visits = do(recurring_import), 0
    while run.status is RunStatus.WAITING:
        assert (run.reason, run.attempts, run.lease_until) == (RunReason.PREPARING, 0, None)
        its_time_comes(run)
        run, visits = go_on(run), visits + 1
    assert run.status is RunStatus.DONE and on_list() == addresses(vendors)
    assert visits == (23 if fault else 4) and jobs(vendors) == 1


def test_a_dry_run_waits_for_the_job_too(vendors, recurring_import):
    tell(vendors, action="prepare_jobs", steps=5)
    dry = rehearse(recurring_import)
    while dry.status is RunStatus.WAITING:
        its_time_comes(dry)
        dry = go_on(dry)
    assert (dry.status, dry.fetched, jobs(vendors)) == (RunStatus.DONE, 120, 1)


@pytest.mark.parametrize("meanwhile", ["nothing", "expire_jobs", "expire_tokens", "old"])
def test_the_cap_ends_runs_in_the_middle_and_the_next_ones_bring_the_rest(
    app, vendors, recurring_import, meanwhile, monkeypatch
):
    app.config["IMPORT_CAP"], app.config["PAGE_SIZE"] = 35, 20
    runs = []
    while not runs or runs[-1].status is RunStatus.DONE_CAPPED:
        runs.append(do(recurring_import))
        assert runs[-1].added + runs[-1].updated <= 35 and adds_up(runs[-1])
        if meanwhile.startswith("expire"):
            tell(vendors, action=meanwhile)
        if meanwhile == "old":
            turns = iter([True])
            monkeypatch.setattr(bulk.Bulk, "_is_old", lambda self, turns=turns: next(turns, False))
    assert (runs[-1].status, runs[-1].reason) == (RunStatus.DONE, None) and 3 <= len(runs) <= 4
    assert on_list() == addresses(vendors)
    assert jobs(vendors) == (3 if meanwhile in ("expire_jobs", "old") else 1)


@pytest.mark.parametrize("fault", ["bulk_refused", "job_fails", "job_gone", "locator_lost", "csv_unordered"])
def test_trouble_with_jobs_costs_nobody_and_no_attempt(vendors, recurring_import, fault):
    tell(vendors, fault=fault)
    run = do(recurring_import)
    assert (run.status, run.reason, run.attempts) == (RunStatus.DONE, None, 0) and on_list() == addresses(vendors)


def test_the_samples_of_a_big_source_are_there_at_once(vendors, integration):
    columns = vendor.read_columns(integration, {"group": Group.CONTACTS, "source_id": "everyone"})
    assert columns.trouble == "" and any(columns.samples["Email"]) and jobs(vendors) == 0


@pytest.mark.parametrize("slice_seconds", [300, -1])
def test_nothing_is_left_at_salesforce_once_everyone_is_on_the_list(
    vendors, recurring_import, monkeypatch, slice_seconds
):
    monkeypatch.setattr(Runner, "slice_seconds", slice_seconds)
    assert do(recurring_import).status is RunStatus.DONE
    assert len(vendors.deleted) == jobs(vendors) == 1


def test_what_salesforce_prepared_stays_until_the_last_page_is_kept(vendors, recurring_import, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(absence, "settle", lose_the_fence)
        run = do(recurring_import)
    assert run.status is RunStatus.RUNNING and vendors.deleted == []
    run.lease_until = now() - timedelta(seconds=1)
    db.session.commit()
    assert go_on(run).status is RunStatus.DONE and len(vendors.deleted) == jobs(vendors) == 1
    assert on_list() == addresses(vendors)


def lose_the_fence(run):
    db.session.rollback()
    raise FenceLost
