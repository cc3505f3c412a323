"""Fields that are gone from the source: said where the import is, with both ways on."""

import pytest

from tests.factories import make_recurring_import, make_run
from webapp.extensions import db
from webapp.models import FieldMapping, RecurringImport, RunStatus
from webapp.models.database import now

EMAIL = "defaultEmailAddress.emailAddress"


@pytest.fixture
def recurring_import(account) -> RecurringImport:
    row = make_recurring_import(columns={EMAIL: "email", "birthday": "first_name"})
    make_run(row, status=RunStatus.DONE, finished_at=now(), gone_columns=["birthday"])
    return row


def targets(recurring_import) -> dict[str, str]:
    db.session.expire_all()
    return {mapping.column: mapping.target for mapping in db.session.get(RecurringImport, recurring_import.id).mappings}


def test_the_row_says_what_is_gone_and_what_can_be_done(client, recurring_import):
    page = client.get("/integracje?aplikacja=shopify").text
    assert "Pola „birthday” nie ma już w Shopify" in page
    assert f"/importy/{recurring_import.id}/pola" in page and "Pomiń na stałe" in page


def test_skipped_for_good_it_is_assigned_no_longer_and_said_no_more(client, recurring_import):
    version = recurring_import.version
    client.post(f"/importy/{recurring_import.id}/pola/pominiecie", data={"column": "birthday"})
    assert targets(recurring_import) == {EMAIL: "email"}
    assert "birthday" not in client.get("/integracje?aplikacja=shopify").text
    assert recurring_import.version == version and "birthday" not in recurring_import.known_columns


def test_the_column_with_addresses_can_only_be_replaced(client, recurring_import):
    answer = client.post(f"/importy/{recurring_import.id}/pola/pominiecie", data={"column": EMAIL})
    assert answer.location == f"/importy/{recurring_import.id}/pola" and EMAIL in targets(recurring_import)


def test_an_import_without_losses_says_nothing(client, account):
    row = make_recurring_import()
    make_run(row, status=RunStatus.DONE, finished_at=now())
    assert "Pomiń na stałe" not in client.get("/integracje?aplikacja=shopify").text
    assert db.session.query(FieldMapping).count() == 3
