"""The web application."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import assets, cli, config, errors, formats, logs, row_ids, security, words
from webapp.extensions import babel, bootstrap, csrf, db, htmx, limiter, login_manager


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The app, configured from the environment; `overrides` (tests, tools) win. Raises ConfigError."""
    app = Flask(__name__)
    app.config.from_mapping(
        config.load(config.environment() | (overrides or {}).pop("ENVIRON", {})) | (overrides or {})
    )
    app.wsgi_app = ProxyFix(
        app.wsgi_app, **dict.fromkeys(("x_for", "x_proto", "x_host"), app.config["TRUSTED_PROXIES"])
    )
    # First of all: whatever else looks at a request, refuses it or explains why needs its account.
    security.init_app(app)
    row_ids.init_app(app)
    bind_extensions(app)
    register_blueprints(app)
    for part in (logs, errors, formats, words, cli):
        part.init_app(app)
    return app


def bind_extensions(app: Flask) -> None:
    config.prepare_rate_limits(app.config)
    db.init_app(app)
    babel.init_app(app, locale_selector=lambda: "pl", timezone_selector=formats.zone_name)
    for extension in (csrf, login_manager, limiter, bootstrap, htmx):
        extension.init_app(app)


def register_blueprints(app: Flask) -> None:
    from webapp import dashboard, health, imports, integrations, lists, runs, signin

    for part in (assets, signin, dashboard, integrations, imports, runs, lists, health):
        app.register_blueprint(part.bp)
