"""Connecting a vendor account and letting it go again."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.connectors.base import ConnectedAccount, Way
from webapp.connectors.reasons import ConnectorError
from webapp.extensions import db
from webapp.importing import access, schedule
from webapp.logs import log, security_event
from webapp.models import ImportRun, Integration, RecurringImport, RunReason, Schedule
from webapp.models.import_run import ACTIVE


class OtherAccount(Exception):
    """The credentials open another vendor account than the one that was to be connected again."""

    def __init__(self, name: str, expected: str):
        super().__init__(name)
        self.name, self.expected = name, expected


def connect(vendor: str, way: Way, credentials: Mapping[str, str], again: Integration | None) -> Integration:
    """Ask the vendor, and keep what it accepts; a vendor account that is known already takes the new credentials.

    Raises ConnectorError, and OtherAccount when `again` was to be connected; nothing is stored then.
    """
    with access.trying(vendor, credentials) as (connector, kept):
        account = connector.check()
    return settle(vendor, way, account, {**credentials, **kept}, again)


def settle(
    vendor: str, way: Way, account: ConnectedAccount, credentials: Mapping[str, str], again: Integration | None
) -> Integration:
    """Keep what opened this vendor account; raises OtherAccount when `again` was to be connected."""
    if again and again.external_id != account.external_id:
        raise OtherAccount(account.name, again.name)
    integration = take_up(vendor, account)
    integration.reconnect(way.key, account.name, account.unavailable)
    integration.keep(credentials)
    db.session.commit()
    security_event("integration_connected", vendor=vendor, integration=integration.id)
    return integration


def take_up(vendor: str, account: ConnectedAccount) -> Integration:
    """The row of this vendor account, which another tab may be adding at this moment."""
    known = Integration.of_account(vendor, account.external_id)
    if known:
        return known
    fresh = Integration(vendor=vendor, way="", external_id=account.external_id, name=account.name)
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
    except IntegrityError:
        return Integration.of_account(vendor, account.external_id)
    return fresh


def disconnect(integration: Integration) -> None:
    """Stop the schedules, break off what runs, give the credentials back and forget them."""
    stop_imports(integration)
    give_back(integration)
    integration.disconnect()
    db.session.commit()
    security_event("integration_disconnected", vendor=integration.vendor, integration=integration.id)


def stop_imports(integration: Integration) -> None:
    for recurring_import in imports_in(integration, Schedule.ACTIVE):
        schedule.stop(recurring_import)
    for run in active_runs(integration):
        schedule.cancel(run, RunReason.DISCONNECTED)


def give_back(integration: Integration) -> None:
    """Tell the vendor. If it does not answer, or the credentials cannot be opened, they are deleted here all the same."""
    try:
        with access.asking(integration) as connector:
            connector.revoke()
    except ConnectorError as error:
        log.warning("revoke_failed", integration=integration.id, reason=error.reason)


def resume_imports(integration: Integration) -> int:
    """Start all stopped schedules of a connected vendor account again; returns how many there were."""
    stopped = imports_in(integration, Schedule.STOPPED) if integration.connected else []
    for recurring_import in stopped:
        schedule.resume(recurring_import)
    return len(stopped)


def imports_in(integration: Integration, state: Schedule) -> list[RecurringImport]:
    query = select(RecurringImport).where(
        RecurringImport.integration_id == integration.id, RecurringImport.schedule == state
    )
    return list(db.session.scalars(query.order_by(RecurringImport.id)))


def active_runs(integration: Integration) -> list[ImportRun]:
    query = (
        select(ImportRun)
        .join(RecurringImport)
        .where(RecurringImport.integration_id == integration.id, ImportRun.status.in_(ACTIVE))
    )
    return list(db.session.scalars(query))
