"""What the Integracje page shows: a row for each application, with everything below it, in three queries."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from flask import abort
from sqlalchemy import select

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Connector
from webapp.extensions import db
from webapp.formats import day
from webapp.models import ImportRun, Integration, IntegrationState, RecurringImport, Schedule
from webapp.models.database import now
from webapp.models.import_run import latest_runs
from webapp.models.recurring_import import imports_of_account
from webapp.values.text import search_key


class ApplicationState(StrEnum):
    NOT_CONNECTED = "not_connected"
    CONNECTED = "connected"
    IMPORTING = "importing"
    NEEDS_RECONNECTING = "needs_reconnecting"


@dataclass(frozen=True)
class Row:
    """A recurring import and its latest run."""

    recurring_import: RecurringImport
    run: ImportRun | None

    @property
    def moves(self) -> bool:
        return self.run is not None and self.run.moves


@dataclass(frozen=True)
class Connection:
    """A vendor account, connected now or before, with its recurring imports."""

    integration: Integration
    rows: list[Row]

    @property
    def stopped(self) -> int:
        return sum(row.recurring_import.schedule is Schedule.STOPPED for row in self.rows)

    @property
    def running(self) -> int:
        return sum(row.run is not None and row.run.is_active for row in self.rows)

    @property
    def sign(self) -> str:
        """Another text as soon as the table of imports would look different; what a run counts does not belong to it."""
        return digest([(str(self.integration.state), day(now())), *(_look(row) for row in self.rows)])


@dataclass(frozen=True)
class Application:
    """One row of the page."""

    key: str
    label: str
    tagline: str
    connector: type[Connector]
    connections: list[Connection] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for connection in self.connections for row in connection.rows]

    @property
    def accounts(self) -> list[str]:
        """Names of the vendor accounts, without those that were disconnected."""
        return [
            one.integration.name
            for one in self.connections
            if one.integration.state is not IntegrationState.DISCONNECTED
        ]

    @property
    def list_count(self) -> int:
        return len({row.recurring_import.list_id for row in self.rows})

    @property
    def state(self) -> ApplicationState:
        states = {connection.integration.state for connection in self.connections}
        if IntegrationState.NEEDS_RECONNECTING in states:
            return ApplicationState.NEEDS_RECONNECTING
        if any(row.moves for row in self.rows):
            return ApplicationState.IMPORTING
        return ApplicationState.CONNECTED if IntegrationState.CONNECTED in states else ApplicationState.NOT_CONNECTED

    def matches(self, search: str) -> bool:
        return search_key(search) in search_key(" ".join([self.label, *self.accounts]), limit=10_000)


def applications(search: str = "") -> list[Application]:
    """All applications in the page's order, or those whose name or connected account contains the text."""
    connections = connections_by_vendor()
    known = [_connectable(key, connections.get(key, {})) for key in CONNECTORS]
    return [application for application in known if application.matches(search)]


def get_application_or_404(vendor: str) -> Application:
    """An application that can be connected; 404 for any other key."""
    if vendor not in CONNECTORS:
        abort(404)
    return _connectable(vendor, connections_by_vendor().get(vendor, {}))


def connection_of(integration: Integration) -> Connection:
    """One vendor account with its recurring imports."""
    return connections_by_vendor()[integration.vendor][integration.id]


def connections_by_vendor() -> dict[str, dict[int, Connection]]:
    rows = rows_by_integration()
    found: dict[str, dict[int, Connection]] = {}
    for integration in db.session.scalars(select(Integration).order_by(Integration.id)):
        connection = Connection(integration, rows.get(integration.id, []))
        found.setdefault(integration.vendor, {})[integration.id] = connection
    return found


def rows_by_integration() -> dict[int, list[Row]]:
    runs = latest_runs()
    rows: dict[int, list[Row]] = {}
    for recurring_import in imports_of_account():
        row = Row(recurring_import, runs.get(recurring_import.id))
        rows.setdefault(recurring_import.integration_id, []).append(row)
    return rows


def digest(parts: Iterable[object]) -> str:
    return hashlib.sha256(repr(list(parts)).encode()).hexdigest()[:16]


def _connectable(key: str, connections: dict[int, Connection]) -> Application:
    connector = CONNECTORS[key]
    return Application(key, connector.label, connector.tagline, connector, list(connections.values()))


def _look(row: Row) -> tuple[object, ...]:
    recurring_import, run = row.recurring_import, row.run
    return (
        recurring_import.id,
        recurring_import.schedule.value,
        recurring_import.next_slot and recurring_import.next_slot.isoformat(),
        run and (run.id, run.status.value),
    )
