"""What holds for every request: an id, a scope, and the headers that keep the browser on our side."""

import secrets

from flask import Flask, Response, g, request
from flask_login import current_user

from webapp.models.database import start_reading, start_writing
from webapp.models.scope import act_for

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Files that are the same for everybody, and may therefore be kept by the browser.
PUBLIC_ENDPOINTS = {"static", "assets.htmx", "bootstrap.static"}


def init_app(app: Flask) -> None:
    app.before_request(begin_request)
    app.after_request(add_headers)
    app.teardown_request(end_request)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def begin_request() -> None:
    g.request_id = secrets.token_hex(8)
    start_reading() if request.method in SAFE_METHODS else start_writing()
    if request.endpoint not in PUBLIC_ENDPOINTS and current_user.is_authenticated:
        act_for(current_user.account_id)


def end_request(_error: BaseException | None) -> None:
    start_writing()


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = policy()
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint not in PUBLIC_ENDPOINTS:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("HX-Request")
        response.vary.add("Cookie")
    return response


def policy() -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
