"""`flask account`: accounts and their owners."""

import os

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Account, Role, User
from webapp.models.scope import everyone
from webapp.values import passwords
from webapp.values.email import Email, InvalidEmail, parse

account = AppGroup("account", help="Konta i ich właściciele.")


@account.command("create", help="Tworzy konto i jego właściciela. Hasło: ze zmiennej OWNER_PASSWORD albo z pytania.")
@click.option("--name", required=True, help="Nazwa konta, na przykład nazwa firmy.")
@click.option("--email", required=True, help="Adres e-mail właściciela.")
def create(name: str, email: str) -> None:
    address, label = checked_address(email), checked_name(name)
    password = os.environ.get("OWNER_PASSWORD") or ask_password()
    if fault := passwords.fault(password, address.key):
        raise click.ClickException(_(fault))
    with everyone():
        require_unused(address)
        db.session.add(owner_of(Account(name=label), address, password))
        db.session.commit()
    click.echo(_("Created the account %(name)s with the owner %(email)s.", name=label, email=address.display))


def checked_address(email: str) -> Email:
    try:
        return parse(email)
    except InvalidEmail:
        raise click.ClickException(_("This is not a valid e-mail address: %(email)s", email=email)) from None


def checked_name(name: str) -> str:
    label = " ".join(name.split())
    if not 0 < len(label) <= 120:
        raise click.ClickException(_("The name of the account must have from 1 to 120 characters."))
    return label


def ask_password() -> str:
    return click.prompt(_("Password of the owner"), hide_input=True, confirmation_prompt=_("The same password again"))


def require_unused(address: Email) -> None:
    if db.session.scalar(select(User.id).where(User.email_key == address.key)):
        raise click.ClickException(
            _("Somebody already signs in with %(email)s. Use another address.", email=address.display)
        )


def owner_of(account: Account, address: Email, password: str) -> User:
    """The first person of a new account; adding the person adds the account."""
    db.session.add(account)
    db.session.flush()
    owner = User(account_id=account.id, email=address.display, email_key=address.key, role=Role.OWNER)
    owner.set_password(password)
    return owner
