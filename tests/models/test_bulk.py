"""Many rows at once: the wall between accounts, and the driver's errors."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.databases import on_both_databases
from webapp.extensions import db
from webapp.models import Contact, ContactStatus, bulk
from webapp.models.database import now
from webapp.models.scope import NoAccount, acting_for, everyone

COLUMNS = "id list_id email email_key first_name last_name search_key status status_reason status_at values origin created_at updated_at"
AWKWARD = 'Zażółć "gęślą"\tjaźń\\n\n\\.\r,{}%s :x ł\u2028'


def rows(list_id: int, *addresses: str, first_name: str = "Anna") -> list[tuple]:
    at = bulk.time_writer()(now())
    ids = bulk.take_ids(Contact, len(addresses))
    said = ("nowak", "active", "", at, bulk.json_value({"miasto": AWKWARD}), "shopify", at, at)
    return [(one, list_id, key, key, first_name, "Nowak", *said) for one, key in zip(ids, addresses, strict=True)]


def add(list_id: int, *addresses: str, **values: str) -> None:
    bulk.add(Contact, COLUMNS.split(), rows(list_id, *addresses, **values))


@on_both_databases
def test_what_is_added_is_read_back_as_it_was_and_belongs_to_the_acting_account(app, account):
    add(factories.make_list().id, "a@example.com", "b@example.com", first_name=AWKWARD)
    first, second = db.session.scalars(select(Contact).order_by(Contact.id))
    assert (first.email_key, second.email_key) == ("a@example.com", "b@example.com")
    assert first.account_id == second.account_id == account.id
    assert first.first_name == AWKWARD and first.values == {"miasto": AWKWARD}
    assert first.status is ContactStatus.ACTIVE and abs((now() - first.status_at).total_seconds()) < 60


@on_both_databases
def test_ids_that_were_taken_are_not_taken_again_by_whoever_adds_one_by_one(app, account):
    some = factories.make_list()
    add(some.id, "a@example.com", "b@example.com")
    db.session.commit()
    assert factories.make_contact(some, "c@example.com").id not in {1, 2}


@on_both_databases
def test_nothing_of_another_account_is_changed(app, account):
    contact = factories.make_contact(factories.make_list(), first_name="Anna")
    with everyone():
        other = factories.make_account("Obcy", "obcy@example.com")
    with acting_for(other.id):
        bulk.change(Contact, ("first_name",), [("Zmieniona", contact.id)])
    bulk.change(Contact, ("last_name", "values"), [("Nowak", bulk.json_value({"miasto": AWKWARD}), contact.id)])
    db.session.refresh(contact)
    assert (contact.first_name, contact.last_name, contact.values) == ("Anna", "Nowak", {"miasto": AWKWARD})


def test_without_an_account_nothing_is_written(app, account):
    some = factories.make_list()
    prepared = rows(some.id, "a@example.com")
    with everyone():
        with pytest.raises(NoAccount):
            bulk.add(Contact, COLUMNS.split(), prepared)
        with pytest.raises(NoAccount):
            bulk.change(Contact, ("first_name",), [("Anna", 1)])


@on_both_databases
def test_a_contact_cannot_be_on_a_list_of_another_account(app, account):
    some = factories.make_list()
    with everyone():
        other = factories.make_account("Obcy", "obcy@example.com")
    with acting_for(other.id), pytest.raises(IntegrityError):
        add(some.id, "a@example.com")
    db.session.rollback()


@on_both_databases
def test_what_the_driver_refuses_is_an_error_as_any_other(app, account):
    some = factories.make_list()
    with pytest.raises(IntegrityError):
        add(some.id, "a@example.com", "a@example.com")
    db.session.rollback()
    assert db.session.scalars(select(Contact)).all() == []
