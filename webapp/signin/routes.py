"""A session is a row that can be deleted; the cookie only carries its token."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_required, login_user, logout_user
from sqlalchemy import delete
from werkzeug.wrappers import Response

from webapp.extensions import db, limiter, login_manager
from webapp.logs import security_event
from webapp.models import User, UserSession
from webapp.models.database import now, writing
from webapp.models.scope import everyone
from webapp.signin.forms import SignInForm

bp = Blueprint("signin", __name__)

# What a page asks by itself while nobody sits in front of it is no sign that somebody does.
POLLED = {"runs.progress", "integrations.state", "integrations.imports"}


@login_manager.user_loader
def load_user(token: str) -> User | None:
    with everyone():
        found = UserSession.find(token)
        if found is None:
            return None
        if found.needs_touch and request.endpoint not in POLLED:
            touch(found)
        found.user.session_token = token
        return found.user


def touch(found: UserSession) -> None:
    """Note that the session is in use, in a transaction of its own: the request may be one that only reads."""
    db.session.commit()
    with writing():
        found.seen_at = now()
        db.session.commit()


def address_and_client() -> str:
    return f"{request.form.get('email', '').strip().lower()}|{get_remote_address()}"


@bp.get("/logowanie")
def new() -> str | Response:
    if current_user.is_authenticated:
        return redirect(url_for("dashboard.show"))
    return show_form(SignInForm())


@bp.post("/logowanie")
@limiter.limit("20 per minute")
@limiter.limit("5 per minute", key_func=address_and_client)
def create() -> tuple[str, int] | Response:
    form = SignInForm()
    user = check(form) if form.validate_on_submit() else None
    if user is None:
        return show_form(form), 422
    start(user, form.remember.data)
    return redirect(safe_next(request.args.get("next", "")))


def check(form: SignInForm) -> User | None:
    with everyone():
        user = User.authenticate(form.email.data, form.password.data)
        db.session.commit()
    security_event("sign_in" if user else "sign_in_refused", user=user and user.id)
    if user is None:
        form.password.errors = [_("The email address or the password is wrong. Check both and try again.")]
    return user


def start(user: User, remember: bool) -> None:
    session.clear()
    with everyone():
        user.session_token = UserSession.start(user, remember)
        db.session.commit()
    session.permanent = remember
    login_user(user)


def show_form(form: SignInForm) -> str:
    return render_template("signin/new.html", form=form, demo=current_app.config["DEMO"])


@bp.post("/wyloguj")
@login_required
def destroy() -> Response:
    with everyone():
        found = UserSession.find(current_user.get_id())
        db.session.execute(delete(UserSession).where(UserSession.id == found.id))
        db.session.commit()
    security_event("sign_out", user=current_user.id)
    logout_user()
    session.clear()
    return redirect(url_for("signin.new"))


def safe_next(target: str) -> str:
    """The page that was asked for, if it is one of ours; never another site."""
    plain = (
        target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and "\\" not in target
    )
    return target if plain else url_for("dashboard.show")
