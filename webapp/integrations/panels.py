"""How much of an application is open on the page: nothing, its accounts, a connect form, an offer to resume."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, request
from flask_wtf import FlaskForm

from webapp.connectors.base import Way
from webapp.integrations.applications import Application, applications
from webapp.integrations.demo import credentials_to_paste
from webapp.integrations.forms import connect_form
from webapp.integrations.signing_in import has_app
from webapp.models import Integration, IntegrationState
from webapp.values.secrets import InvalidSecret

ANOTHER = "nowe"


@dataclass(frozen=True)
class Connecting:
    """An open connect form; `integration` is the account that it connects again, None where it adds one.

    `ways` are those that can be chosen; `needs_app` says that nobody can sign in before an application is entered.
    """

    way: Way
    form: FlaskForm
    integration: Integration | None
    to_paste: list[tuple[str, str]]
    ways: list[Way]
    needs_app: bool = False

    @property
    def target(self) -> str:
        return str(self.integration.id) if self.integration else ANOTHER


@dataclass(frozen=True)
class Panel:
    """One application and what is open below it. `offer` is the account whose imports may be resumed now."""

    application: Application
    expanded: bool = False
    connecting: Connecting | None = None
    offer: int | None = None


def panels() -> list[Panel]:
    """Every row of the page, open as the address asks."""
    opened = request.args.get("aplikacja")
    shown = applications(request.args.get("szukaj", ""))
    return [open_panel(one) if one.key == opened else Panel(one) for one in shown]


def panels_around(panel: Panel) -> list[Panel]:
    """Every row of the page, this one as it is and the others closed."""
    return [panel if one.key == panel.application.key else Panel(one) for one in applications()]


def open_panel(application: Application, target: str | None = None) -> Panel:
    connecting = open_form(application, target or request.args.get("polacz") or default_target(application))
    return Panel(application, True, connecting, request.args.get("wznow", type=int))


def default_target(application: Application) -> str | None:
    """Which connect form stands open unasked: the lost account's, or the first one's; None when nothing is missing."""
    for connection in application.connections:
        if connection.integration.state is IntegrationState.NEEDS_RECONNECTING:
            return str(connection.integration.id)
    return None if application.connections else ANOTHER


def open_form(application: Application, target: str | None) -> Connecting | None:
    """The connect form for another account or for one of the application's; 404 for one that it does not have."""
    if target is None:
        return None
    integration = None if target == ANOTHER else account_or_404(application, target)
    ways = offered_ways(application)
    way = chosen_way(ways, integration)
    known = {**settings_of(integration), **request.args.to_dict()}
    form = connect_form(application.connector, way, f"connect-{application.key}", known)
    if asked_for() and way.settings:
        form[way.settings[0].name].render_kw["autofocus"] = True
    needs_app = way.sign_in and not has_app(application.key)
    return Connecting(way, form, integration, credentials_to_paste(application.key, way), ways, needs_app)


def offered_ways(application: Application) -> list[Way]:
    """All ways that can be gone now; signing in only where there is an application for it, or where nothing else is left."""
    ways = application.connector.ways
    ready = [way for way in ways if not way.sign_in or has_app(application.key)]
    return ready or list(ways)


def asked_for() -> bool:
    """Whether the form is there because somebody pressed a button for it, and may take the focus."""
    return "polacz" in request.args and "sposob" not in request.args


def account_or_404(application: Application, target: str) -> Integration:
    for connection in application.connections:
        if str(connection.integration.id) == target:
            return connection.integration
    abort(404)


def chosen_way(ways: list[Way], integration: Integration | None) -> Way:
    """The way that was asked for, else the one that the account was connected in, else the first."""
    by_key = {way.key: way for way in ways}
    usual = integration.way if integration else ""
    return by_key.get(request.args.get("sposob", usual)) or ways[0]


def settings_of(integration: Integration | None) -> Mapping[str, str]:
    """What is stored for an account; nothing where its credentials are gone or cannot be opened any more."""
    try:
        return integration.credentials if integration else {}
    except InvalidSecret:
        return {}
