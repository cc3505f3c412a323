"""Names that somebody read in the wrong encoding: noted, and mended where that was agreed to."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.importing.test_engine import do, go_on
from webapp.extensions import db
from webapp.importing import schedule, settings
from webapp.models import Contact, RecurringImport


@pytest.fixture
def recurring_import(app, account, vendors) -> RecurringImport:
    vendors.tell(action="mutate", index=1, changes={"last_name": "WiÅ›niewska", "email": "jedna@example.com"})
    return factories.make_recurring_import()


def last_name(email: str = "jedna@example.com") -> str:
    return db.session.scalar(select(Contact.last_name).where(Contact.email_key == email))


def test_they_are_counted_shown_and_taken_as_they_are(recurring_import):
    run = do(recurring_import)
    assert run.garbled == {"lastName": {"count": 2, "seen": "WiÅ›niewska", "meant": "Wiśniewska"}}
    assert last_name() == "WiÅ›niewska"


def test_agreed_to_they_are_mended_for_everyone_although_the_source_did_not_change(recurring_import):
    do(recurring_import)
    settings.repair_column(recurring_import, "lastName")
    run = do(recurring_import)
    assert run.mode == "full" and run.garbled == {} and last_name() == "Wiśniewska"


def test_a_dry_run_shows_them_too(recurring_import):
    run = schedule.rehearse(recurring_import, recurring_import.snapshot() | {"new_fields": []})
    assert go_on(run).garbled["lastName"]["meant"] == "Wiśniewska"


def test_the_page_offers_to_mend_and_does(recurring_import, client):
    run = do(recurring_import)
    page = client.get(f"/historia/{run.id}").text
    assert "„WiÅ›niewska” zamiast „Wiśniewska”" in page
    client.post(f"/importy/{recurring_import.id}/pola/naprawa", data={"column": "lastName"})
    db.session.expire_all()
    again = db.session.get(RecurringImport, recurring_import.id)
    assert {mapping.column for mapping in again.mappings if mapping.repair} == {"lastName"}


def test_what_was_agreed_to_survives_editing(recurring_import, client):
    from tests.web.test_mapping import EMAIL, address, body

    settings.repair_column(recurring_import, "lastName")
    targets = {EMAIL: "email", "lastName": "last_name"}
    client.post(address(recurring_import), data=body(client, recurring_import, targets, step="save", skip_unknown="y"))
    db.session.expire_all()
    again = db.session.get(RecurringImport, recurring_import.id)
    assert {mapping.column for mapping in again.mappings if mapping.repair} == {"lastName"}
