"""The page Integracje, the parts of it that are loaded alone, connecting and disconnecting."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from webapp.connectors.reasons import ConnectorError, Reason
from webapp.extensions import db, limiter
from webapp.integrations import connecting as accounts
from webapp.integrations import signing_in
from webapp.integrations.applications import Application, connection_of, get_application_or_404
from webapp.integrations.forms import credentials_of, show_refusal
from webapp.integrations.panels import (
    ANOTHER,
    Connecting,
    Panel,
    default_target,
    open_form,
    open_panel,
    panels,
    panels_around,
)
from webapp.models import Integration
from webapp.models.database import writing
from webapp.words import reason_text

bp = Blueprint("integrations", __name__, url_prefix="/integracje")


def acting_account() -> str:
    return f"account-{current_user.account_id}" if current_user.is_authenticated else get_remote_address()


@bp.get("")
@login_required
def index() -> str:
    return show_page(panels())


@bp.get("/<vendor>")
@login_required
def show(vendor: str) -> str | Response:
    """One application, open or (zwin=1) closed, to take the place of its row."""
    if not request.htmx:
        return redirect(url_for(".index", aplikacja=vendor))
    application = get_application_or_404(vendor)
    panel = Panel(application) if "zwin" in request.args else open_panel(application)
    return render_template("integrations/_application.html", panel=panel)


@bp.get("/<vendor>/stan")
@login_required
def state(vendor: str) -> str | tuple[str, int] | Response:
    application = get_application_or_404(vendor)
    return fresh(application.state, "integrations/_state.html", application=application)


@bp.get("/<int:integration_id>/importy")
@login_required
def imports(integration_id: int) -> str | tuple[str, int] | Response:
    connection = connection_of(db.get_or_404(Integration, integration_id))
    return fresh(connection.sign, "integrations/_imports.html", connection=connection)


@bp.get("/<vendor>/polaczenia")
@login_required
def connect_again(vendor: str) -> Response:
    """The address of a refused form, opened anew."""
    return redirect(url_for(".index", aplikacja=vendor, polacz=ANOTHER))


@bp.post("/<vendor>/polaczenia")
@login_required
@limiter.limit("30 per hour", key_func=acting_account)
def connect(vendor: str) -> tuple[str, int] | Response:
    application = get_application_or_404(vendor)
    connecting = open_form(application, request.args.get("polacz", ANOTHER))
    if connecting.needs_app:
        return redirect(url_for(".app", vendor=vendor), 303)
    answer = attempt(application, connecting)
    return answer or (show_page(panels_around(Panel(application, True, connecting))), 422)


@bp.get("/<vendor>/powrot")
@login_required
@limiter.limit("30 per hour", key_func=acting_account)
def signed_in(vendor: str) -> tuple[str, int] | Response:
    """Where a vendor sends the browser back to. What it brings leaves the address bar at once."""
    application = get_application_or_404(vendor)
    try:
        with writing():
            return redirect(after_connecting(signing_in.finish(vendor, request.args.to_dict())), 303)
    except signing_in.UnknownAttempt:
        return not_ours(application, _("This sign-in is no longer valid. Press Connect and sign in once more."))
    except ConnectorError as error:
        if error.reason in (Reason.FOREIGN_HOST, Reason.FORGED_ANSWER):
            return not_ours(application, reason_text(error.reason, vendor))
        flash(reason_text(error.reason, vendor), "danger")
    except accounts.OtherAccount as error:
        flash(other_account(error.name, error.expected), "danger")
    return redirect(url_for(".index", aplikacja=vendor), 303)


@bp.get("/<int:integration_id>/rozlaczenie")
@login_required
def confirm_disconnection(integration_id: int) -> str:
    connection = connection_of(db.get_or_404(Integration, integration_id))
    return render_template("integrations/disconnection.html", connection=connection)


@bp.post("/<int:integration_id>/rozlaczenie")
@login_required
def disconnect(integration_id: int) -> Response:
    integration = db.get_or_404(Integration, integration_id)
    accounts.disconnect(integration)
    flash(_("%(name)s is disconnected. Contacts, history and settings stay.", name=integration.name), "success")
    return redirect(url_for(".index", aplikacja=integration.vendor), 303)


@bp.post("/<int:integration_id>/wznowienie")
@login_required
def resume(integration_id: int) -> Response:
    integration = db.get_or_404(Integration, integration_id)
    resumed = accounts.resume_imports(integration)
    flash(ngettext("%(num)s import was resumed.", "%(num)s imports were resumed.", resumed), "success")
    return redirect(url_for(".index", aplikacja=integration.vendor), 303)


def show_page(shown: list[Panel]) -> str:
    return render_template("integrations/index.html", panels=shown, search=request.args.get("szukaj", ""))


def fresh(sign: str, template: str, **context: Any) -> str | tuple[str, int] | Response:
    """A part that asks for itself from time to time: nothing, so that nothing moves, while it would look the same."""
    if not request.htmx:
        return redirect(url_for(".index"))
    if request.args.get("znak") == sign:
        return "", 204
    return render_template(template, **context)


def not_ours(application: Application, sentence: str) -> tuple[str, int]:
    """An answer that is not the vendor's, or not for this browser: nothing is done with it, and the form stands open again."""
    panel = open_panel(application, default_target(application) or ANOTHER)
    panel.connecting.form.form_errors.append(sentence)
    return show_page(panels_around(panel)), 400


def attempt(application: Application, connecting: Connecting) -> str | Response | None:
    """Connect with what the form holds, or say in the form why not. Who must sign in at the vendor is sent there."""
    form, way, again = connecting.form, connecting.way, connecting.integration
    if not form.validate():
        return None
    try:
        if way.sign_in:
            target = signing_in.begin(application.key, way, credentials_of(form, way), again)
            return render_template("integrations/leaving.html", application=application, target=target)
        return redirect(after_connecting(accounts.connect(application.key, way, credentials_of(form, way), again)), 303)
    except ConnectorError as error:
        show_refusal(form, application.connector, error)
    except accounts.OtherAccount as error:
        form.form_errors.append(other_account(error.name, error.expected))
    return None


def other_account(name: str, expected: str) -> str:
    return _(
        "These credentials open %(name)s. Enter those of %(expected)s, or connect another account.",
        name=name,
        expected=expected,
    )


def after_connecting(integration: Integration) -> str:
    """The next page, and what to say there: a new account is configured, a known one is found as it was."""
    if not connection_of(integration).rows:
        flash(_("%(name)s is connected. Now say which people to import.", name=integration.name), "success")
        return url_for("imports.new", integration_id=integration.id)
    flash(_("%(name)s is connected again, with its imports and their settings.", name=integration.name), "success")
    return url_for(".index", aplikacja=integration.vendor, wznow=integration.id)
