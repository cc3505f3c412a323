"""A vendor that needs time to prepare what it was asked for: the worker is free meanwhile, and nothing is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.importing.test_engine import addresses, do, go_on, on_list
from tests.importing.test_rehearsal import rehearse
from webapp import importing
from webapp.connectors.base import Page
from webapp.connectors.shopify import Shopify
from webapp.extensions import db
from webapp.importing import rehearsal, schedule
from webapp.models import Contact, RunReason, RunStatus
from webapp.models.database import now

PREPARED = {"prepared": "job-1"}


@pytest.fixture
def begun(monkeypatch) -> list[dict | None]:
    """Shops prepare their people first; holds the cursors that reading began with."""
    people, cursors = Shopify.people, []

    def prepared(self, group, source_id, columns, window, cursor):
        cursors.append(cursor)
        if cursor is None:
            yield Page([], PREPARED, later=90)
        else:
            yield from people(self, group, source_id, columns, window, None)

    monkeypatch.setattr(Shopify, "people", prepared)
    return cursors


def its_time_comes(run) -> None:
    run.not_before = now() - timedelta(seconds=1)
    db.session.commit()


def test_the_worker_leaves_and_the_run_goes_on_with_what_was_prepared(app, account, vendors, begun):
    run = do(factories.make_recurring_import())
    assert (run.status, run.reason, run.attempts) == (RunStatus.WAITING, RunReason.PREPARING, 0)
    assert run.lease_until is None and timedelta(seconds=60) < run.not_before - now() <= timedelta(seconds=90)
    assert not importing.run(run.id) and begun == [None]
    its_time_comes(run)
    run = go_on(run)
    assert (run.status, run.reason) == (RunStatus.DONE, None) and begun == [None, PREPARED]
    assert on_list() == addresses(vendors)


def test_failures_before_still_count_and_preparing_does_not(app, account, vendors, begun):
    run, _ = schedule.run_now(factories.make_recurring_import())
    run.attempts = 2
    db.session.commit()
    assert go_on(run).attempts == 2


def test_a_dry_run_leaves_too_while_nobody_was_read(app, account, vendors, begun):
    dry = rehearse(factories.make_recurring_import())
    assert (dry.status, dry.reason) == (RunStatus.WAITING, RunReason.PREPARING)
    its_time_comes(dry)
    dry = go_on(dry)
    assert (dry.status, dry.fetched) == (RunStatus.DONE, 120) and begun == [None, PREPARED]
    assert db.session.scalar(select(func.count(Contact.id))) == 0


def test_a_dry_run_that_has_read_somebody_waits_where_it_is(app, account, vendors, monkeypatch):
    people, slept = Shopify.people, []

    def in_two_parts(self, group, source_id, columns, window, cursor):
        first, *others = people(self, group, source_id, columns, window, cursor)
        yield first
        yield Page([], first.cursor, later=5)
        yield from others

    app.config["PAGE_SIZE"] = 50
    monkeypatch.setattr(Shopify, "people", in_two_parts)
    monkeypatch.setattr(rehearsal, "sleep", slept.append)
    dry = rehearse(factories.make_recurring_import())
    assert (dry.status, dry.fetched, slept) == (RunStatus.DONE, 120, [5])
