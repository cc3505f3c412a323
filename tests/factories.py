"""Rows for tests, committed, with everything that is not said left sensible."""

from typing import Any

from webapp.extensions import db
from webapp.models import (
    Account,
    Contact,
    ContactList,
    CustomField,
    FieldMapping,
    ImportRun,
    Integration,
    RecurringImport,
    RunKind,
    Schedule,
    User,
    WriteRule,
)
from webapp.models.account import hasher
from webapp.models.scope import everyone
from webapp.values.email import parse
from webapp.values.fields import FieldType
from webapp.values.text import search_key

PASSWORD_HASH = hasher.hash("correct horse battery")
CREDENTIALS = {
    "shop": "bukowina.myshopify.com",
    "client_id": "demo-client-bukowina",
    "client_secret": "demo-secret-bukowina",
}


def saved(row: Any) -> Any:
    db.session.add(row)
    db.session.commit()
    return row


def make_account(name: str, email: str) -> Account:
    with everyone():
        account = saved(Account(name=name))
        saved(User(account_id=account.id, email=email, email_key=email.lower(), password_hash=PASSWORD_HASH))
    return account


def make_list(name: str = "Klienci sklepu", **values: Any) -> ContactList:
    return saved(ContactList(name=name, **values))


def make_custom_field(
    label: str = "Miasto", key: str = "miasto", type: FieldType = FieldType.TEXT, **values: Any
) -> CustomField:
    return saved(CustomField(label=label, key=key, type=type, **values))


def make_contact(contact_list: ContactList, email: str = "anna@example.com", **values: Any) -> Contact:
    address = parse(email)
    names = search_key(f"{values.get('first_name', '')} {values.get('last_name', '')}")
    row = Contact(list_id=contact_list.id, email=address.display, email_key=address.key, search_key=names, **values)
    return saved(row)


def make_integration(name: str = "bukowina.myshopify.com", **values: Any) -> Integration:
    given = {"vendor": "shopify", "way": "client", "external_id": name, "name": name} | values
    integration = saved(Integration(**given))
    integration.keep(CREDENTIALS | {"shop": name})
    return saved(integration)


def make_recurring_import(
    integration: Integration | None = None,
    contact_list: ContactList | None = None,
    columns: dict[str, str] | None = None,
    **values: Any,
) -> RecurringImport:
    """`columns` maps source columns to targets; e-mail and both names unless given."""
    integration, contact_list = integration or make_integration(), contact_list or make_list()
    given = {
        "integration_id": integration.id,
        "list_id": contact_list.id,
        "group": "contacts",
        "source_id": "everyone",
        "source_name": "All customers",
        "hour": "06:15",
        "schedule": Schedule.ACTIVE,
        "only_consenting": False,
    }
    row = RecurringImport(**given | values)
    columns = columns or {
        "defaultEmailAddress.emailAddress": "email",
        "firstName": "first_name",
        "lastName": "last_name",
    }
    row.mappings = [
        FieldMapping(position=place, column=column, column_label=column, target=target, rule=WriteRule.OVERWRITE)
        for place, (column, target) in enumerate(columns.items())
    ]
    row.known_columns = list(columns)
    return saved(row)


def make_run(recurring_import: RecurringImport, **values: Any) -> ImportRun:
    given = {
        "kind": RunKind.MANUAL,
        "settings": recurring_import.snapshot(),
        "version": recurring_import.version,
    } | values
    return saved(ImportRun(recurring_import=recurring_import, **given))
