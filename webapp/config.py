"""Settings from the environment (or `.env`), typed, and checked before anything starts."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigError(Exception):
    """Says every fault of the settings at once, a sentence each, in Polish: the administrator reads it before any page exists."""

    def __init__(self, faults: list[str]):
        super().__init__("\n".join(faults))
        self.faults = faults


class Reader:
    """Reads typed values and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]):
        self.environ, self.faults = environ, []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true", "yes", "tak"}

    def number(self, name: str, default: float, low: float, high: float, kind: type = int) -> Any:
        raw = self.text(name, str(default))
        try:
            value = kind(raw)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            self.faults.append(f"{name} musi być liczbą od {low} do {high}, a jest: {raw}.")
            return default
        return value

    def secret(self, name: str) -> str:
        value = self.text(name)
        if len(value) < 32:
            self.faults.append(f"{name} jest pusty albo krótszy niż 32 znaki. Utwórz klucze poleceniem bin/run --init.")
        return value

    def key_ring(self, name: str) -> str:
        value = self.text(name)
        if not value or not all(is_key(entry) for entry in value.split(",")):
            self.faults.append(
                f"{name} musi mieć postać nazwa:klucz, z kluczem 32 bajtów w base64. Utwórz go poleceniem bin/run --init."
            )
        return value

    def address(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            self.faults.append(f"{name} musi być adresem http:// albo https://, a jest: {value}.")
        elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
            self.faults.append(
                f"{name} musi zaczynać się od https://, bo aplikacja jest dostępna spoza tego komputera."
            )
        return value

    def mail(self, name: str) -> str:
        value = self.text(name)
        if value and (urlsplit(value).scheme not in {"smtp", "smtps"} or not urlsplit(value).hostname):
            self.faults.append(f"{name} musi mieć postać smtp://użytkownik:hasło@serwer:587 albo smtps://…:465.")
        return value


def is_key(entry: str) -> bool:
    name, _, key = entry.strip().partition(":")
    try:
        return bool(name) and len(base64.b64decode(key, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def environment() -> dict[str, str]:
    """The process environment over `.env`; an empty variable counts as unset."""
    stored = {key: value or "" for key, value in dotenv_values(ROOT / ".env").items()}
    return stored | {key: value for key, value in os.environ.items() if value}


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """Settings for Flask's config; raises ConfigError with all faults."""
    read = Reader(environ)
    data = Path(read.text("DATA_DIR", str(ROOT / "data"))).resolve()
    port = read.number("PORT", 8000, 1, 65535)
    config = {
        "DEMO": read.flag("DEMO"),
        "DATA_DIR": data,
        "PORT": port,
        "SECRET_KEY": read.secret("SECRET_KEY"),
        "CREDENTIAL_KEYS": read.key_ring("CREDENTIAL_KEYS"),
        "ERASURE_KEY": read.secret("ERASURE_KEY"),
        "SQLALCHEMY_DATABASE_URI": database_url(read.text("DATABASE_URL"), data),
        "REDIS_URL": read.text("REDIS_URL", f"unix://{data}/redis/redis.sock"),
        "EXTERNAL_URL": read.address("EXTERNAL_URL", f"http://127.0.0.1:{port}"),
        "SMTP_URL": read.mail("SMTP_URL"),
        "IMPORT_CAP": read.number("IMPORT_CAP", 10_000, 1, 10_000_000),
        "PAGE_SIZE": read.number("PAGE_SIZE", 2000, 1, 2000),
        "TICK_SECONDS": read.number("TICK_SECONDS", 60, 1, 600),
        "LEASE_SECONDS": read.number("LEASE_SECONDS", 120, 1, 3600),
        "BACKOFF_SECONDS": read.number("BACKOFF_SECONDS", 60, 0.01, 3600, float),
        "EGRESS_ALLOW": frozenset(entry.strip() for entry in read.text("EGRESS_ALLOW").split(",") if entry.strip()),
        "ENDPOINTS": endpoints(read),
        "DEMO_CREDENTIALS": read.text("DEMO_CREDENTIALS"),
        "DEMO_SANDBOX": read.text("DEMO_SANDBOX"),
        "TRUSTED_PROXIES": read.number("TRUSTED_PROXIES", 0, 0, 5),
    }
    if read.faults:
        raise ConfigError(read.faults)
    return config | flask_settings(config)


def database_url(given: str, data: Path) -> str:
    if given.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + given.split("://", 1)[1]
    return given or f"sqlite:///{data}/doplyw.sqlite3"


def endpoints(read: Reader) -> dict[str, dict[str, str]]:
    """Where each vendor is, and which application of this installation speaks to it."""
    return {
        "shopify": {
            "base_url": read.text("SHOPIFY_BASE_URL", "https://{shop}.myshopify.com"),
            **application(read, "SHOPIFY"),
        },
        "bigcommerce": {
            "base_url": read.text("BIGCOMMERCE_BASE_URL", "https://api.bigcommerce.com/stores/{store_hash}")
        },
        "zoho": {
            "accounts_url": read.text("ZOHO_ACCOUNTS_URL", "https://accounts.zoho.{dc}"),
            "api_url": read.text("ZOHO_API_URL"),
            **application(read, "ZOHO"),
        },
        "salesforce": {
            "login_url": read.text("SALESFORCE_LOGIN_URL", "https://{login_host}"),
            **application(read, "SALESFORCE"),
        },
    }


def application(read: Reader, vendor: str) -> dict[str, str]:
    """The installation's own application at a vendor, where it has one."""
    return {key: read.text(f"{vendor}_{key.upper()}") for key in ("client_id", "client_secret")}


def flask_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    secure = config["EXTERNAL_URL"].startswith("https://")
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        "WTF_CSRF_TIME_LIMIT": None,
        # Connections that the database has closed meanwhile are found out before they are used.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "json_deserializer": msgspec.json.decode},
        "BOOTSTRAP_SERVE_LOCAL": True,
        "BABEL_DEFAULT_LOCALE": "pl",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Warsaw",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
    }


def prepare_rate_limits(config: dict[str, Any]) -> None:
    """Counters live in Redis, but a Redis that hangs must cost a request half a second once, not ten seconds each time."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    url = config["REDIS_URL"]
    config.setdefault("RATELIMIT_STORAGE_URI", url.replace("unix://", "redis+unix://", 1))
    config.setdefault(
        "RATELIMIT_STORAGE_OPTIONS",
        {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
    )
