"""Whole runs over a vendor's bulk way: the worker is free while the file is prepared, and the cap loses nobody."""

import pytest

from tests import factories
from tests.importing.test_engine import addresses, adds_up, do, do_all_again, go_on, on_list
from tests.importing.test_preparing import its_time_comes
from tests.importing.test_rehearsal import rehearse
from webapp.connectors.shopify import Shopify
from webapp.models import ContactStatus, RunMode, RunReason, RunStatus


@pytest.fixture(autouse=True)
def in_bulk(app, monkeypatch):
    monkeypatch.setattr(Shopify, "bulk_above", 100)
    app.config["HTTP_OPTIONS"] = app.config.get("HTTP_OPTIONS", {}) | {"sleep": lambda seconds: None}


def files(vendors) -> int:
    return sum("/bulk/" in path for path in vendors.calls)


@pytest.mark.parametrize("together", [1, 2000], indirect=True)
def test_everyone_is_on_the_list_and_the_counters_add_up(app, account, vendors):
    app.config["PAGE_SIZE"] = 20
    run = do(factories.make_recurring_import())
    assert (run.status, run.reason, run.mode) == (RunStatus.DONE, None, RunMode.FULL)
    assert on_list(ContactStatus.ACTIVE) == addresses(vendors)
    assert run.fetched == 120 and adds_up(run) and files(vendors)


def test_a_second_full_run_finds_everyone_unchanged(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    second = do_all_again(recurring_import, do(recurring_import))
    assert (second.mode, second.added, second.updated) == (RunMode.FULL, 0, 0)
    assert second.unchanged + second.skipped + second.rejected == 120


def test_the_run_waits_while_the_file_is_prepared_and_goes_on_with_it(app, account, vendors):
    vendors.tell(action="bulk", polls=6)
    run = do(factories.make_recurring_import())
    visits = 0
    while run.status is RunStatus.WAITING:
        assert (run.reason, run.attempts, run.lease_until) == (RunReason.PREPARING, 0, None)
        its_time_comes(run)
        run, visits = go_on(run), visits + 1
    assert run.status is RunStatus.DONE and on_list() == addresses(vendors) and visits > 1


def test_a_dry_run_waits_for_the_file_too(app, account, vendors):
    vendors.tell(action="bulk", polls=6)
    dry = rehearse(factories.make_recurring_import())
    while dry.status is RunStatus.WAITING:
        its_time_comes(dry)
        dry = go_on(dry)
    assert (dry.status, dry.fetched) == (RunStatus.DONE, 120) and files(vendors)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("order", ["", "halves"])
def test_the_cap_ends_runs_in_the_middle_and_the_next_ones_bring_the_rest(app, account, vendors, order, gone):
    app.config["IMPORT_CAP"], app.config["PAGE_SIZE"] = 35, 20
    vendors.tell(action="bulk", order=order)
    recurring_import, runs = factories.make_recurring_import(), []
    while not runs or runs[-1].status is RunStatus.DONE_CAPPED:
        runs.append(do(recurring_import))
        assert runs[-1].added + runs[-1].updated <= 35 and adds_up(runs[-1])
        vendors.tell(action="expire_tokens", pages=gone)
    assert (runs[-1].status, runs[-1].reason, len(runs)) == (RunStatus.DONE, None, 3)
    assert on_list(ContactStatus.ACTIVE) == addresses(vendors) and files(vendors)


def test_a_file_that_breaks_off_costs_nobody(app, account, vendors):
    vendors.tell(action="bulk", cut=30_000)
    run = do(factories.make_recurring_import())
    assert (run.status, run.reason) == (RunStatus.DONE, None) and on_list() == addresses(vendors)
