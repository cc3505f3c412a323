"""`flask keys`: the keys under which credentials are stored."""

import sys
from collections.abc import Iterator, Sequence

import click
from flask.cli import AppGroup
from flask_babel import ngettext
from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Integration
from webapp.models.integration import key_ring
from webapp.models.scope import everyone
from webapp.values.secrets import InvalidSecret

BATCH = 100

keys = AppGroup("keys", help="Klucze, którymi szyfrujemy dane do autoryzacji.")


@keys.command("rotate", help="Szyfruje zapisane dane do autoryzacji pierwszym kluczem z CREDENTIAL_KEYS.")
def rotate() -> None:
    with everyone():
        outcomes = [reseal(integration) for batch in batches() for integration in batch]
    done, lost = outcomes.count(True), outcomes.count(None)
    click.echo(ngettext("Encrypted anew: %(num)s integration.", "Encrypted anew: %(num)s integrations.", done))
    if lost:
        sentence = ngettext(
            "%(num)s integration cannot be read with the keys of CREDENTIAL_KEYS. Add the missing key or connect it again.",
            "%(num)s integrations cannot be read with the keys of CREDENTIAL_KEYS. Add the missing key or connect them again.",
            lost,
        )
        click.echo(sentence, err=True)
        sys.exit(1)


def batches() -> Iterator[Sequence[Integration]]:
    """All integrations, locked while they are looked at and committed batch by batch."""
    last = 0
    while batch := next_batch(last):
        last = batch[-1].id
        yield batch
        db.session.commit()


def next_batch(after: int) -> Sequence[Integration]:
    rows = select(Integration).where(Integration.id > after).order_by(Integration.id).limit(BATCH).with_for_update()
    return db.session.scalars(rows).all()


def reseal(integration: Integration) -> bool | None:
    """True when it was encrypted anew, False when there was no need, None when it cannot be read."""
    try:
        if not any(key_ring().needs_rotation(envelope) for envelope in integration.sealed.values()):
            return False
        integration.keep(integration.credentials)
    except InvalidSecret:
        return None
    return True
