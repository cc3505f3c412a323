"""The page of an account's own application at a vendor: entered once by an owner, so that everybody else only signs in."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Way
from webapp.extensions import db
from webapp.integrations.forms import APP, connect_form, credentials_of
from webapp.integrations.routes import bp
from webapp.integrations.signing_in import return_address
from webapp.logs import security_event
from webapp.models import Role, VendorApp
from webapp.values.secrets import InvalidSecret


@bp.get("/<vendor>/aplikacja")
@login_required
def app(vendor: str) -> str:
    way, known = sign_in_way_or_404(vendor), VendorApp.of(vendor)
    return show_app(vendor, way, connect_form(CONNECTORS[vendor], APP, "app", shown(known)))


@bp.post("/<vendor>/aplikacja")
@login_required
def save_app(vendor: str) -> tuple[str, int] | Response:
    way = sign_in_way_or_404(vendor)
    form = connect_form(CONNECTORS[vendor], APP, "app")
    if not form.validate():
        return show_app(vendor, way, form), 422
    keep(vendor, credentials_of(form, APP))
    flash(_("The application is saved. Now press Connect and sign in."), "success")
    return redirect(url_for(".index", aplikacja=vendor, polacz=request.args.get("polacz")), 303)


@bp.post("/<vendor>/aplikacja/usuniecie")
@login_required
def forget_app(vendor: str) -> Response:
    sign_in_way_or_404(vendor)
    known = VendorApp.of(vendor)
    if known:
        db.session.delete(known)
        db.session.commit()
        security_event("vendor_app_deleted", vendor=vendor)
    flash(
        _("The application is deleted. Accounts that were connected with it will have to be connected again."),
        "success",
    )
    return redirect(url_for(".index", aplikacja=vendor), 303)


def sign_in_way_or_404(vendor: str) -> Way:
    """The way of signing in at this vendor; its application is the owners' affair."""
    ways = CONNECTORS[vendor].ways if vendor in CONNECTORS else ()
    way = next((way for way in ways if way.sign_in), None) or abort(404)
    if current_user.role is not Role.OWNER:
        abort(403)
    return way


def show_app(vendor: str, way: Way, form: object) -> str:
    return render_template(
        "integrations/app.html",
        connector=CONNECTORS[vendor],
        way=way,
        form=form,
        return_address=return_address(vendor),
        known=VendorApp.of(vendor),
    )


def shown(known: VendorApp | None) -> dict[str, str]:
    """What the form says already; keys that can no longer be opened are asked for anew."""
    try:
        return known.credentials if known else {}
    except InvalidSecret:
        return {}


def keep(vendor: str, keys: dict[str, str]) -> None:
    row = VendorApp.of(vendor) or VendorApp(vendor=vendor)
    db.session.add(row)
    db.session.flush()
    row.keep(keys)
    db.session.commit()
    security_event("vendor_app_saved", vendor=vendor)
