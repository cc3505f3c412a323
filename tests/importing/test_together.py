"""Pages that come faster than they are written: one transaction takes several, and nothing else is different."""

import threading
from collections.abc import Iterator
from threading import enumerate as alive
from time import sleep

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import EMAIL, adds_up, do, go_on, on_list
from tests.importing.test_rehearsal import rehearse
from webapp import importing
from webapp.connectors.base import Consent, Page, Person
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify import Shopify
from webapp.extensions import db
from webapp.importing import ahead, erasure, runner, schedule
from webapp.importing.lookup import Lookup
from webapp.importing.merge import Merger
from webapp.importing.reading import Reading
from webapp.importing.rehearsal import Rehearsal
from webapp.importing.runner import Runner
from webapp.models import (
    Contact,
    ContactStatus,
    ImportRun,
    RejectedRow,
    RunReason,
    RunStatus,
    SourceRecord,
)

PAGES, SIZE = 9, 4
PEOPLE = PAGES * SIZE


def person(number: int, email: str = "", consent: Consent = Consent.GRANTED, **values) -> Person:
    address = email or f"osoba{number}@example.com"
    return Person(str(number), {EMAIL: address, "firstName": f"Osoba {number}"} | values, consent)


class Source:
    """Pages that all come while the first one is being written. `people` may be changed before they are read."""

    def __init__(self):
        self.people = [person(number) for number in range(PEOPLE)]
        self.fails_behind: int | None = None
        self.empty: set[int] = set()
        self.stalls_at: int | None = None
        self.asked = 0
        self.all_came, self.goes_on = threading.Event(), threading.Event()

    def pages(self, start: int) -> Iterator[Page]:
        self.all_came.clear()
        try:
            for place in range(start, PAGES):
                self.asked += 1
                if self.fails_behind == place:
                    raise ConnectorError(Reason.UNAVAILABLE)
                if self.stalls_at == place:
                    self.all_came.set()
                    assert self.goes_on.wait(5)
                people = [] if place in self.empty else self.people[place * SIZE : (place + 1) * SIZE]
                yield Page(people, {"place": place + 1} if place + 1 < PAGES else None)
                if place + 2 == PAGES:  # nothing is asked for behind the last page
                    self.all_came.set()
        finally:
            self.all_came.set()


@pytest.fixture
def source(account, vendors, monkeypatch) -> Source:
    source, decisions = Source(), Lookup.decisions
    monkeypatch.setattr(Shopify, "count", lambda *_: len({one.external_id for one in source.people}))
    monkeypatch.setattr(Shopify, "people", lambda *asked: source.pages((asked[-1] or {}).get("place", 0)))

    def when_all_came(self, rows, policy):
        assert source.all_came.wait(5)
        return decisions(self, rows, policy)

    monkeypatch.setattr(Lookup, "decisions", when_all_came)
    monkeypatch.setattr(Reading, "together", 1000)
    return source


@pytest.fixture
def commits(monkeypatch) -> list[int]:
    """How many pages every transaction took."""
    counts: list[int] = []
    for kind in (Runner, Rehearsal):
        monkeypatch.setattr(kind, "_commit", counted(kind._commit, counts))
    return counts


def counted(commit, counts: list[int]):
    def commit_and_count(self, batch, end):
        counts.append(len(batch))
        return commit(self, batch, end)

    return commit_and_count


@pytest.fixture
def recurring_import(source):
    return factories.make_recurring_import()


def held() -> int:
    return db.session.scalar(select(func.count(Contact.id)))


@on_both_databases
def test_what_came_is_written_at_once_and_counted_page_by_page(recurring_import, commits):
    run = do(recurring_import)
    assert (run.status, run.pages, run.added, run.fetched) == (RunStatus.DONE, PAGES, PEOPLE, PEOPLE)
    assert commits == [1, PAGES - 2, 1] and held() == PEOPLE and adds_up(run)


@on_both_databases
def test_someone_on_two_of_the_pages_is_one_person_with_the_newest_data(recurring_import, source, commits):
    twice = source.people[5]
    source.people[17] = person(5, firstName="Nowsza")
    run = do(recurring_import)
    assert (run.added, run.skips) == (PEOPLE - 1, {"repeated": 1}) and max(commits) > 1
    names = db.session.scalars(select(Contact.first_name).where(Contact.email_key == twice.values[EMAIL])).all()
    assert names == ["Nowsza"]


@on_both_databases
def test_two_people_of_two_pages_with_one_address_share_a_contact(recurring_import, source, commits):
    source.people[21] = person(21, email=source.people[5].values[EMAIL])
    do(recurring_import)
    assert held() == PEOPLE - 1 and db.session.scalar(select(func.count(SourceRecord.id))) == PEOPLE
    assert max(commits) > 1


@on_both_databases
@pytest.mark.parametrize("place", [SIZE + 1, 2 * SIZE], ids=["of one page", "of the next page"])
def test_whoever_moves_and_then_withdraws_has_the_new_address(recurring_import, source, commits, place):
    do(recurring_import)
    source.people[SIZE] = person(SIZE, email="nowy@example.com")
    source.people[place] = person(SIZE, email="nowy@example.com", consent=Consent.WITHDRAWN)
    del commits[:]
    do(recurring_import)
    moved = db.session.execute(select(Contact.status).where(Contact.email_key == "nowy@example.com")).all()
    assert moved == [(ContactStatus.UNSUBSCRIBED,)] and f"osoba{SIZE}@example.com" not in on_list() and max(commits) > 1
    assert held() == PEOPLE and not any(key.startswith("moving") for key in on_list())


@on_both_databases
def test_the_cap_cuts_within_the_pages_and_the_next_run_goes_on_before_the_one_that_was_cut(
    app, recurring_import, source, commits
):
    app.config["IMPORT_CAP"] = 4 * SIZE + 2
    run = do(recurring_import)
    assert (run.status, run.added, run.cursor, run.replay) == (RunStatus.DONE_CAPPED, 4 * SIZE + 2, {"place": 4}, 2)
    assert commits == [1, PAGES - 2] and run.pages == 5 and held() == run.fetched == 4 * SIZE + 2
    second = do(recurring_import)
    assert (second.status, second.added, second.unchanged) == (RunStatus.DONE, PEOPLE - run.added, 2)
    assert on_list() == {one.values[EMAIL] for one in source.people}


def test_a_run_that_must_be_held_stops_within_the_pages(recurring_import, source, commits):
    do(recurring_import)
    recurring_import.version += 1
    db.session.commit()
    source.people[2 * SIZE :] = [person(1000 + n, email=f"zły adres {n}") for n in range(PEOPLE - 2 * SIZE)]
    del commits[:]
    run = do(recurring_import)
    assert (run.status, run.reason) == (RunStatus.HELD, RunReason.MANY_REJECTED)
    assert commits == [1, PAGES - 2] and (run.pages, run.cursor) == (4, {"place": 4}) and adds_up(run)
    assert db.session.scalar(select(func.count(RejectedRow.id))) == run.rejected == 2 * SIZE


def test_a_vendor_that_fails_behind_them_takes_nothing_from_them(recurring_import, source, commits):
    source.fails_behind = 6
    run = do(recurring_import)
    assert (run.status, run.reason) == (RunStatus.WAITING, Reason.UNAVAILABLE.value)
    assert (run.pages, run.cursor, commits) == (6, {"place": 6}, [1, 5]) and held() == 6 * SIZE


def test_pages_of_nobody_among_them_are_passed(recurring_import, source, commits):
    source.empty = {2, 3}
    run = do(recurring_import)
    assert (run.status, run.reason, run.added) == (RunStatus.DONE, RunReason.SHORT, PEOPLE - 2 * SIZE)
    assert run.pages == PAGES - 2  # as if each had come by itself
    assert commits == [1, PAGES - 2, 1]


def test_a_worker_that_is_asked_to_end_writes_what_has_come(recurring_import, source, commits, monkeypatch):
    source.stalls_at, commit = 6, Runner._commit

    def stopped(self, batch, end):
        over = commit(self, batch, end)
        runner.stopping.set()
        source.goes_on.set()
        return over

    run, _ = schedule.run_now(recurring_import)
    monkeypatch.setattr(Runner, "_commit", stopped)
    try:
        assert importing.run(run.id)
    finally:
        runner.stopping.clear()
    monkeypatch.setattr(Runner, "_commit", commit)
    row = db.session.get(ImportRun, run.id, populate_existing=True)
    # The page that was under way may have come in time, or not.
    assert row.status is RunStatus.QUEUED and row.pages in (6, 7) and row.cursor == {"place": row.pages}
    assert go_on(run).added == PEOPLE == held()


def test_a_dry_run_foresees_the_same(app, recurring_import, source, commits):
    app.config["IMPORT_CAP"] = PEOPLE - 5
    source.people[17] = person(5, firstName="Nowsza")
    source.people[18] = person(18, email="zły adres")
    dry = rehearse(recurring_import)
    expected = (PEOPLE - 5, 1, {"repeated": 1}, 3)
    assert (dry.added, dry.rejected, dry.skips, dry.over_cap) == expected and held() == 0
    assert commits == [1, PAGES - 2, 1]
    run = do(recurring_import)
    assert (run.added, run.rejected, run.skips) == expected[:3]


def test_a_page_that_cannot_be_written_ends_the_reading_although_the_fault_is_kept(
    recurring_import, source, monkeypatch
):
    """The traceback keeps the frames alive, and with them whatever they hold."""
    source.stalls_at = 1
    monkeypatch.setattr(ahead, "PATIENCE", 0.05)
    monkeypatch.setattr(Merger, "write", fail)
    run, _ = schedule.run_now(recurring_import)
    with pytest.raises(RuntimeError) as kept:
        importing.run(run.id)
    source.goes_on.set()
    sleep(0.05)
    assert kept and source.asked == 2 and not any(thread.name.startswith("reader") for thread in alive())


def fail(*_: object) -> None:
    raise RuntimeError


@pytest.fixture
def rejected_before(recurring_import, source):
    """An import whose next run reads somebody again before the changes."""
    source.people[0] = person(0, email="zły adres")
    assert do(recurring_import).rejected == 1
    return recurring_import


def test_a_worker_that_is_asked_to_end_while_people_are_read_again_asks_for_no_page_more(
    rejected_before, source, monkeypatch
):
    commit = Runner._commit
    monkeypatch.setattr(Shopify, "again", lambda *_: [person(0)])

    def stopped(self, batch, end):
        over = commit(self, batch, end)
        runner.stopping.set()
        return over

    monkeypatch.setattr(Runner, "_commit", stopped)
    source.all_came.set()
    source.asked = 0
    run, _ = schedule.run_now(rejected_before)
    try:
        assert importing.run(run.id)
    finally:
        runner.stopping.clear()
    assert source.asked == 0 and db.session.get(ImportRun, run.id, populate_existing=True).added == 1


def test_somebody_erased_who_comes_twice_with_two_addresses_stays_away(account, recurring_import, source, commits):
    do(recurring_import)
    erasure.erase(account, f"osoba{SIZE}@example.com")
    recurring_import.version += 1
    db.session.commit()
    source.people[SIZE] = person(SIZE, email="inny@example.com")
    source.people[SIZE + 1] = person(SIZE, email="jeszcze.inny@example.com")
    run = do(recurring_import)
    assert run.skips["erased"] >= 1 and not {"inny@example.com", "jeszcze.inny@example.com"} & on_list()
