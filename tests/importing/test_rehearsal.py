"""A dry run says what a real one would do, and does none of it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import adds_up, do, go_on
from webapp.extensions import db
from webapp.importing import retention, schedule
from webapp.models import Contact, CustomField, ImportRun, RejectedRow, RunStatus, SourceRecord
from webapp.models.database import now

COUNTERS = ("fetched", "added", "updated", "unchanged", "skipped", "rejected", "skips", "rejects")
EMAIL = "defaultEmailAddress.emailAddress"


def rehearse(recurring_import, **changes) -> ImportRun:
    settings = recurring_import.snapshot() | {"new_fields": []} | changes
    return go_on(schedule.rehearse(recurring_import, settings))


def counters(run: ImportRun) -> dict:
    return {name: getattr(run, name) for name in COUNTERS}


def stored() -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) for table in (Contact, SourceRecord, RejectedRow)
    ]


@on_both_databases
def test_it_counts_what_the_real_run_then_does_and_writes_nobody(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    dry = rehearse(recurring_import)
    assert dry.status is RunStatus.DONE and stored() == [0, 0, 0]
    assert counters(do(recurring_import)) == counters(dry) and adds_up(dry)


def test_on_a_list_that_is_full_it_counts_against_what_is_there(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    before = stored()
    dry = rehearse(recurring_import)
    assert dry.added == 0 and dry.unchanged > 90 and stored() == before


def test_people_on_several_pages_with_one_address_are_one_contact(app, account, vendors):
    vendors.tell(action="mutate", index=100, changes={"email": "anna@example.com"})
    vendors.tell(action="mutate", index=2, changes={"email": "anna@example.com"})
    app.config["PAGE_SIZE"] = 25
    recurring_import = factories.make_recurring_import()
    dry = rehearse(recurring_import)
    real = do(recurring_import)
    assert (dry.added, dry.updated + dry.unchanged) == (real.added, real.updated + real.unchanged)


def test_it_shows_ten_people_for_each_outcome_and_says_why(app, account, vendors):
    dry = rehearse(factories.make_recurring_import(only_consenting=True))
    assert {len(some) for some in dry.samples.values()} <= set(range(1, 11)) and len(dry.samples["added"]) == 10
    assert all("@" in one["who"] and one["name"] is not None for one in dry.samples["added"])
    assert {one["reason"] for one in dry.samples["skipped"]} >= {"no_consent"}
    assert all(one["reason"] for one in dry.samples["rejected"])


def test_whom_the_cap_would_leave_for_later_are_counted_apart(app, account, vendors):
    app.config["IMPORT_CAP"] = 30
    dry = rehearse(factories.make_recurring_import())
    assert (dry.added, dry.fetched) == (30, 120) and dry.over_cap > 50 and len(dry.samples["over_cap"]) == 10
    assert dry.fetched == dry.added + dry.updated + dry.unchanged + dry.skipped + dry.rejected + dry.over_cap


def test_a_field_that_is_still_to_be_created_is_filled_in_the_dry_run_only(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    columns = [*recurring_import.snapshot()["columns"]]
    columns.append({"column": "numberOfOrders", "label": "Zamówienia", "target": "field:new 0", "rule": "overwrite"})
    new = [{"key": "new 0", "label": "Zamówienia", "type": "number", "options": []}]
    dry = rehearse(recurring_import, columns=columns, new_fields=new)
    assert dry.added > 90 and dry.dropped == {} and db.session.scalars(select(CustomField)).all() == []


def test_a_worker_that_takes_over_begins_anew(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    run = schedule.rehearse(recurring_import, recurring_import.snapshot() | {"new_fields": []})
    run.fetched, run.added, run.cursor, run.mode = 50, 50, {"last_id": 7000000000100}, "full"
    db.session.commit()
    assert go_on(run).fetched == 120


def test_it_stands_in_nobodys_way(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    dry = schedule.rehearse(recurring_import, recurring_import.snapshot() | {"new_fields": []})
    real, created = schedule.run_now(recurring_import)
    assert created and schedule.active_run(recurring_import).id == real.id and dry.id != real.id


def test_a_second_one_takes_the_place_of_the_first(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    first = schedule.rehearse(recurring_import, recurring_import.snapshot() | {"new_fields": []})
    rehearse(recurring_import)
    assert db.session.get(ImportRun, first.id, populate_existing=True).status is RunStatus.CANCELLED


def test_the_next_real_run_does_not_go_on_from_it(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    rehearse(recurring_import)
    assert do(recurring_import).mode == "full"


@pytest.mark.parametrize(("age", "kept"), [(6, 1), (8, 0)])
def test_it_is_kept_for_a_week(app, account, vendors, age, kept):
    dry = rehearse(factories.make_recurring_import())
    dry.created_at = now() - timedelta(days=age)
    db.session.commit()
    retention.purge_old()
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == kept
