"""`flask keys`: the keys under which credentials are stored."""

import sys
from collections.abc import Iterator, Sequence

import click
from flask.cli import AppGroup
from flask_babel import ngettext
from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Integration, VendorApp
from webapp.models.scope import everyone
from webapp.models.secrets import Sealed, key_ring
from webapp.values.secrets import InvalidSecret

BATCH = 100
HOLDERS: tuple[type[Sealed], ...] = (Integration, VendorApp)

keys = AppGroup("keys", help="Klucze, którymi szyfrujemy dane do autoryzacji.")


@keys.command("rotate", help="Szyfruje zapisane dane do autoryzacji pierwszym kluczem z CREDENTIAL_KEYS.")
def rotate() -> None:
    with everyone():
        outcomes = [reseal(row) for holder in HOLDERS for batch in batches(holder) for row in batch]
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


def batches(holder: type[Sealed]) -> Iterator[Sequence[Sealed]]:
    """All rows with credentials, locked while they are looked at and committed batch by batch."""
    last = 0
    while batch := next_batch(holder, last):
        last = batch[-1].id
        yield batch
        db.session.commit()


def next_batch(holder: type[Sealed], after: int) -> Sequence[Sealed]:
    rows = select(holder).where(holder.id > after).order_by(holder.id).limit(BATCH).with_for_update()
    return db.session.scalars(rows).all()


def reseal(row: Sealed) -> bool | None:
    """True when it was encrypted anew, False when there was no need, None when it cannot be read."""
    try:
        if not any(key_ring().needs_rotation(envelope) for envelope in row.sealed.values()):
            return False
        row.keep(row.credentials)
    except InvalidSecret:
        return None
    return True
