"""Whole runs against the sandbox; what came of them is compared with what the sandbox knows, not with counters alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.databases import on_both_databases
from webapp import importing
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify import Shopify
from webapp.extensions import db
from webapp.importing import runner, schedule
from webapp.models import (
    Contact,
    ContactStatus,
    Criterion,
    ImportRun,
    Integration,
    IntegrationState,
    RejectedRow,
    RunMode,
    RunReason,
    RunStatus,
    SourceRecord,
    Suppression,
    WriteRule,
)
from webapp.models.database import now
from webapp.models.scope import acting_for
from webapp.values.email import InvalidEmail, parse
from webapp.values.fields import FieldType
from webapp.values.secrets import fingerprint

EMAIL = "defaultEmailAddress.emailAddress"


def do(recurring_import) -> ImportRun:
    """One run by hand, worked on until it no longer wants to be queued."""
    run, created = schedule.run_now(recurring_import)
    assert created
    return go_on(run)


def do_all_again(recurring_import, last: ImportRun) -> ImportRun:
    """A run that reads everyone, because the last one was more than a week ago."""
    last.window_until -= timedelta(days=8)
    db.session.commit()
    return do(recurring_import)


def go_on(run: ImportRun) -> ImportRun:
    while importing.run(run.id):
        pass
    return db.session.get(ImportRun, run.id, populate_existing=True)


def addresses(vendors, shop="bukowina", consenting=False) -> set[str]:
    """Whom the source really has, by normalised address, without those whose address cannot be one."""
    found = set()
    for person in vendors.truth(shop):
        wanted = person["consent"] == "SUBSCRIBED" if consenting else person["consent"] != "UNSUBSCRIBED"
        try:
            found |= {parse(person["email"]).key} if wanted else set()
        except InvalidEmail:
            continue
    return found


def on_list(*statuses: ContactStatus) -> set[str]:
    query = select(Contact.email_key)
    return set(db.session.scalars(query.where(Contact.status.in_(statuses)) if statuses else query))


def adds_up(run: ImportRun) -> bool:
    parts = run.added + run.updated + run.unchanged + run.skipped + run.rejected
    details = sum(run.skips.values()) == run.skipped and sum(run.rejects.values()) == run.rejected
    return run.fetched == parts and details


@on_both_databases
@pytest.mark.parametrize("together", [1, 2000], indirect=True)
def test_everyone_who_can_be_imported_is_on_the_list_and_the_counters_add_up(app, account, vendors):
    app.config["PAGE_SIZE"] = 20
    run = do(factories.make_recurring_import())
    assert run.status is RunStatus.DONE and run.reason is None
    assert on_list(ContactStatus.ACTIVE) == addresses(vendors)
    assert run.fetched == len(vendors.truth()) == 120 and adds_up(run)


@on_both_databases
def test_awkward_people_are_cleaned_or_rejected_with_a_reason(app, account, vendors):
    run = do(factories.make_recurring_import())
    rejected = db.session.scalars(select(RejectedRow)).all()
    assert len(rejected) == run.rejected > 0
    assert {row.reason for row in rejected} >= {"missing", "many_at", "no_domain", "bad_domain", "too_long"}
    names = db.session.scalars(select(Contact.first_name)).all()
    assert all(
        len(name) <= 255 and "\x00" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)
        for name in names
    )


def test_rejected_values_are_kept_masked_only(app, account, vendors):
    do(factories.make_recurring_import())
    kept = [row.value for row in db.session.scalars(select(RejectedRow)) if row.value]
    delivered = {person["email"] for person in vendors.truth()}
    assert kept and not delivered & set(kept)


@on_both_databases
def test_the_second_run_reads_only_the_changes_and_changes_nothing(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    before = on_list()
    run = do(recurring_import)
    assert run.mode is RunMode.INCREMENTAL and run.added == run.updated == 0 and adds_up(run)
    assert on_list() == before


def test_a_person_who_changed_in_the_shop_changes_on_the_list(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    someone = next(person for person in vendors.truth() if person["email"] in on_list())
    vendors.tell(
        action="mutate", id=someone["id"], changes={"first_name": "Zmieniona", "email": "zmieniona@example.com"}
    )
    run = do(recurring_import)
    assert run.updated == 1 and run.added == 0
    assert (
        db.session.scalar(select(Contact.first_name).where(Contact.email_key == "zmieniona@example.com")) == "Zmieniona"
    )
    assert someone["email"] not in on_list()


def test_with_the_filter_only_people_with_consent_are_imported(app, account, vendors):
    run = do(factories.make_recurring_import(only_consenting=True))
    assert on_list() == addresses(vendors, consenting=True)
    assert run.skips["no_consent"] > 0


def test_consent_withdrawn_in_the_shop_unsubscribes_at_the_next_run(app, account, vendors):
    recurring_import = factories.make_recurring_import(only_consenting=True)
    do(recurring_import)
    someone = next(
        person for person in vendors.truth() if person["consent"] == "SUBSCRIBED" and person["email"] in on_list()
    )
    vendors.tell(action="mutate", id=someone["id"], changes={"consent": "UNSUBSCRIBED"})
    do(recurring_import)
    row = db.session.scalar(select(Contact).where(Contact.email_key == someone["email"]))
    assert (row.status, row.status_reason) == (ContactStatus.UNSUBSCRIBED, "source_withdrawal")
    vendors.tell(action="mutate", id=someone["id"], changes={"consent": "SUBSCRIBED"})
    assert do(recurring_import).skips == {"unsubscribed": 1}
    assert someone["email"] in on_list(ContactStatus.UNSUBSCRIBED)


def test_people_who_left_the_list_are_not_brought_back(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    gone = sorted(addresses(vendors))[:4]
    statuses = (ContactStatus.UNSUBSCRIBED, ContactStatus.REMOVED, ContactStatus.BLOCKED, ContactStatus.BOUNCED)
    for email, status in zip(gone, statuses, strict=True):
        factories.make_contact(recurring_import.contact_list, email, status=status)
    run = do(recurring_import)
    assert {status.value: 1 for status in statuses}.items() <= run.skips.items()
    assert on_list(ContactStatus.ACTIVE) == addresses(vendors) - set(gone)


def test_erased_people_are_not_brought_back(app, account, vendors):
    erased = sorted(addresses(vendors))[0]
    factories.saved(Suppression(fingerprint=fingerprint(erased, app.config["ERASURE_KEY"])))
    run = do(factories.make_recurring_import())
    assert erased not in on_list() and run.skips["erased"] >= 1


def test_add_only_and_update_only(app, account, vendors):
    target = factories.make_list()
    someone = sorted(addresses(vendors))[0]
    factories.make_contact(target, someone, first_name="Dawne")
    integration = factories.make_integration()
    update_only = factories.make_recurring_import(integration, target, criterion=Criterion.UPDATE)
    run = do(update_only)
    assert run.updated == 1 and run.added == 0 and on_list() == {someone}
    add_only = factories.make_recurring_import(integration, target, criterion=Criterion.ADD)
    run = do(add_only)
    assert run.updated == 0 and on_list() == addresses(vendors)


def test_only_mapped_columns_are_asked_for_and_kept(app, account, vendors):
    factories.make_custom_field("Miasto", "miasto")
    factories.make_custom_field("Telefon", "telefon", FieldType.PHONE)
    columns = {EMAIL: "email", "defaultAddress.city": "field:miasto", "defaultAddress.phone": "field:telefon"}
    run = do(factories.make_recurring_import(columns=columns))
    people = db.session.scalars(select(Contact)).all()
    assert {key for person in people for key in person.values} == {"miasto", "telefon"}
    assert all(person.first_name == person.last_name == "" for person in people)
    assert all(person.values["telefon"].startswith("+") for person in people if "telefon" in person.values)
    assert set(run.dropped) <= {"defaultAddress.phone"}


def test_a_field_that_is_called_as_a_part_of_the_name_is_another_one(app, account, vendors):
    factories.make_custom_field("Imię w CRM", "first_name")
    columns = {EMAIL: "email", "lastName": "last_name", "firstName": "field:first_name"}
    do(factories.make_recurring_import(columns=columns))
    people = db.session.scalars(select(Contact)).all()
    assert {one.first_name for one in people} == {""} and sum("first_name" in one.values for one in people) > 50


def test_a_list_with_double_opt_in_gets_unconfirmed_people(app, account, vendors):
    do(factories.make_recurring_import(contact_list=factories.make_list(double_opt_in=True)))
    assert on_list(ContactStatus.UNCONFIRMED) == addresses(vendors)


def test_the_autoresponder_cycle_starts_for_added_people_only(app, account, vendors):
    target = factories.make_list()
    someone = sorted(addresses(vendors))[0]
    factories.make_contact(target, someone)
    do(factories.make_recurring_import(contact_list=target, cycle_day=3))
    days = dict(db.session.execute(select(Contact.email_key, Contact.cycle_day)).all())
    assert days.pop(someone) is None and set(days.values()) == {3}


@pytest.fixture
def small_cap(app):
    app.config["IMPORT_CAP"] = 40
    app.config["PAGE_SIZE"] = 25


@on_both_databases
def test_the_cap_falls_within_a_page_and_nobody_above_it_is_lost(app, account, vendors, small_cap):
    recurring_import = factories.make_recurring_import()
    run = do(recurring_import)
    assert run.status is RunStatus.DONE_CAPPED and run.added + run.updated == 40 and adds_up(run)
    assert len(on_list()) == 40 and run.remaining == 120 - run.fetched
    runs = [run]
    while runs[-1].status is RunStatus.DONE_CAPPED:
        runs.append(do(recurring_import))
        assert runs[-1].added + runs[-1].updated <= 40 and adds_up(runs[-1])
    assert runs[-1].reason is None and runs[-1].mode is RunMode.FULL
    assert on_list() == addresses(vendors)
    assert sum(one.added for one in runs) == len(addresses(vendors))


def test_exactly_as_many_people_as_the_cap_are_no_reason_to_go_on(app, account, vendors):
    app.config["IMPORT_CAP"] = len(addresses(vendors))
    assert do(factories.make_recurring_import()).status is RunStatus.DONE


def test_changed_settings_make_the_next_run_a_full_one(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    recurring_import.version += 1
    db.session.commit()
    assert do(recurring_import).mode is RunMode.FULL


def test_after_seven_days_everyone_is_read_again(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    run = do(recurring_import)
    run.window_until = now() - timedelta(days=7)
    db.session.commit()
    assert do(recurring_import).mode is RunMode.FULL


def test_a_source_without_times_of_change_is_read_whole_each_time(app, account, vendors):
    with importing.access.asking(factories.make_integration()) as connector:
        segment = next(source for source in connector.sources(runner.Group.CONTACTS) if not source.incremental)
    integration = db.session.scalar(select(Integration))
    recurring_import = factories.make_recurring_import(integration, source_id=segment.id)
    assert [do(recurring_import).mode for _ in range(2)] == [RunMode.FULL, RunMode.FULL]


def test_a_delivery_of_a_finished_run_asks_the_vendor_nothing(app, account, vendors):
    run = do(factories.make_recurring_import())
    calls = len(vendors.calls)
    assert not importing.run(run.id) and len(vendors.calls) == calls


def test_a_run_that_somebody_works_on_is_left_alone(app, account, vendors):
    run, _ = schedule.run_now(factories.make_recurring_import())
    run.status, run.lease_until = RunStatus.RUNNING, now() + timedelta(minutes=1)
    db.session.commit()
    assert not importing.run(run.id) and vendors.calls == []


@on_both_databases
def test_a_page_is_not_committed_by_whoever_lost_the_fence(app, account, vendors, monkeypatch):
    app.config["PAGE_SIZE"] = 25
    run, _ = schedule.run_now(factories.make_recurring_import())
    write = runner.Merger.write

    def overtaken(self, decisions):
        write(self, decisions)
        db.session.execute(update(ImportRun).where(ImportRun.id == run.id).values(fence=ImportRun.fence + 1))

    monkeypatch.setattr(runner.Merger, "write", overtaken)
    importing.run(run.id)
    assert on_list() == set()


def test_a_run_goes_on_from_its_cursor_after_its_worker_died(app, account, vendors):
    app.config["PAGE_SIZE"] = 25
    run, _ = schedule.run_now(factories.make_recurring_import())
    runner.stopping.set()
    try:
        assert importing.run(run.id)
    finally:
        runner.stopping.clear()
    row = db.session.get(ImportRun, run.id, populate_existing=True)
    assert (row.status, row.pages, row.fetched) == (RunStatus.QUEUED, 1, 25)
    row.status, row.lease_until = RunStatus.RUNNING, now() - timedelta(seconds=1)
    db.session.commit()
    done = go_on(run)
    assert (done.status, done.fetched, done.fence) == (RunStatus.DONE, 120, 2)
    assert on_list() == addresses(vendors)


TRANSIENT = [
    ({"fault": "status", "status": 503}, Reason.UNAVAILABLE),
    ({"fault": "html"}, Reason.BAD_RESPONSE),
]


@pytest.mark.parametrize(("fault", "reason"), TRANSIENT)
def test_a_vendor_that_fails_makes_the_run_wait_and_then_fail_with_its_reason(app, account, vendors, fault, reason):
    recurring_import = factories.make_recurring_import()
    vendors.tell(**fault)
    run, _ = schedule.run_now(recurring_import)
    for attempt in range(1, 5):
        row = go_on(run)
        assert (row.status, row.reason, row.attempts) == (RunStatus.WAITING, reason.value, attempt)
        assert row.not_before is not None
        row.not_before = now() - timedelta(seconds=1)
        db.session.commit()
    row = go_on(run)
    assert (row.status, row.reason) == (RunStatus.FAILED, reason.value) and on_list() == set()


def test_a_waiting_run_is_not_worked_on_before_its_time(app, account, vendors):
    vendors.tell(fault="status", status=503)
    app.config["BACKOFF_SECONDS"] = 60
    run, _ = schedule.run_now(factories.make_recurring_import())
    go_on(run)
    calls = len(vendors.calls)
    assert not importing.run(run.id) and len(vendors.calls) == calls


def test_a_refused_key_ends_the_run_at_once_and_asks_for_reconnecting(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    vendors.tell(fault="status", status=401)
    run = do(recurring_import)
    assert (run.status, run.reason, run.attempts) == (RunStatus.FAILED, Reason.UNAUTHORIZED.value, 1)
    integration = db.session.get(Integration, recurring_import.integration_id, populate_existing=True)
    assert (integration.state, integration.reason) == (IntegrationState.NEEDS_RECONNECTING, Reason.UNAUTHORIZED.value)
    assert not recurring_import.runs_by_itself


def test_what_was_committed_stays_when_the_vendor_pages_for_ever(app, account, vendors):
    app.config["PAGE_SIZE"] = 25
    vendors.tell(fault="endless")
    run = do(factories.make_recurring_import())
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.PAGING_LOOP.value)
    assert run.added > 0 and len(on_list()) == run.added


def test_a_run_of_a_disconnected_integration_is_cancelled_without_a_call(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    run, _ = schedule.run_now(recurring_import)
    recurring_import.integration.disconnect()
    db.session.commit()
    row = go_on(run)
    assert (row.status, row.reason) == (RunStatus.CANCELLED, RunReason.DISCONNECTED) and vendors.calls == []


def test_breaking_off_stops_a_run_at_its_next_page(app, account, vendors, monkeypatch):
    app.config["PAGE_SIZE"] = 25
    recurring_import = factories.make_recurring_import()
    run, _ = schedule.run_now(recurring_import)
    commit = runner.Runner._commit

    def then_break_off(self, batch, end):
        over = commit(self, batch, end)
        schedule.cancel(db.session.get(ImportRun, run.id))
        return over

    monkeypatch.setattr(runner.Runner, "_commit", then_break_off)
    row = go_on(run)
    assert (row.status, row.reason, row.pages) == (RunStatus.CANCELLED, RunReason.BY_USER, 1)
    assert len(on_list()) == row.added > 0


def test_a_column_that_vanished_is_dropped_with_a_notice_and_the_run_goes_on(app, account, vendors):
    factories.make_custom_field("Rozmiar", "rozmiar")
    columns = {EMAIL: "email", "metafield:custom.gone": "field:rozmiar"}
    run = do(factories.make_recurring_import(columns=columns))
    assert run.status is RunStatus.DONE and run.gone_columns == ["metafield:custom.gone"]


def test_without_its_e_mail_column_a_run_fails_and_says_so(app, account, vendors):
    run = do(factories.make_recurring_import(columns={"metafield:custom.gone": "email"}))
    assert (run.status, run.reason) == (RunStatus.FAILED, RunReason.EMAIL_COLUMN_GONE)


@pytest.mark.parametrize("people", [0, 59])
def test_a_source_that_shrinks_by_more_than_half_is_held_before_anything_is_read(app, account, vendors, people):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    vendors.tell(action="resize", people=people)
    run = do(recurring_import)
    assert (run.status, run.reason, run.fetched) == (RunStatus.HELD, RunReason.SUSPICIOUS_DROP, 0)
    assert schedule.approve(run)
    assert go_on(run).status is RunStatus.DONE


def test_a_source_with_half_of_its_people_is_read_as_usual(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    vendors.tell(action="resize", people=60)
    assert do(recurring_import).status is RunStatus.DONE


def test_a_held_run_can_be_broken_off(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    vendors.tell(action="resize", people=0)
    run = do(recurring_import)
    assert schedule.cancel(run) and run.status is RunStatus.CANCELLED
    assert not schedule.approve(run)


def test_a_jump_of_rejected_people_is_held_after_the_first_page(app, account, vendors):
    app.config["PAGE_SIZE"] = 25
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    db.session.execute(update(ImportRun).values(rejected=0))
    recurring_import.version += 1
    db.session.commit()
    for person in vendors.truth()[:15]:
        vendors.tell(action="mutate", id=person["id"], changes={"email": "nonsense"})
    run = do(recurring_import)
    assert (run.status, run.reason, run.pages) == (RunStatus.HELD, RunReason.MANY_REJECTED, 1)
    assert schedule.approve(run)
    done = go_on(run)
    assert done.status is RunStatus.DONE and adds_up(done)


@pytest.mark.parametrize(("spoiled", "status"), [(5, RunStatus.DONE), (8, RunStatus.HELD)])
def test_only_more_than_a_few_rejected_people_hold_a_run(app, account, vendors, spoiled, status):
    app.config["PAGE_SIZE"] = 2
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    db.session.execute(update(ImportRun).values(rejected=0))
    db.session.commit()
    for person in vendors.truth()[10 : 10 + spoiled]:
        vendors.tell(action="mutate", id=person["id"], changes={"email": "nonsense"})
    run = do(recurring_import)
    assert (run.mode, run.status) == (RunMode.INCREMENTAL, status) and 4 * run.rejected > run.fetched


def test_the_few_who_are_rejected_every_day_hold_nothing(app, account, vendors):
    """They are read again before the changes: there are hardly any others, and nearly all are rejected."""
    recurring_import = factories.make_recurring_import()
    first = do(recurring_import)
    db.session.execute(update(ImportRun).values(fetched=ImportRun.rejected * 21))
    db.session.commit()
    run = do(recurring_import)
    assert run.mode is RunMode.INCREMENTAL and run.rejected == first.rejected > 0
    assert 4 * run.rejected > run.fetched
    assert run.status is RunStatus.DONE


def test_a_vendor_that_delivers_fewer_people_than_it_counts_ends_the_run_as_short(app, account, vendors, monkeypatch):
    monkeypatch.setattr(Shopify, "count", lambda self, group, source_id, window=None: 130)
    run = do(factories.make_recurring_import())
    assert (run.status, run.reason) == (RunStatus.DONE, RunReason.SHORT)


@on_both_databases
def test_two_people_who_swap_addresses_within_a_page_both_keep_theirs(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    first, second = [person for person in vendors.truth() if person["email"] in on_list()][:2]
    ids = dict(db.session.execute(select(SourceRecord.external_id, SourceRecord.contact_id)).all())
    vendors.tell(action="mutate", id=first["id"], changes={"email": "trzeci@example.com"})
    vendors.tell(action="mutate", id=second["id"], changes={"email": first["email"]})
    do(recurring_import)
    now_known = dict(db.session.execute(select(Contact.email_key, Contact.id)).all())
    assert now_known["trzeci@example.com"] == ids[str(first["id"])]
    assert now_known[first["email"]] == ids[str(second["id"])]


@on_both_databases
def test_two_accounts_with_the_same_shop_do_not_touch_each_other(app, account, foreign, vendors):
    with acting_for(foreign.id):
        other = factories.make_recurring_import()
        do(other)
        before = {row.id for row in db.session.scalars(select(Contact))}
    do(factories.make_recurring_import())
    with acting_for(foreign.id):
        assert {row.id for row in db.session.scalars(select(Contact))} == before
    assert len(on_list()) == len(before)


def test_credentials_that_were_renewed_during_a_run_are_kept(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    integration = db.session.get(Integration, recurring_import.integration_id, populate_existing=True)
    assert "access_token" in integration.credentials
    assert "access_token" in integration.sealed and "demo" not in str(integration.sealed)


@on_both_databases
def test_no_transaction_is_open_while_the_vendor_is_asked(app, account, vendors, monkeypatch):
    monkeypatch.setattr("webapp.models.database.FAR_MORE", 1000)  # statistics are looked at after four pages, and left
    open_transactions = []
    send = vendors.send
    monkeypatch.setattr(
        vendors, "send", lambda *args: open_transactions.append(db.session().in_transaction()) or send(*args)
    )
    app.config["HTTP_OPTIONS"]["send"] = vendors.send
    app.config["PAGE_SIZE"] = 25
    do(factories.make_recurring_import())
    assert len(open_transactions) > 5 and not any(open_transactions)


def test_a_connector_error_never_carries_a_body():
    assert str(ConnectorError(Reason.UNAUTHORIZED)) == "unauthorized"


def test_a_column_that_vanished_does_not_clear_what_its_field_holds(app, account, vendors):
    factories.make_custom_field("Rozmiar", "rozmiar")
    target = factories.make_list()
    someone = sorted(addresses(vendors))[0]
    factories.make_contact(target, someone, values={"rozmiar": "M"})
    recurring_import = factories.make_recurring_import(
        contact_list=target, columns={EMAIL: "email", "metafield:custom.gone": "field:rozmiar"}
    )
    recurring_import.mappings[1].rule = WriteRule.CLEAR
    db.session.commit()
    do(recurring_import)
    assert db.session.scalar(select(Contact.values).where(Contact.email_key == someone)) == {"rozmiar": "M"}


def test_a_vendor_that_asks_to_wait_for_a_year_is_tried_again_the_next_day(app, account, vendors):
    vendors.tell(fault="status", status=429, headers={"Retry-After": "1e18"})
    run, _ = schedule.run_now(factories.make_recurring_import())
    row = go_on(run)
    assert row.status is RunStatus.WAITING and row.not_before <= now() + timedelta(days=1)


def test_credentials_that_cannot_be_decrypted_ask_for_reconnecting(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    recurring_import.integration.sealed = {"shop": "v1:gone:AAAA:AAAA"}
    db.session.commit()
    run = do(recurring_import)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.UNAUTHORIZED.value)


def test_a_segment_is_read_to_its_end_however_short_the_slices_are(app, account, vendors, monkeypatch):
    """Each slice reads the segment again from its start: that alone must neither end the slice nor lose the lease."""
    app.config["PAGE_SIZE"] = 5
    monkeypatch.setattr(runner.Runner, "slice_seconds", -1)
    leases = []
    extend = runner.Runner._extend_lease
    monkeypatch.setattr(
        runner.Runner, "_extend_lease", lambda self, **place: (leases.append(place), extend(self, **place))
    )
    run = do(factories.make_recurring_import(source_id="segment:501000000003"))
    assert run.status is RunStatus.DONE and on_list(ContactStatus.ACTIVE) == addresses(vendors, consenting=True)
    assert sum("cursor" in place for place in leases) >= run.fence - 1 > 1


def test_who_was_rejected_is_read_again_although_the_source_does_not_say_that_it_changed(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    first = do(recurring_import)
    rejected = db.session.scalars(select(RejectedRow).where(RejectedRow.run_id == first.id)).first()
    old = int((now() - timedelta(days=300)).timestamp())
    changes = {"email": "naprawiona@example.com", "updated_at": old, "consent": "subscribed"}
    vendors.tell(action="mutate", id=rejected.external_id, changes=changes)
    second = do(recurring_import)
    assert second.mode is RunMode.INCREMENTAL and second.rejected == first.rejected - 1
    assert "naprawiona@example.com" in on_list() and adds_up(second)
    third = do(recurring_import)
    assert third.rejected == second.rejected


def test_a_run_that_died_after_those_does_not_read_them_twice(app, account, vendors):
    recurring_import = factories.make_recurring_import()
    do(recurring_import)
    run, _ = schedule.run_now(recurring_import)
    run.mode, run.window_since, run.window_until = RunMode.INCREMENTAL, now() - timedelta(days=1), now()
    run.cursor = {}
    db.session.commit()
    assert go_on(run).fetched == 0
