"""An app on a fresh database, people signed in to it, and vendors that answer from the sandbox in this process."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from sandbox import Options
from sandbox import create_app as create_sandbox
from tests import factories
from tests.postgres import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.vendors import Vendors
from webapp import create_app
from webapp.extensions import db
from webapp.importing.reading import Reading
from webapp.models.scope import acting_for

ENVIRON = {
    "SECRET_KEY": "test-" * 8,
    "ERASURE_KEY": "erase-" * 8,
    "CREDENTIAL_KEYS": "k1:" + base64.b64encode(b"k" * 32).decode(),
    "SHOPIFY_BASE_URL": "http://vendors.example/shopify/{shop}",
    "BIGCOMMERCE_BASE_URL": "http://vendors.example/bigcommerce/{store_hash}",
    "ZOHO_ACCOUNTS_URL": "http://vendors.example/zoho/accounts-{dc}",
    "SALESFORCE_LOGIN_URL": "http://vendors.example/salesforce/{login_host}",
    "EGRESS_ALLOW": "vendors.example:80",
    "BACKOFF_SECONDS": "0.01",
    "DATABASE_URL": "",
    "REDIS_URL": "unix:///nonexistent/redis.sock",
    "DEMO": "",
}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app({"ENVIRON": ENVIRON | {"DATA_DIR": str(folder)}})
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return folder / "doplyw.sqlite3"


@pytest.fixture
def together(request: pytest.FixtureRequest) -> int:
    """How many people are written at once. The sandbox answers at once, as no vendor does: a page at a time unless a test says otherwise."""
    return getattr(request, "param", 1)


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch, together: int) -> Vendors:
    """The sandbox; `send` is what the application's requests go through instead of the network."""
    monkeypatch.setattr(Reading, "together", together)
    return Vendors(Client(create_sandbox(Options(people=120))))


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The DATABASE_URL: SQLite unless the test is marked with `on_both_databases`."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return prepared(request.getfixturevalue("postgres_url"))
    shutil.copy(request.getfixturevalue("empty_database"), tmp_path / "doplyw.sqlite3")
    return ""


def prepared(url: str) -> str:
    with create_app({"ENVIRON": ENVIRON | {"DATABASE_URL": url}}).app_context():
        db.create_all()
        db.engine.dispose()
    return url


@pytest.fixture
def settings(tmp_path: Path, database: str) -> dict[str, str]:
    """The environment of the app under test; a test may change it before it asks for `app`."""
    return ENVIRON | {"DATA_DIR": str(tmp_path), "DATABASE_URL": database}


@pytest.fixture
def app(settings: dict[str, str], vendors: Vendors) -> Iterator[Flask]:
    options = {"send": vendors.send, "sleep": lambda seconds: None}
    app = create_app({"ENVIRON": settings, "TESTING": True, "HTTP_OPTIONS": options, "RATELIMIT_ENABLED": False})
    app.test_client_class = Browser
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def account(app: Flask) -> Iterator[Any]:
    """Account A; queries of the test itself run for it."""
    account = factories.make_account("Sklep Bukowina", "owner@example.com")
    with acting_for(account.id):
        yield account


@pytest.fixture
def foreign(account: Any) -> Any:
    """Account B, which has nothing to do with A."""
    return factories.make_account("Obcy sklep", "stranger@example.com")


@pytest.fixture
def client(app: Flask, account: Any) -> FlaskClient:
    """A browser in which the owner of account A is signed in. CSRF is the crawler's business."""
    return sign_in(app, "owner@example.com")


@pytest.fixture
def stranger(app: Flask, foreign: Any) -> FlaskClient:
    """A browser in which the owner of account B is signed in."""
    return sign_in(app, "stranger@example.com")


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


class Browser(FlaskClient):
    """Each request in an app context of its own, as on a server: nothing carries over from the test or another request."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()
        with self.application.app_context():
            return super().open(*args, **kwargs)


def sign_in(app: Flask, email: str) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    answer = browser.post("/logowanie", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return browser
