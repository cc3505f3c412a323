"""Cofnij import: everything as it was, as far as nobody touched it since."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import do, on_list
from webapp.extensions import db
from webapp.importing import retention, schedule, undo
from webapp.models import Contact, ContactStatus, ImportRun, Kept, RunChange, RunStatus, Schedule, SourceRecord
from webapp.models.database import now

EMAIL = "defaultEmailAddress.emailAddress"


def undone(run: ImportRun) -> dict[str, int]:
    assert undo.ask(run)
    undo.undo(run.id)
    run = db.session.get(ImportRun, run.id, populate_existing=True)
    assert run.undone_at
    return run.undone


def table() -> list[tuple]:
    """Everybody on the list, without ids and times."""
    columns = (
        Contact.email_key,
        Contact.email,
        Contact.first_name,
        Contact.last_name,
        Contact.status,
        Contact.search_key,
    )
    return [
        (*row[:-1], dict(row[-1]))
        for row in db.session.execute(select(*columns, Contact.values).order_by(Contact.email_key))
    ]


def somebody(vendors) -> dict:
    return next(person for person in vendors.truth() if person["email"] in on_list())


@on_both_databases
def test_whom_the_first_run_added_is_gone_and_the_import_stands_still(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    run = do(recurring_import)
    assert undone(run) == {"removed": run.added}
    assert table() == [] and db.session.scalar(select(func.count(SourceRecord.id))) == 0
    assert recurring_import.schedule is Schedule.STOPPED


@on_both_databases
def test_what_the_second_run_changed_is_as_it_was_before(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    before = table()
    changes = {"first_name": "Zmieniona", "email": "nowy-adres@example.com"}
    vendors.tell(action="mutate", id=somebody(vendors)["id"], changes=changes)
    vendors.tell(action="insert", changes={"email": "nowa@example.com", "consent": "subscribed"})
    run = do(recurring_import)
    assert table() != before and undone(run) == {"removed": 1, "restored": 1}
    assert table() == before


def test_after_an_undo_the_next_run_reads_everyone_anew(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    first = do(recurring_import)
    undone(first)
    second = do(recurring_import)
    assert (second.mode, second.added) == ("full", first.added)


def test_who_unsubscribed_meanwhile_stays_and_is_listed(app, account, vendors):
    run = do(factories.make_recurring_import())
    someone = db.session.scalars(select(Contact).where(Contact.status == ContactStatus.ACTIVE)).first()
    someone.status = ContactStatus.UNSUBSCRIBED
    db.session.commit()
    assert undone(run)["kept"] == 1
    assert on_list() == {someone.email_key}
    assert [change.kept for change in db.session.scalars(select(RunChange))] == [Kept.LEFT]


def test_who_withdrew_consent_in_the_source_is_not_subscribed_again(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    someone = next(
        person for person in vendors.truth() if person["consent"] == "SUBSCRIBED" and person["email"] in on_list()
    )
    vendors.tell(action="mutate", id=someone["id"], changes={"consent": "unsubscribed", "first_name": "Inna"})
    undone(do(recurring_import))
    assert someone["email"].lower() in on_list(ContactStatus.UNSUBSCRIBED)


def test_a_value_that_was_changed_again_since_is_left_alone(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    someone = somebody(vendors)
    vendors.tell(action="mutate", id=someone["id"], changes={"first_name": "Druga", "last_name": "Osoba"})
    second = do(recurring_import)
    vendors.tell(action="mutate", id=someone["id"], changes={"first_name": "Trzecia"})
    do(recurring_import)
    assert undone(second)["kept"] == 1
    contact = db.session.scalars(select(Contact).where(Contact.first_name == "Trzecia")).one()
    assert contact.last_name != "Osoba"


def test_whom_a_later_run_changed_is_not_removed_with_the_first(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    first = do(recurring_import)
    vendors.tell(action="mutate", id=somebody(vendors)["id"], changes={"first_name": "Druga"})
    do(recurring_import)
    assert undone(first) == {"removed": first.added - 1, "kept": 1}


def test_whom_another_source_has_too_is_not_removed(app, account, vendors):
    target = factories.make_list()
    first = do(factories.make_recurring_import(contact_list=target))
    contact = db.session.scalars(select(Contact)).first()
    other = factories.make_integration("inny.myshopify.com")
    owner = {"list_id": target.id, "integration_id": other.id, "contact_id": contact.id}
    factories.saved(SourceRecord(group="contacts", external_id="1", **owner))
    assert undone(first)["kept"] == 1 and on_list() == {contact.email_key}


def test_an_address_that_somebody_else_has_now_does_not_come_back(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    someone = somebody(vendors)
    vendors.tell(action="mutate", id=someone["id"], changes={"email": "nowy-adres@example.com"})
    second = do(recurring_import)
    factories.make_contact(recurring_import.contact_list, someone["email"])
    assert undone(second)["kept"] == 1
    assert {"nowy-adres@example.com", someone["email"]} <= on_list()


def test_whoever_dies_in_the_middle_leaves_the_rest_to_the_next(app, account, vendors, monkeypatch):
    monkeypatch.setattr(undo, "STEP", 20)
    run = do(factories.make_recurring_import())
    assert undo.ask(run)
    assert undo._step(run.id) and undo.asked() == [run.id]
    undo.undo(run.id)
    again = db.session.get(ImportRun, run.id, populate_existing=True)
    assert again.undone == {"removed": run.added} and undo.asked() == [] and table() == []


def test_a_run_is_undone_once_and_not_while_another_is_under_way(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    run = do(recurring_import)
    schedule.run_now(recurring_import)
    assert not undo.ask(run)
    schedule.cancel(schedule.active_run(recurring_import))
    assert undo.ask(run) and not undo.ask(run)


@pytest.mark.parametrize(("days", "possible"), [(29, True), (31, False)])
def test_it_can_be_undone_for_thirty_days(app, account, vendors, days, possible):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    vendors.tell(action="mutate", id=somebody(vendors)["id"], changes={"first_name": "Druga"})
    run = do(recurring_import)
    past = now() - timedelta(days=days)
    db.session.execute(update(RunChange).values(changed_at=past))
    run.finished_at = past
    db.session.commit()
    retention.purge_old()
    assert undo.can_be_undone(run) is possible
    assert bool(db.session.scalar(select(func.count(RunChange.id)))) is possible


def test_a_run_that_changed_nothing_or_is_under_way_cannot_be_undone(app, account):
    recurring_import = factories.make_recurring_import()
    idle = factories.make_run(recurring_import, status=RunStatus.DONE, finished_at=now(), unchanged=5)
    busy = factories.make_run(recurring_import, added=3)
    assert not undo.can_be_undone(idle) and not undo.can_be_undone(busy)


def test_whom_another_import_of_the_same_account_brings_too_stays(app, account, vendors):
    first = factories.make_recurring_import()
    run = do(first)
    other = factories.make_recurring_import(first.integration, first.contact_list, source_id="tag:vip")
    shared = do(other).fetched
    assert undone(run)["kept"] >= 1 and 0 < len(on_list()) <= shared


@on_both_databases
def test_addresses_that_moved_on_in_a_row_move_back(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    before = table()
    plain = [one for one in vendors.truth() if one["email"] in on_list() and one["consent"] == "SUBSCRIBED"][:2]
    vendors.tell(action="mutate", id=plain[0]["id"], changes={"email": "calkiem-nowa@example.com"})
    vendors.tell(action="mutate", id=plain[1]["id"], changes={"email": plain[0]["email"]})
    run = do(recurring_import)
    undone(run)
    assert table() == before


def test_an_address_that_unsubscribed_meanwhile_keeps_its_opt_out(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    vendors.tell(action="mutate", id=somebody(vendors)["id"], changes={"email": "nowy-adres@example.com"})
    run = do(recurring_import)
    contact = db.session.scalars(select(Contact).where(Contact.email_key == "nowy-adres@example.com")).one()
    contact.status = ContactStatus.UNSUBSCRIBED
    db.session.commit()
    assert undone(run) == {"kept": 1}
    assert "nowy-adres@example.com" in on_list(ContactStatus.UNSUBSCRIBED)


def test_nothing_runs_while_an_undo_is_pending_and_the_next_run_reads_everyone(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    run = do(recurring_import)
    undo.ask(run)
    recurring_import.schedule, recurring_import.next_slot = Schedule.ACTIVE, now()
    db.session.commit()
    assert schedule.is_being_undone(recurring_import) and schedule.create_due(now()) == 0
    undo.undo(run.id)
    db.session.expire_all()
    assert not schedule.is_being_undone(recurring_import) and do(recurring_import).mode == "full"


def test_a_dry_run_cannot_be_undone(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    dry = schedule.rehearse(recurring_import, recurring_import.snapshot() | {"new_fields": []})
    dry.status, dry.finished_at, dry.added = RunStatus.DONE, now(), 3
    db.session.commit()
    assert not undo.ask(dry)
