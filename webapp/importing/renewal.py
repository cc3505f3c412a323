"""Tokens that several processes share are renewed by one of them at a time.

Vendors punish the rest: Zoho locks an account after ten renewals in ten minutes, and Salesforce may end the old refresh
token with the first one. No transaction is open while the vendor is asked; a column says that somebody does.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from webapp.connectors.base import Ask, Renew
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.extensions import db
from webapp.models import Integration
from webapp.models.database import now, writing
from webapp.values.secrets import InvalidSecret

# A vendor that hangs costs four attempts of half a minute, and the waits between them.
LONGEST = timedelta(minutes=4)
PATIENCE = timedelta(seconds=60)
LOOK_EVERY = 0.25


def renewing(integration_id: int, sleep: Callable[[float], None] = time.sleep) -> Renew:
    """How a connector of this vendor account renews its tokens (`Access.renew`).

    Raises ConnectorError: whatever `ask` raises, UNAUTHORIZED for an account that was disconnected meanwhile,
    UNAVAILABLE when another process does not come to an end.
    """

    def renew(stale: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
        for _ in range(int(PATIENCE.total_seconds() / LOOK_EVERY) + 1):
            if claim := _claim(integration_id):
                return _renewed(integration_id, claim, stale, ask)
            sleep(LOOK_EVERY)
            stored = _stored(integration_id)
            if _differ(stored, stale):
                return stored
        raise ConnectorError(Reason.UNAVAILABLE)

    return renew


def opened(integration: Integration) -> dict[str, str]:
    """The credentials; raises ConnectorError(UNAUTHORIZED) where they cannot be decrypted."""
    try:
        return integration.credentials
    except InvalidSecret:
        raise ConnectorError(Reason.UNAUTHORIZED) from None


def locked_row(integration_id: int) -> Integration | None:
    """The row as it is now, nobody else's to change until the commit."""
    query = select(Integration).where(Integration.id == integration_id).with_for_update(of=Integration)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _renewed(integration_id: int, claim: datetime, stale: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
    """Under the claim: somebody may have renewed between our look and our claim."""
    fresh: Mapping[str, str] = {}
    try:
        stored = _stored(integration_id)
        if not _differ(stored, stale):
            fresh = ask(stored)
    finally:
        _finish(integration_id, claim, fresh)
    return {**stored, **fresh}


def _differ(stored: Mapping[str, str], stale: Mapping[str, str]) -> bool:
    return stored.get("access_token") != stale.get("access_token")


@contextmanager
def _changing() -> Iterator[None]:
    """One short transaction, whatever the request around it does."""
    with writing():
        yield
        db.session.commit()


def _claim(integration_id: int) -> datetime | None:
    """Until when nobody else may ask, or None where somebody else does."""
    with _changing():
        moment = now()
        until = moment + LONGEST
        claimed = db.session.execute(
            update(Integration)
            .where(
                Integration.id == integration_id,
                or_(Integration.renewing_until.is_(None), Integration.renewing_until < moment),
            )
            .values(renewing_until=until)
            .execution_options(synchronize_session=False)
        )
    return until if claimed.rowcount == 1 else None


def _stored(integration_id: int) -> dict[str, str]:
    with _changing():
        row = locked_row(integration_id)
    if row is None or not row.connected:
        raise ConnectorError(Reason.UNAUTHORIZED)
    return opened(row)


def _finish(integration_id: int, claim: datetime, fresh: Mapping[str, str]) -> None:
    """Tokens and the end of the claim in one transaction: a renewed token that is not stored is lost for good.

    Whoever comes after the claim has run out may find another one there, whose tokens are newer.
    """
    with _changing():
        row = locked_row(integration_id)
        if row is None or row.renewing_until != claim:
            return
        row.renewing_until = None
        if row.connected:
            row.keep(fresh)
