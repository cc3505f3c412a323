"""Sources that change while they are read, or never end: nobody who was there is lost, and nobody is taken for gone."""

from contextlib import suppress

import pytest
from sqlalchemy import select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import addresses, adds_up, do, go_on, on_list
from webapp import importing
from webapp.connectors.base import SUBSCRIBERS, Group
from webapp.connectors.reasons import Reason
from webapp.extensions import db
from webapp.importing import access, schedule
from webapp.models import Absence, Contact, ContactStatus, RunMode, RunReason, RunStatus, SourceRecord
from webapp.values.email import InvalidEmail, parse

STORE = {"store": "bukowina", "access_token": "demo-token-bukowina"}


def status_of_everyone() -> dict[str, tuple[str, str]]:
    rows = db.session.execute(select(Contact.email_key, Contact.status, Contact.status_reason))
    return {email: (status, reason) for email, status, reason in rows}


def missed() -> set[str]:
    """Whom an import noted as gone from the source."""
    return set(db.session.scalars(select(SourceRecord.external_id).where(SourceRecord.deleted_at.is_not(None))))


def between_pages(monkeypatch, happenings: dict[int, object]) -> None:
    """happenings[n]() happens after the n-th page was committed."""
    commit = importing.runner.Runner._commit

    def then(self, batch, end):
        over = commit(self, batch, end)
        happenings.pop(self.tally.pages, lambda: None)()
        return over

    monkeypatch.setattr(importing.runner.Runner, "_commit", then)


@on_both_databases
@pytest.mark.parametrize("fault", ["endless", "cursor_loop", "cursor_stuck"])
@pytest.mark.parametrize("absence", [Absence.MARK, Absence.REMOVE])
def test_a_pass_that_never_ended_takes_nobody_for_gone(app, account, vendors, fault, absence):
    app.config["PAGE_SIZE"] = 25
    recurring_import = factories.make_recurring_import(absence=absence)
    do(recurring_import)
    before = status_of_everyone()
    for person in vendors.truth()[-3:]:
        vendors.tell(action="delete", id=person["id"])
    vendors.tell(fault=fault)
    recurring_import.version += 1
    db.session.commit()
    run = do(recurring_import)
    assert (run.status, run.reason, run.mode) == (RunStatus.FAILED, Reason.PAGING_LOOP.value, RunMode.FULL)
    assert run.gone == 0 and missed() == set() and status_of_everyone() == before


@on_both_databases
def test_whoever_was_there_during_the_whole_pass_is_imported_however_others_come_and_go(
    app, account, vendors, monkeypatch
):
    app.config["PAGE_SIZE"] = 10
    recurring_import = factories.make_recurring_import(absence=Absence.REMOVE)
    people = vendors.truth()
    leave = [person["id"] for person in (people[2], people[11], people[60], people[-1])]
    between_pages(
        monkeypatch,
        {
            2: lambda: [vendors.tell(action="delete", id=one) for one in leave],
            3: lambda: [vendors.tell(action="insert", changes={"email": f"nowa{n}@example.com"}) for n in range(15)],
            7: lambda: vendors.tell(action="delete", id=people[65]["id"]),
        },
    )
    run = do(recurring_import)
    stayed = addresses(vendors) - {f"nowa{n}@example.com" for n in range(15)}
    assert run.status is RunStatus.DONE and adds_up(run)
    assert on_list(ContactStatus.ACTIVE) >= stayed and missed() == set()
    monkeypatch.undo()
    recurring_import.version += 1
    db.session.commit()
    do(recurring_import)
    assert on_list(ContactStatus.ACTIVE) == addresses(vendors)


@pytest.fixture
def newsletter(app, account):
    """A recurring import of a BigCommerce store's newsletter, which can only be read by page numbers."""
    integration = factories.make_integration("bukowina", vendor="bigcommerce", way="token")
    integration.sealed = {}
    integration.keep(STORE)
    db.session.commit()
    with access.asking(integration) as connector:
        fields = connector.fields(Group.CONTACTS, SUBSCRIBERS)
    email = next(field.key for field in fields if field.role == "email")
    return factories.make_recurring_import(
        integration, columns={email: "email"}, source_id=SUBSCRIBERS, absence=Absence.REMOVE
    )


def newsletter_readers(vendors) -> set[str]:
    """The addresses of those who agreed."""
    found = set()
    for person in vendors.truth(vendor="bigcommerce", of="subscribers"):
        with suppress(InvalidEmail):
            found |= {parse(person["email"]).key} if person["consent"] == "marketing_newsletter" else set()
    return found


@on_both_databases
def test_page_numbers_that_shift_while_a_newsletter_is_read_lose_nobody(newsletter, app, vendors, monkeypatch):
    app.config["PAGE_SIZE"] = 10
    there, everyone = newsletter_readers(vendors), vendors.truth(vendor="bigcommerce")
    between_pages(
        monkeypatch,
        {
            1: lambda: leave(vendors, everyone[0]),
            2: lambda: leave(vendors, *everyone[1:6]),
            4: lambda: vendors.tell(vendor="bigcommerce", action="insert", changes={"email": "nowa@example.com"}),
        },
    )
    run = do(newsletter)
    assert run.status is RunStatus.DONE and run.pages > 4 and adds_up(run)
    stayed = there & newsletter_readers(vendors)
    assert 40 < len(stayed) < len(there) and stayed <= on_list(ContactStatus.ACTIVE)
    assert missed() == set()


def leave(vendors, *people: dict) -> None:
    for person in people:
        vendors.tell(vendor="bigcommerce", action="delete", id=person["id"])


def test_a_withdrawn_consent_counts_although_others_of_its_page_fail(app, account, vendors):
    app.config["PAGE_SIZE"] = 25
    recurring_import = factories.make_recurring_import(only_consenting=True)
    do(recurring_import)
    page = vendors.truth()[50:75]
    leaver = next(p for p in page if p["consent"] == "SUBSCRIBED" and p["email"] in on_list(ContactStatus.ACTIVE))
    for person in page:
        nonsense = {"consent": "UNSUBSCRIBED"} if person is leaver else {"email": "bez sensu"}
        vendors.tell(action="mutate", id=person["id"], changes=nonsense)
    run = do(recurring_import)
    if run.reason == RunReason.MANY_REJECTED:
        schedule.approve(run)
        run = go_on(run)
    assert run.status is RunStatus.DONE and run.rejected >= 20
    row = db.session.scalar(select(Contact).where(Contact.email_key == leaver["email"]))
    assert (row.status, row.status_reason) == (ContactStatus.UNSUBSCRIBED, "source_withdrawal")


def test_a_withdrawn_consent_stays_withdrawn_when_the_vendor_fails_after_its_page(app, account, vendors):
    app.config["PAGE_SIZE"] = 25
    recurring_import = factories.make_recurring_import(only_consenting=True)
    do(recurring_import)
    leaver = next(
        p for p in vendors.truth()[:25] if p["consent"] == "SUBSCRIBED" and p["email"] in on_list(ContactStatus.ACTIVE)
    )
    vendors.tell(action="mutate", id=leaver["id"], changes={"email": leaver["email"], "consent": "UNSUBSCRIBED"})
    recurring_import.version += 1
    db.session.commit()
    run, _ = schedule.run_now(recurring_import)
    commit = importing.runner.Runner._commit

    def then_fail(self, batch, end):
        over = commit(self, batch, end)
        vendors.tell(fault="status", status=503)
        return over

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing.runner.Runner, "_commit", then_fail)
        row = go_on(run)
    assert row.status is RunStatus.WAITING and 1 <= row.pages < 5  # the next page may have been asked for already
    gone = db.session.scalar(select(Contact).where(Contact.email_key == leaver["email"]))
    assert (gone.status, gone.status_reason) == (ContactStatus.UNSUBSCRIBED, "source_withdrawal")
