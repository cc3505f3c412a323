"""People who are in the source no longer."""

import json

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import do, on_list
from webapp.extensions import db
from webapp.importing import plan
from webapp.models import Absence, Contact, ContactStatus, RunMode, SourceRecord, Suppression
from webapp.values.secrets import fingerprint


@pytest.fixture
def remover(app, account, monkeypatch):
    """An import that removes whom the source has lost, and reads everyone each time."""
    monkeypatch.setattr(plan, "FULL_EVERY", plan.timedelta(0))
    return factories.make_recurring_import(absence=Absence.REMOVE)


def lose(vendors, *indexes: int) -> list[str]:
    people = [vendors.truth()[index] for index in indexes]
    for index in indexes:
        vendors.tell(action="delete", index=index)
    return [person["email"].lower() for person in people]


def gone() -> int:
    return db.session.scalar(select(func.count(SourceRecord.id)).where(SourceRecord.deleted_at.is_not(None)))


@on_both_databases
def test_who_is_gone_is_taken_off_the_list_and_nobody_else(remover, vendors):
    do(remover)
    everybody = on_list(ContactStatus.ACTIVE)
    lost = lose(vendors, 1, 4)
    run = do(remover)
    assert run.mode is RunMode.FULL and run.gone == 2
    assert on_list(ContactStatus.ACTIVE) == everybody - set(lost) and on_list(ContactStatus.REMOVED) == set(lost)


def test_who_comes_back_to_the_source_comes_back_to_the_list(remover, vendors):
    do(remover)
    [lost] = lose(vendors, 1)
    do(remover)
    vendors.tell(action="insert", changes={"email": lost, "consent": "subscribed"})
    run = do(remover)
    assert lost in on_list(ContactStatus.ACTIVE) and run.updated == 1
    assert db.session.scalar(select(Contact.status_reason).where(Contact.email_key == lost)) == ""


def test_whoever_a_person_removed_does_not_come_back(remover, vendors):
    do(remover)
    contact = db.session.scalars(select(Contact)).first()
    contact.status = ContactStatus.REMOVED
    db.session.commit()
    do(remover)
    assert contact.email_key in on_list(ContactStatus.REMOVED)


def test_by_default_nothing_is_noted_and_nobody_removed(remover, vendors):
    remover.absence = Absence.IGNORE
    db.session.commit()
    do(remover)
    lose(vendors, 1)
    assert do(remover).gone == 0 and gone() == 0 and on_list(ContactStatus.REMOVED) == set()


def test_noting_changes_no_contact(remover, vendors):
    remover.absence = Absence.MARK
    db.session.commit()
    do(remover)
    lose(vendors, 1)
    assert do(remover).gone == 1 and gone() == 1 and on_list(ContactStatus.REMOVED) == set()


def test_whom_another_source_has_stays(remover, vendors):
    do(remover)
    [lost] = lose(vendors, 1)
    contact = db.session.scalars(select(Contact).where(Contact.email_key == lost)).one()
    other = factories.make_integration("inny.myshopify.com")
    owner = {"list_id": remover.list_id, "integration_id": other.id, "contact_id": contact.id}
    factories.saved(SourceRecord(group="contacts", external_id="1", **owner))
    do(remover)
    assert lost in on_list(ContactStatus.ACTIVE)


def test_who_has_an_address_now_that_cannot_be_one_is_not_gone(remover, vendors):
    do(remover)
    someone = vendors.truth()[1]
    vendors.tell(action="mutate", index=1, changes={"email": "bez-malpy"})
    assert do(remover).gone == 0 and someone["email"].lower() in on_list(ContactStatus.ACTIVE)


def test_a_pass_that_delivered_fewer_than_announced_removes_nobody(remover, vendors, monkeypatch):
    do(remover)
    lose(vendors, 1)
    monkeypatch.setattr("webapp.connectors.shopify.connector.Shopify.count", lambda *asked: 120)
    run = do(remover)
    assert run.reason == "short" and run.gone == 0


def test_a_pass_that_the_cap_cut_removes_nobody_before_it_is_whole(remover, vendors, app):
    do(remover)
    lost = lose(vendors, 1)
    app.config.update(IMPORT_CAP=1, PAGE_SIZE=10)
    for index in (20, 40):
        vendors.tell(action="mutate", index=index, changes={"last_name": "Inna"})
    assert do(remover).gone == 0
    app.config["IMPORT_CAP"] = 1000
    assert do(remover).gone == 1 and on_list(ContactStatus.REMOVED) == set(lost)


def test_where_two_imports_of_one_account_feed_one_list_nobody_is_taken_off(remover, vendors):
    other = factories.make_recurring_import(
        remover.integration, remover.contact_list, source_id="tag:vip", absence=Absence.REMOVE
    )
    vip = next(one["id"] for one in vendors.truth() if one["consent"] == "SUBSCRIBED")
    vendors.tell(action="mutate", id=vip, changes={"tags": ["vip"]})
    do(remover)
    do(other)
    everybody = on_list(ContactStatus.ACTIVE)
    vendors.tell(action="mutate", id=vip, changes={"tags": []})
    assert do(other).gone == 0 and on_list(ContactStatus.ACTIVE) == everybody


def test_another_source_of_the_same_import_makes_nobody_gone(remover, vendors):
    do(remover)
    everybody = on_list(ContactStatus.ACTIVE)
    remover.source_id, remover.version = "tag:vip", 2
    db.session.commit()
    assert do(remover).gone == 0 and on_list(ContactStatus.ACTIVE) == everybody


def test_a_page_that_came_twice_stands_for_nobody_who_is_missing(remover, vendors, app):
    app.config["PAGE_SIZE"] = 40
    do(remover)
    everybody = on_list(ContactStatus.ACTIVE)
    honest, seen = vendors.send, []

    def send(method, url, headers, content):
        answer = honest(method, url, headers, content)
        if b"query People" in content:
            seen.append(answer)
            body = json.loads(answer.body)
            if len(seen) == 2:
                body["data"]["page"]["nodes"] = json.loads(seen[0].body)["data"]["page"]["nodes"]
                return answer.__class__(answer.status, answer.headers, json.dumps(body).encode())
        return answer

    app.config["HTTP_OPTIONS"]["send"] = send
    run = do(remover)
    assert run.skips["repeated"] and run.reason == "short" and run.gone == 0
    assert on_list(ContactStatus.ACTIVE) == everybody


def test_more_than_half_at_once_is_believed_of_nobody(remover, vendors, monkeypatch):
    do(remover)
    everybody = on_list(ContactStatus.ACTIVE)
    vendors.tell(action="resize", people=20)
    monkeypatch.setattr("webapp.connectors.shopify.connector.Shopify.count", lambda *asked: None)
    assert do(remover).gone == 0 and on_list(ContactStatus.ACTIVE) == everybody


def test_who_has_an_erased_address_now_is_not_gone(remover, vendors, app):
    do(remover)
    someone = vendors.truth()[1]
    key = fingerprint("wymazana@example.com", app.config["ERASURE_KEY"])
    factories.saved(Suppression(fingerprint=key))
    vendors.tell(action="mutate", index=1, changes={"email": "wymazana@example.com"})
    assert do(remover).gone == 0 and someone["email"].lower() in on_list(ContactStatus.ACTIVE)
