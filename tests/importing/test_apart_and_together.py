"""What becomes of people is the same, whether their pages are written apart or together."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import adds_up, do
from tests.importing.test_together import person
from webapp.connectors.base import Consent, Page, Person
from webapp.connectors.shopify import Shopify
from webapp.extensions import db
from webapp.importing.lookup import Lookup
from webapp.importing.reading import Reading
from webapp.models import Absence, Contact, ImportRun, RunChange, RunStatus, SourceRecord

A, B = "a@example.com", "b@example.com"
EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
ONE_AFTER_THE_OTHER = {
    "one moves, and somebody new takes the address": (
        [person(1, A), person(2, B)],
        [person(1, "c@example.com"), person(3, A)],
    ),
    "two swap": ([person(1, A), person(2, B)], [person(1, B), person(2, A)]),
    "one is changed, and withdrawn under another id": (
        [person(1, A), person(2, A)],
        [person(2, A, firstName="Nowa"), person(1, A, Consent.WITHDRAWN)],
    ),
    "one moves and withdraws": ([person(1, A)], [person(1, B), person(1, B, Consent.WITHDRAWN)]),
    "somebody new withdraws": ([], [person(1, A), person(2, A, Consent.WITHDRAWN)]),
    "one comes back and withdraws": ([person(1, A)], [], [person(1, A), person(2, A, Consent.WITHDRAWN)]),
    "one withdraws after an absence and comes again": (
        [person(1, A)],
        [],
        [person(2, A, Consent.WITHDRAWN), person(1, A)],
    ),
    "one is deleted twice": (
        [person(1, A)],
        [replace(person(1, A), deleted=True), replace(person(1, A), deleted=True)],
    ),
    "one is deleted and there all the same": ([person(1, A)], [replace(person(1, A), deleted=True), person(1, A)]),
    "one is deleted in the source and another takes the address": (
        [person(1, A)],
        [replace(person(1, A), deleted=True), person(2, A, firstName="Druga")],
    ),
    "the older of two comes last": (
        [person(1, A)],
        [replace(person(1, A, firstName="Nowa"), updated_at=LATE), replace(person(2, A), updated_at=EARLY)],
    ),
}


@on_both_databases
@pytest.mark.parametrize("days", ONE_AFTER_THE_OTHER.values(), ids=ONE_AFTER_THE_OTHER)
def test_one_after_the_other_is_the_same_in_one_transaction_and_in_several(app, account, vendors, monkeypatch, days):
    integration = factories.make_integration()
    apart, together = (at_the_end(monkeypatch, integration, days, so) for so in (False, True))
    assert apart == together


def at_the_end(monkeypatch, integration, days, together: bool) -> list[object]:
    """All that an import into a list of its own leaves when each of these days has had its run.

    Six others come before them, one a page as they are, so that nothing looks like a drop.
    """
    recurring_import = factories.make_recurring_import(
        integration, factories.make_list(f"Lista {together}"), absence=Absence.REMOVE
    )
    others = [person(100 + number) for number in range(6)]
    return state_of(
        recurring_import, [day(monkeypatch, recurring_import, [*others, *people], together) for people in days]
    )


def day(monkeypatch, recurring_import, people: list[Person], together: bool) -> ImportRun:
    came, decisions = threading.Event(), Lookup.decisions

    def read(*_):
        for place, one in enumerate(people, 1):
            yield Page([one], {"place": place})
        came.set()
        yield Page([], None)

    def when_all_came(*given):
        assert came.wait(5)
        return decisions(*given)

    recurring_import.version += 1
    db.session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(Shopify, "people", read)
        patch.setattr(Shopify, "count", lambda *_: len(people))
        patch.setattr(Reading, "together", 1000 if together else 1)
        if together:
            patch.setattr(Lookup, "decisions", when_all_came)
        run = do(recurring_import)
    assert run.status is RunStatus.DONE and adds_up(run)
    return run


def state_of(recurring_import, runs: list[ImportRun]) -> list[object]:
    numbers = [(run.added, run.updated, run.unchanged, run.skips, run.reason, run.gone, run.pages) for run in runs]
    number_of = {run.id: number for number, run in enumerate(runs)}
    of_list = Contact.list_id == recurring_import.list_id
    contacts = [
        (one.email_key, one.email, one.first_name, one.status, one.status_reason, number_of.get(one.added_run_id))
        for one in db.session.scalars(select(Contact).where(of_list))
    ]
    said = (SourceRecord.external_id, Contact.email_key, SourceRecord.consent, SourceRecord.deleted_at.is_(None))
    links = db.session.execute(select(*said).join(Contact, Contact.id == SourceRecord.contact_id).where(of_list)).all()
    # What a run changes of somebody whom it added itself is undone with the adding.
    query = select(Contact.email_key, RunChange.run_id, RunChange.before, RunChange.after)
    query = query.where(RunChange.run_id != Contact.added_run_id)
    changes = [
        (email, number_of[run_id], tuple(before.items()), tuple(after.items()))
        for email, run_id, before, after in db.session.execute(
            query.join(Contact, Contact.id == RunChange.contact_id).where(of_list)
        )
    ]
    return [numbers, sorted(contacts, key=str), sorted(map(tuple, links), key=str), sorted(changes, key=str)]
