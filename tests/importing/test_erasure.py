"""People who were erased by request are gone, stay gone, and win over pages that are on their way; so does a deleted account."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import addresses, do, go_on, on_list
from tests.importing.test_rehearsal import rehearse
from webapp import importing
from webapp.extensions import db
from webapp.importing import erasure, erasures, lookup, schedule
from webapp.models import (
    Account,
    Contact,
    ContactList,
    ImportRun,
    RejectedRow,
    RunChange,
    RunStatus,
    SourceRecord,
    Suppression,
)
from webapp.models.scope import acting_for, everyone


def somebody(vendors) -> dict:
    """One of those about whom nothing is strange."""
    return next(person for person in reversed(vendors.truth()) if person["email"] in addresses(vendors))


def elsewhere(app, work: Callable[[], object]) -> threading.Thread:
    """Another process, as far as the database can tell."""

    def in_context() -> None:
        with app.app_context():
            work()
            db.session.remove()

    thread = threading.Thread(target=in_context, daemon=True)
    thread.start()
    return thread


def texts_of_everything() -> str:
    """All that the database holds, as text."""
    db.session.rollback()
    with everyone():
        return "".join(repr(db.session.execute(select(*mapper.columns)).all()) for mapper in db.Model.registry.mappers)


@on_both_databases
def test_nothing_of_an_erased_person_is_left_anywhere(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    someone = somebody(vendors)
    vendors.tell(
        action="mutate",
        id=someone["id"],
        changes={"email": someone["email"], "first_name": "Zdzimira", "last_name": "Å»ółwińska"},
    )
    do(recurring_import)
    vendors.tell(action="mutate", id=someone["id"], changes={"email": "nowy@example.com"})
    do(recurring_import)
    rehearse(recurring_import)
    second = factories.make_contact(factories.make_list("Druga"), "nowy@example.com", values={"miasto": "Zdzimirów"})
    run = db.session.scalars(select(ImportRun)).first()
    factories.saved(RejectedRow(run_id=run.id, external_id=someone["id"], field="phone", value="•••123", reason="x"))
    others = on_list() - {"nowy@example.com"}
    assert erasure.erase(account, "nowy@example.com") == 2
    held = texts_of_everything()
    for word in ("nowy@example.com", someone["email"], "Zdzimir", "ółwińska", "•••123"):
        assert word not in held, word
    assert on_list() == others and second.id not in db.session.scalars(select(Contact.id)).all()
    assert db.session.scalar(select(func.count(SourceRecord.id)).where(SourceRecord.external_id == someone["id"])) == 0


@on_both_databases
def test_an_erased_person_comes_back_neither_with_the_old_address_nor_with_a_new_one(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    someone = somebody(vendors)
    others = on_list() - {someone["email"]}
    erasure.erase(account, someone["email"])
    recurring_import.version += 1
    db.session.commit()
    assert do(recurring_import).skips["erased"] == 1 and on_list() == others
    vendors.tell(action="mutate", id=someone["id"], changes={"email": "inny@example.com"})
    assert do(recurring_import).skips["erased"] == 1 and on_list() == others
    dry = rehearse(recurring_import)
    assert dry.skips["erased"] == 1 and "inny@example.com" not in repr(dry.samples)


@on_both_databases
def test_the_other_account_keeps_its_own_contact(app, account, foreign, vendors):
    with acting_for(foreign.id):
        kept = factories.make_contact(factories.make_list(), "anna@example.com")
    factories.make_contact(factories.make_list(), "anna@example.com")
    erasure.erase(account, "anna@example.com")
    with acting_for(foreign.id):
        assert db.session.scalars(select(Contact.id)).all() == [kept.id]
        assert db.session.scalars(select(Suppression)).all() == []


@on_both_databases
def test_an_erasure_that_comes_while_the_persons_page_is_being_written_wins(app, account, vendors, monkeypatch):
    run, _ = schedule.run_now(factories.make_recurring_import())
    account_id, address = account.id, somebody(vendors)["email"]
    decided, whole = [], lookup.Lookup.decisions

    def then_erase(self, rows, policy):
        found = whole(self, rows, policy)
        if not decided:
            decided.append(elsewhere(app, lambda: erase_in(account_id, address)))
            decided[0].join(0.5)
            assert decided[0].is_alive()  # it waits for the page
        return found

    monkeypatch.setattr(lookup.Lookup, "decisions", then_erase)
    row = go_on(run)
    db.session.rollback()
    decided[0].join(30)
    assert row.status is RunStatus.DONE and row.added == len(addresses(vendors))
    db.session.rollback()
    assert on_list() == addresses(vendors) - {address}


@on_both_databases
def test_a_page_that_was_read_before_an_erasure_and_is_written_after_it_leaves_the_person_out(
    app, account, vendors, monkeypatch
):
    run, _ = schedule.run_now(factories.make_recurring_import())
    account_id, address = account.id, somebody(vendors)["email"]
    commit = importing.runner.Runner._commit

    def erased_before(self, batch, end):
        elsewhere(app, lambda: erase_in(account_id, address)).join(30)
        return commit(self, batch, end)

    monkeypatch.setattr(importing.runner.Runner, "_commit", erased_before)
    assert go_on(run).skips["erased"] == 1 and on_list() == addresses(vendors) - {address}


def erase_in(account_id: int, address: str) -> None:
    with everyone():
        account = db.session.get(Account, account_id)
        db.session.commit()
    erasure.erase(account, address)


@pytest.fixture
def backup(app, account, vendors):
    """What the database held before the erasure: restore() brings it back, with everything but the file of erasures."""
    do(factories.make_recurring_import())
    models = (Contact, SourceRecord)
    rows = {model: [dict(row._mapping) for row in db.session.execute(select(*model.__table__.c))] for model in models}

    def restore() -> None:
        for model in (SourceRecord, RunChange, Contact, Suppression):
            db.session.execute(db.delete(model))
        for model in models:
            db.session.execute(db.insert(model), rows[model])
        db.session.commit()

    return restore


@on_both_databases
def test_what_a_restored_backup_brings_back_is_erased_again(app, account, vendors, backup):
    someone, all_of_them = somebody(vendors), on_list()
    recurring_import_id = db.session.scalar(select(ImportRun.recurring_import_id))
    vendors.tell(action="mutate", id=someone["id"], changes={"email": "nowy@example.com"})
    do(db.session.get(importing.schedule.RecurringImport, recurring_import_id))
    erasure.erase(account, "nowy@example.com")
    backup()
    assert on_list() == all_of_them
    assert erasure.erase_again() == 1
    assert on_list() == all_of_them - {someone["email"]}
    assert erasure.erase_again() == 0
    recurring_import = db.session.get(importing.schedule.RecurringImport, recurring_import_id)
    vendors.tell(action="mutate", id=someone["id"], changes={"email": someone["email"]})
    assert do(recurring_import).skips["erased"] == 1 and someone["email"] not in on_list()


def test_whoever_was_erased_without_having_been_on_a_list_stays_away_after_a_restore(app, account, vendors):
    address = somebody(vendors)["email"]
    assert erasure.erase(account, address) == 0
    db.session.execute(db.delete(Suppression))
    db.session.commit()
    erasure.erase_again()
    do(factories.make_recurring_import())
    assert on_list() == addresses(vendors) - {address}


def test_the_file_holds_hashes_only_and_is_for_the_owner_alone(app, account, vendors, backup):
    someone = somebody(vendors)
    erasure.erase(account, someone["email"])
    text = erasures.file().read_text()
    assert someone["email"] not in text and f" {someone['id']}\n" not in text and text.count("\n") == 2
    assert erasures.file().stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_not_written_to_its_end_spoils_no_other(app, account):
    erasure.erase(account, "anna@example.com")
    with erasures.file().open("a") as stream:
        stream.write("2026-11-28T12:00:00+00:00 1 2026-")
    erasure.erase(account, "jan@example.com")
    marks = {erasure.mark("anna@example.com"), erasure.mark("jan@example.com")}
    assert erasures.read() == {(account.id, account.created_at): marks}


def test_another_account_that_got_the_same_id_after_a_restore_is_left_alone(app, account, vendors):
    factories.make_contact(factories.make_list(), "anna@example.com")
    younger = Account(id=account.id, name="x", created_at=account.created_at.replace(year=2020))
    erasures.note(younger, [erasure.mark("anna@example.com")])
    assert erasure.erase_again() == 0 and on_list() == {"anna@example.com"}


@on_both_databases
def test_an_account_that_is_deleted_while_its_page_is_on_the_way_leaves_nothing_behind(
    app, account, foreign, vendors, monkeypatch
):
    app.config["PAGE_SIZE"] = 25
    with acting_for(foreign.id):
        do(factories.make_recurring_import())
        theirs = counts_of(foreign.id)
    run, _ = schedule.run_now(factories.make_recurring_import())
    commit, account_id, run_id, calls = importing.runner.Runner._commit, account.id, run.id, []

    def delete_before_the_second_page(self, batch, end):
        if self.tally.pages == 1:
            db.session.commit()
            elsewhere(app, lambda: delete_in(account_id)).join(30)
            calls.append(len(vendors.calls))
        return commit(self, batch, end)

    monkeypatch.setattr(importing.runner.Runner, "_commit", delete_before_the_second_page)
    assert not importing.run(run_id)
    db.session.rollback()
    assert calls == [len(vendors.calls)]
    assert not any(counts_of(account_id).values())
    assert counts_of(foreign.id) == theirs
    assert not importing.run(run_id)


@on_both_databases
def test_an_account_that_is_deleted_while_its_page_is_being_written_waits_for_the_page(
    app, account, vendors, monkeypatch
):
    run, _ = schedule.run_now(factories.make_recurring_import())
    account_id, threads, whole = account.id, [], lookup.Lookup.decisions

    def then_delete(self, rows, policy):
        found = whole(self, rows, policy)
        threads.append(elsewhere(app, lambda: delete_in(account_id)))
        threads[-1].join(0.5)
        return found

    monkeypatch.setattr(lookup.Lookup, "decisions", then_delete)
    assert not importing.run(run.id)
    db.session.rollback()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    db.session.rollback()
    assert not any(counts_of(account_id).values())


def delete_in(account_id: int) -> None:
    with everyone():
        account = db.session.get(Account, account_id)
        db.session.commit()
    erasure.delete_account(account)


def counts_of(account_id: int) -> dict[str, int]:
    """How many rows of each table belong to the account."""
    with everyone():
        of_account = {
            mapper.class_.__name__: db.session.scalar(
                select(func.count()).select_from(mapper.class_).where(mapper.class_.account_id == account_id)
            )
            for mapper in db.Model.registry.mappers
            if hasattr(mapper.class_, "account_id")
        }
        itself = db.session.scalar(select(func.count(Account.id)).where(Account.id == account_id))
        lists = db.session.scalars(select(ContactList.id)).all()
        orphans = db.session.scalar(select(func.count(Contact.id)).where(Contact.list_id.not_in(lists)))
    return of_account | {"Account": itself, "orphans": orphans}
