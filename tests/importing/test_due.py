"""Making the runs that are due, many at once: each as if it were made alone, whatever their number."""

import json
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, inspect, select

from jobs import schedule as ticking
from tests import factories
from tests.databases import on_both_databases
from webapp.extensions import db
from webapp.importing import schedule
from webapp.models import Account, ImportRun, RecurringImport, RunKind, WriteRule
from webapp.models.database import now
from webapp.models.recurring_import import Absence, Criterion
from webapp.models.scope import acting_for, everyone

numbers = count()
LARGE = ("import_run", "recurring_import", "field_mapping", "integration", "account")


@pytest.fixture
def executed(app):
    """Every statement from here on, with its parameters."""
    found = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, sql, values, *_: found.append((sql, values)))
    return found


def due(**values) -> RecurringImport:
    shop, people = factories.make_integration(f"sklep-{next(numbers)}"), factories.make_list(f"Lista {next(numbers)}")
    return factories.make_recurring_import(shop, people, **{"next_slot": now() - timedelta(minutes=1)} | values)


def create_due() -> dict[int, ImportRun]:
    """The runs that were made, by their import."""
    schedule.create_due(now())
    return {run.recurring_import_id: run for run in db.session.scalars(select(ImportRun))}


@on_both_databases
def test_a_run_keeps_the_settings_as_the_import_itself_tells_them(app, account):
    odd = due(
        group="leads",
        source_id='tag:"Zażółć"\\',
        source_name="Zażółć gęślą 'jaźń' 🐝\n",
        criterion=Criterion.UPDATE,
        absence=Absence.MARK,
        only_consenting=True,
        cycle_day=0,
        columns={f"kolumna {number}": f"field:k{number}" for number in range(12)},
    )
    for mapping in odd.mappings:
        mapping.position = 100 - mapping.position
        mapping.rule, mapping.repair = WriteRule.CLEAR, bool(mapping.position % 2)
        mapping.reading = {"table": {'„Hurt"': "Firma", "test": ""}} if mapping.repair else {}
    usual, bare = due(), due()
    bare.mappings = []
    db.session.commit()
    db.session.expire_all()
    wanted = {one.id: as_json(one.snapshot()) for one in (odd, usual, bare)}
    assert odd.snapshot()["columns"][0]["column"] == "kolumna 11"
    assert {number: as_json(run.settings) for number, run in create_due().items()} == wanted


def as_json(settings: dict[str, Any]) -> str:
    """As text, for a truth value is not a number."""
    return json.dumps(settings, sort_keys=True)


@on_both_databases
def test_a_run_of_the_clock_begins_as_one_by_hand_does(app, account):
    recurring_import = due()
    by_hand, _ = schedule.run_now(due())
    run = create_due()[recurring_import.id]
    own = {"id", "account_id", "recurring_import_id", "kind", "slot", "created_at", "settings"}
    names = {column.key for column in inspect(ImportRun).column_attrs} - own
    assert {name: getattr(run, name) for name in names} == {name: getattr(by_hand, name) for name in names}
    assert (run.account_id, run.kind) == (account.id, RunKind.SCHEDULED)
    assert now() - run.created_at < timedelta(minutes=1)


@on_both_databases
def test_imports_of_other_hours_and_time_zones_have_their_own_slots(app, account, foreign):
    db.session.get(Account, foreign.id).timezone = "Asia/Tokyo"
    here = [due(hour=hour) for hour in ("06:15", "06:15", "18:40")]
    with acting_for(foreign.id):
        there = due(hour="06:15")
    with everyone():
        runs = create_due()
        zones = dict.fromkeys((one.id for one in here), account.zone) | {there.id: foreign.zone}
        for recurring_import in (*here, there):
            zone = zones[recurring_import.id]
            for slot in (runs[recurring_import.id].slot, recurring_import.next_slot):
                assert f"{slot.astimezone(zone):%H:%M}" == recurring_import.hour
            assert runs[recurring_import.id].slot <= now() < recurring_import.next_slot


@on_both_databases
def test_more_than_a_batch_are_all_made(app, account, monkeypatch):
    monkeypatch.setattr(schedule, "BATCH", 2)
    wanted = {due(hour=f"0{number}:00").id for number in range(5)}
    assert set(create_due()) == wanted


def test_twenty_take_as_many_statements_as_two(app, account, executed):
    counts = []
    for number in (2, 18):
        made = [due() for _ in range(number)]
        executed.clear()
        runs = create_due()
        counts.append(len(executed))
        assert {one.id for one in made} <= set(runs)
        executed.clear()
    few, many = counts
    assert many <= few


def test_no_tick_reads_a_whole_table(app, account, executed, monkeypatch):
    """With years of history a look at every run would take longer than the tick may."""
    monkeypatch.setattr(ticking, "worker_app", lambda: app)
    due()
    db.session.commit()
    for _ in range(2):
        executed.clear()
        ticking.tick()
        asked = [one for one in executed if one[0].startswith(("SELECT", "UPDATE", "INSERT", "DELETE"))]
        assert len(asked) > 5
        steps = {step for one in asked for step in plan(*one)} - {
            "SCAN import_run USING INDEX ix_import_run_undo_pending"
        }
        assert [step for step in steps if step.startswith("SCAN") and step.split()[1] in LARGE] == []


def plan(sql: str, values) -> list[str]:
    """What SQLite would do, a line a step."""
    with db.engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
