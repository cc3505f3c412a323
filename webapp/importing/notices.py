"""Telling the owners that a vendor no longer lets us in: once, by e-mail, where the administrator named a mail server."""

from flask import current_app
from flask_babel import gettext
from sqlalchemy import select, update

from webapp import mail
from webapp.extensions import db
from webapp.logs import log
from webapp.models import Integration, IntegrationState, Role, User
from webapp.models.database import now
from webapp.models.scope import everyone
from webapp.words import reason_text, vendor_label

UNTOLD = (Integration.state == IntegrationState.NEEDS_RECONNECTING, Integration.told_at.is_(None))


def is_due() -> bool:
    """Whether somebody is to be told of something."""
    found = mail.can_send() and db.session.scalar(select(Integration.id).where(*UNTOLD).limit(1)) is not None
    db.session.commit()
    return found


def tell_owners() -> None:
    """Write to the owners of every account that lost an integration. What could not be sent is tried again by the next tick."""
    with everyone():
        for integration_id in db.session.scalars(select(Integration.id).where(*UNTOLD)).all():
            tell_of(integration_id)


def tell_of(integration_id: int) -> None:
    """Claimed before it is sent: two workers must not write twice."""
    claimed = update(Integration).where(Integration.id == integration_id, *UNTOLD).values(told_at=now())
    integration = db.session.scalar(claimed.returning(Integration))
    recipients = owners(integration) if integration else []
    db.session.commit()
    if not recipients:
        return
    try:
        mail.send(recipients, *letter(integration))
    except mail.NotSent:
        log.error("notice_failed", integration=integration_id)
        integration.told_at = None
        db.session.commit()


def owners(integration: Integration) -> list[str]:
    query = select(User.email).where(
        User.account_id == integration.account_id, User.role == Role.OWNER, User.active.is_(True)
    )
    return list(db.session.scalars(query.order_by(User.id)))


def letter(integration: Integration) -> tuple[str, str]:
    """Subject and text. A name is the vendor's word: it must not break a header."""
    vendor, name = vendor_label(integration.vendor), " ".join(integration.name.split())
    paragraphs = (
        gettext("%(vendor)s no longer lets us read %(name)s, so its imports wait.", vendor=vendor, name=name),
        reason_text(integration.reason, integration.vendor),
        gettext(
            "Connect the account again; its imports and settings stay, and what is missing comes with the next import:"
        ),
        f"{current_app.config['EXTERNAL_URL']}/integracje?aplikacja={integration.vendor}",
    )
    subject = gettext("%(vendor)s: %(name)s needs reconnecting", vendor=vendor, name=name)
    return subject[:200], "\n\n".join(paragraphs) + "\n"
