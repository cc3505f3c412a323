"""Pages for what went wrong: in Polish, with the right status, and with a way back."""

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from webapp.extensions import db, login_manager
from webapp.logs import log, security_event


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(Exception, our_fault)
    login_manager.unauthorized_handler(signed_out)


def page(status: int, title: str, advice: str) -> tuple[str, int]:
    """A fault of ours is shown without the parts of a page that ask the database: it may be what fails."""
    bare = status >= 500
    if bare:
        # Flask-Login gives every template the person who is signed in, and would look for them once more.
        g._login_user = login_manager.anonymous_user()
    return render_template("errors/error.html", status=status, title=title, advice=advice, bare=bare), status


def http_error(error: HTTPException) -> tuple[str, int]:
    titles = {
        400: (_("We did not understand this request"), _("Go back and try once more.")),
        403: (_("You may not do this"), _("Ask the owner of the account for permission.")),
        404: (_("There is no such page"), _("The address is wrong, or what was here has been deleted.")),
        405: (_("There is no such page"), _("The address is wrong, or what was here has been deleted.")),
        413: (_("This is too large"), _("Send less at once.")),
        429: (_("Too many attempts"), _("Wait a minute and try again.")),
    }
    code = error.code or 500
    title, advice = titles.get(code, titles[400] if code < 500 else fault_text())
    if code == 429:
        security_event("rate_limit", path=request.path)
    body, status = page(code, title, advice)
    return error_response(body, status, error)


def error_response(body: str, status: int, error: HTTPException) -> Response:
    response = make_response(body, status)
    retry = [(name, value) for name, value in error.get_headers() if name in {"Retry-After", "Allow"}]
    response.headers.extend(retry)
    return response


def stale_form(error: CSRFError) -> Response:
    """The form is older than the session: htmx loads the page anew, a browser is told what to do."""
    security_event("csrf", path=request.path)
    if request.htmx:
        return make_response("", 400, {"HX-Refresh": "true"})
    return make_response(
        *page(400, _("This form has expired"), _("Go back, refresh the page and send the form again."))
    )


def database_away(error: OperationalError) -> tuple[str, int]:
    db.session.rollback()
    log.error("database_away", request_id=g.get("request_id"), kind=type(error.orig).__name__)
    return page(503, _("The database does not answer"), _("Nothing was changed. Try again in a minute."))


def our_fault(error: Exception) -> tuple[str, int]:
    db.session.rollback()
    log.error("unhandled", request_id=g.get("request_id"), exc_info=error)
    return page(500, *fault_text())


def fault_text() -> tuple[str, str]:
    advice = _(
        "The fault is ours and has been noted under the number %(number)s. Try again in a minute.",
        number=g.get("request_id", "–"),
    )
    return _("Something went wrong"), advice


def signed_out() -> Response:
    """To the sign-in page, and back afterwards. A fragment cannot hold that page, so htmx is told to go there."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not request.htmx else None
    target = url_for("signin.new", next=back)
    if request.htmx:
        return make_response("", 401, {"HX-Redirect": target})
    return make_response("", 302, {"Location": target})
