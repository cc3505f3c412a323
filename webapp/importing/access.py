"""Where integrations and connectors meet: a connector with the credentials of one vendor account."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from flask import current_app

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Access, Ask, Connector, Renew, renew_alone
from webapp.connectors.http import Http
from webapp.connectors.reasons import NEEDS_RECONNECTING, ConnectorError, Reason
from webapp.extensions import db
from webapp.importing.renewal import locked_row, opened, renewing
from webapp.logs import security_event
from webapp.models import Integration, VendorApp
from webapp.models.database import writing
from webapp.values.secrets import InvalidSecret

Keep = Callable[[Mapping[str, str]], None]


@contextmanager
def asking(integration: Integration, page_size: int | None = None) -> Iterator[Connector]:
    """A connector for a connected vendor account, with pages of this size at most (PAGE_SIZE): whoever names one wants samples.

    Ends the open transaction: none may wait for a vendor.

    Raises ConnectorError(UNAUTHORIZED) where the credentials cannot be decrypted: connecting again is the cure for both.
    An account whose credentials the vendor no longer takes needs reconnecting from then on, whoever asked.
    """
    integration_id, vendor, connected_at = integration.id, integration.vendor, integration.connected_at
    try:
        credentials, endpoints = opened(integration), endpoints_of(vendor)
        db.session.commit()
        with _network() as http:
            keep, renew = _keeper(integration_id), renewing(integration_id)
            yield _connector(vendor, http, credentials, endpoints, keep, renew, page_size)
    except ConnectorError as error:
        db.session.rollback()
        if error.reason in NEEDS_RECONNECTING:
            _lose(integration_id, error.reason, connected_at)
        raise


@contextmanager
def trying(vendor: str, credentials: Mapping[str, str]) -> Iterator[tuple[Connector, dict[str, str]]]:
    """A connector for credentials that are not stored yet, and the renewed ones that it hands out meanwhile."""
    kept: dict[str, str] = {}

    def renew(stale: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
        renewed = renew_alone(stale, ask)
        kept.update(renewed)
        return renewed

    endpoints = endpoints_of(vendor)
    db.session.commit()
    with _network() as http:
        yield _connector(vendor, http, credentials, endpoints, kept.update, renew), kept


def endpoints_of(vendor: str) -> dict[str, str]:
    """Where the vendor is, and the application that speaks to it: the account's own, else the installation's."""
    known = dict(current_app.config["ENDPOINTS"].get(vendor, {}))
    app = VendorApp.of(vendor)
    try:
        return known | (app.credentials if app else {})
    except InvalidSecret:
        raise ConnectorError(Reason.APP_REFUSED) from None


def _network() -> Http:
    config = current_app.config
    return Http(config["EGRESS_ALLOW"], **config.get("HTTP_OPTIONS", {}))


def _connector(
    vendor: str,
    http: Http,
    credentials: Mapping[str, str],
    endpoints: Mapping[str, str],
    keep: Keep,
    renew: Renew,
    page_size: int | None = None,
) -> Connector:
    most = current_app.config["PAGE_SIZE"]
    size, in_bulk = min(most, page_size or most), page_size is None
    return CONNECTORS[vendor](Access(http, credentials, keep, endpoints, size, renew, in_bulk))


def _keeper(integration_id: int) -> Keep:
    def keep(fresh: Mapping[str, str]) -> None:
        """Store renewed credentials; a row that was disconnected meanwhile takes none."""
        with writing():
            row = locked_row(integration_id)
            if row and row.connected:
                row.keep(fresh)
            db.session.commit()

    return keep


def _lose(integration_id: int, reason: Reason, connected_at: datetime | None) -> None:
    """An account that was connected again meanwhile is not lost with its old credentials."""
    with writing():
        row = locked_row(integration_id)
        if row and row.connected and row.connected_at == connected_at:
            row.lose(reason.value)
            security_event("integration_lost", vendor=row.vendor, integration=row.id, reason=reason.value)
        db.session.commit()
