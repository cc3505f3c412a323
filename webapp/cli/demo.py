"""`flask demo`: the account that the demo shows. Can be repeated; what people made of it stays."""

from typing import NamedTuple

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy import select

from webapp.cli.account import owner_of
from webapp.extensions import db
from webapp.models import Account, ContactList, CustomField, User
from webapp.models.scope import acting_for, everyone
from webapp.values.email import parse
from webapp.values.fields import FieldType

# The demo's own data, Polish as a user's would be.
ACCOUNT = "Sklep Bukowina"
EMAIL = "demo@doplyw.example"
PASSWORD = "demo-doplyw"  # noqa: S105 - shown on the sign-in page of the demo
LISTS = ("Klienci sklepu", "VIP 2026", "Newsletter")


class DemoField(NamedTuple):
    key: str
    label: str
    type: FieldType
    options: tuple[str, ...] = ()


FIELDS = (
    DemoField("miasto", "Miasto", FieldType.TEXT),
    DemoField("telefon", "Telefon", FieldType.PHONE),
    DemoField("data_urodzenia", "Data urodzenia", FieldType.DATE),
    DemoField("liczba_zamowien", "Liczba zamówień", FieldType.NUMBER),
    DemoField("kraj", "Kraj", FieldType.COUNTRY),
    DemoField("rozmiar", "Rozmiar", FieldType.CHOICE, ("S", "M", "L", "XL")),
)


@click.command("demo", help="Tworzy konto wersji demonstracyjnej, jeśli jeszcze go nie ma.")
@with_appcontext
def demo() -> None:
    create_demo_account()
    click.echo(_("The demo account is ready: %(email)s", email=EMAIL))


def create_demo_account() -> None:
    """The account with its owner, lists and fields, unless it is there."""
    with everyone():
        if db.session.scalar(select(User.id).where(User.email_key == EMAIL)):
            return
        owner = owner_of(Account(name=ACCOUNT), parse(EMAIL), PASSWORD)
        db.session.add(owner)
    with acting_for(owner.account_id):
        db.session.add_all(ContactList(name=name) for name in LISTS)
        db.session.add_all(
            CustomField(key=field.key, label=field.label, type=field.type, options=list(field.options))
            for field in FIELDS
        )
        db.session.commit()
