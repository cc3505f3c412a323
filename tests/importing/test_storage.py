"""A database that is full, locked or gone in the middle of a page: nothing of the page stays, and the run goes on by itself."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text, update

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import addresses, adds_up, go_on, on_list
from webapp import importing
from webapp.extensions import db
from webapp.importing import schedule, store
from webapp.importing.claim import MOST_ATTEMPTS
from webapp.models import ContactList, ImportRun, RunReason, RunStatus, SourceRecord
from webapp.models.database import now

FULL = """
CREATE FUNCTION no_room() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER no_room BEFORE INSERT ON source_record EXECUTE FUNCTION no_room();
"""


def take_one_page(run: ImportRun) -> None:
    importing.runner.stopping.set()
    try:
        assert importing.run(run.id)
    finally:
        importing.runner.stopping.clear()


def fresh(run: ImportRun) -> ImportRun:
    return db.session.get(ImportRun, run.id, populate_existing=True)


def time_goes_by(run: ImportRun) -> None:
    """Whatever the run waits for, a lease or a moment, is over; the tick would tell about it."""
    past = now() - timedelta(seconds=1)
    db.session.execute(update(ImportRun).where(ImportRun.lease_until.is_not(None)).values(lease_until=past))
    db.session.execute(update(ImportRun).where(ImportRun.not_before.is_not(None)).values(not_before=past))
    db.session.commit()
    assert run.id in dict(schedule.workable(now()))


@pytest.fixture
def begun(app, account, vendors) -> ImportRun:
    """A run of 120 people whose first page of 25 is committed."""
    app.config["PAGE_SIZE"] = 25
    run, _ = schedule.run_now(factories.make_recurring_import())
    take_one_page(run)
    assert fresh(run).pages == 1
    return fresh(run)


@pytest.fixture
def room(app) -> Iterator[Callable[[bool], None]]:
    """room(False): the disk is full; room(True): somebody has tidied up."""
    if db.engine.dialect.name == "postgresql":
        yield room_of_postgresql
        return
    most = [2**30]

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most[0]}")

    def change(there: bool) -> None:
        most[0] = 2**30 if there else 1  # SQLite takes at least what there is
        db.session.commit()

    event.listen(db.engine, "checkout", limit)
    yield change
    event.remove(db.engine, "checkout", limit)


def room_of_postgresql(there: bool) -> None:
    db.session.execute(text("DROP FUNCTION no_room CASCADE" if there else FULL))
    db.session.commit()


def assert_sound() -> None:
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []


@on_both_databases
def test_a_full_disk_makes_the_run_wait_however_long_it_lasts_and_go_on_when_there_is_room(begun, vendors, room):
    before, pages = on_list(), begun.pages
    room(False)
    for _ in range(MOST_ATTEMPTS + 2):
        assert not importing.run(begun.id)
        row = fresh(begun)
        assert (row.status, row.reason) == (RunStatus.WAITING, RunReason.STORAGE_FULL)
        assert (row.pages, on_list()) == (pages, before)
        time_goes_by(begun)
    assert_sound()
    room(True)
    row = go_on(begun)
    assert (row.status, row.reason, row.fetched) == (RunStatus.DONE, None, 120) and adds_up(row)
    assert on_list() == addresses(vendors)
    assert_sound()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", ["_add_contacts", "_write_links", "_write_changes"])
def test_a_connection_that_is_killed_within_a_page_leaves_nothing_of_the_page(begun, vendors, monkeypatch, step):
    whole, before = getattr(store.Store, step), on_list()

    def then_die(self, *args):
        whole(self, *args)
        monkeypatch.setattr(store.Store, step, whole)
        own = db.session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as other:
            other.execute(select(db.func.pg_terminate_backend(own)))
        db.session.execute(text("SELECT 1"))

    monkeypatch.setattr(store.Store, step, then_die)
    assert not importing.run(begun.id)
    row = fresh(begun)
    assert (row.status, row.pages, on_list()) == (RunStatus.RUNNING, 1, before)
    assert len(db.session.scalars(select(SourceRecord.id)).all()) == len(before)
    time_goes_by(begun)
    row = go_on(begun)
    assert (row.status, row.fetched) == (RunStatus.DONE, 120) and adds_up(row)
    assert on_list() == addresses(vendors)


@pytest.fixture
def locked(app) -> Iterator[sqlite3.Connection]:
    """Somebody else writes to the SQLite file and does not end; who waits for that gives up soon."""

    def hurry(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=200")

    event.listen(db.engine, "checkout", hurry)
    db.session.commit()
    other = sqlite3.connect(db.engine.url.database, isolation_level=None)
    yield other
    other.close()
    event.remove(db.engine, "checkout", hurry)


def test_a_database_that_stays_locked_costs_the_run_nothing(begun, vendors, locked, monkeypatch):
    whole, before = importing.runner.Runner._commit, on_list()

    def behind_a_lock(self, batch, end):
        monkeypatch.setattr(importing.runner.Runner, "_commit", whole)
        locked.execute("BEGIN EXCLUSIVE")
        return whole(self, batch, end)

    monkeypatch.setattr(importing.runner.Runner, "_commit", behind_a_lock)
    assert not importing.run(begun.id)
    locked.execute("ROLLBACK")
    assert (fresh(begun).pages, on_list()) == (1, before)
    time_goes_by(begun)
    row = go_on(begun)
    assert (row.status, row.fetched) == (RunStatus.DONE, 120) and adds_up(row)


def test_a_page_that_wants_to_write_says_in_polish_that_the_database_is_locked_and_changes_nothing(client, locked):
    locked.execute("BEGIN EXCLUSIVE")
    answer = client.post("/listy", data={"name": "Nowa lista"})
    locked.execute("ROLLBACK")
    assert answer.status_code == 503 and "Baza danych nie odpowiada" in answer.text
    assert db.session.scalars(select(ContactList)).all() == []
    assert client.get("/listy").status_code == 200
