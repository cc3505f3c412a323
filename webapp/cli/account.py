"""`flask account`: accounts and their owners, and what people may ask to be erased."""

import os

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webapp.extensions import db
from webapp.importing import erasure
from webapp.integrations.connecting import disconnect
from webapp.logs import security_event
from webapp.models import Account, ContactList, Integration, IntegrationState, Role, User
from webapp.models.scope import acting_for, everyone
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


@account.command("erase", help="Usuwa wszystko o jednej osobie ze wszystkich list konta. Importy jej nie przywrócą.")
@click.option("--owner", required=True, help="Adres e-mail, którym ktoś loguje się do tego konta.")
@click.option("--email", required=True, help="Adres e-mail osoby, którą trzeba usunąć.")
@click.confirmation_option("--yes", prompt="Usunąć tę osobę na zawsze? Tego nie da się cofnąć.", help="Nie pytaj.")
def erase(owner: str, email: str) -> None:
    found, address = account_of(owner), checked_address(email)
    lists = erasure.erase(found, address.key)
    security_event("person_erased", account=found.id, lists=lists)
    click.echo(ngettext("Erased from %(num)s list.", "Erased from %(num)s lists.", lists))
    click.echo(_("No import will bring this address back."))


@account.command("delete", help="Usuwa konto ze wszystkim, co do niego należy.")
@click.option("--owner", required=True, help="Adres e-mail, którym ktoś loguje się do tego konta.")
@click.option("--yes", is_flag=True, help="Nie pytaj.")
def remove(owner: str, yes: bool) -> None:
    found = account_of(owner)
    yes or click.confirm(question(found), abort=True)
    with acting_for(found.id):
        for integration in connected():
            disconnect(integration)
    erasure.delete_account(found)
    security_event("account_deleted", account=found.id)
    click.echo(_("Deleted the account %(name)s.", name=found.name))


def account_of(owner: str) -> Account:
    """The account that somebody with this address signs in to."""
    with everyone():
        user = db.session.scalar(select(User).where(User.email_key == checked_address(owner).key))
        db.session.commit()
    if user is None:
        raise click.ClickException(_("Nobody signs in with %(email)s.", email=owner))
    return user.account


def question(found: Account) -> str:
    with acting_for(found.id):
        total = sum(sum(size.values()) for size in ContactList.sizes().values())
        db.session.commit()
    return ngettext(
        "Delete the account %(name)s with %(num)s contact for good?",
        "Delete the account %(name)s with %(num)s contacts for good?",
        total,
        name=found.name,
    )


def connected() -> list[Integration]:
    query = select(Integration).where(Integration.state != IntegrationState.DISCONNECTED)
    return list(db.session.scalars(query.order_by(Integration.id)))
