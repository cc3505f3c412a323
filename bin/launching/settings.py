"""Settings for every process: from the environment and `.env`, or, where there are none, those of the demo."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from launching import ROOT, CannotStart

ENV_FILE = ROOT / ".env"
DEMO_KEYS = "demo.env"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def load(environ: Mapping[str, str] = os.environ, env_file: Path = ENV_FILE) -> dict[str, str]:
    """The settings as texts; the data folder exists afterwards. An empty variable counts as unset."""
    given = read(env_file) | {name: value for name, value in environ.items() if value}
    demo = not env_file.exists() and "SECRET_KEY" not in given
    given.setdefault("DATA_DIR", str(ROOT / "data" / "demo" if demo else ROOT / "data"))
    given.setdefault("PORT", "8000")
    data = Path(given["DATA_DIR"])
    prepare_folder(data)
    if demo:
        return demo_settings(data, given["PORT"]) | given
    if (data / DEMO_KEYS).exists() and "DEMO" not in given:
        raise CannotStart(f"Folder {data} należy do wersji demonstracyjnej. Podaj inny w ustawieniu DATA_DIR.")
    return given


def read(file: Path) -> dict[str, str]:
    return {name: value for name, value in dotenv_values(file).items() if value}


def prepare_folder(folder: Path) -> None:
    try:
        (folder / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"Nie można pisać w folderze danych {folder}: {error.strerror}.") from None


def demo_settings(data: Path, port: str) -> dict[str, str]:
    """The demo's keys are made once, so that its data can be read after a restart."""
    if not (data / DEMO_KEYS).exists():
        write(data / DEMO_KEYS, fresh_keys())
    return read(data / DEMO_KEYS) | {
        "DEMO": "1",
        "EXTERNAL_URL": f"http://127.0.0.1:{port}",
        "DEMO_CREDENTIALS": str(ROOT / "sandbox" / "credentials.json"),
    }


def sandbox_settings(port: int) -> dict[str, str]:
    """Where the vendors are while the sandbox stands in for them."""
    sandbox = f"http://127.0.0.1:{port}"
    return {
        "DEMO_SANDBOX": sandbox,
        "SHOPIFY_BASE_URL": f"{sandbox}/shopify/{{shop}}",
        "BIGCOMMERCE_BASE_URL": f"{sandbox}/bigcommerce/{{store_hash}}",
        "ZOHO_ACCOUNTS_URL": f"{sandbox}/zoho/accounts-{{dc}}",
        "ZOHO_CLIENT_ID": "1000.DEMO-DOPLYW",
        "ZOHO_CLIENT_SECRET": "demo-secret-zoho",
        "SALESFORCE_LOGIN_URL": f"{sandbox}/salesforce/{{login_host}}",
        "SALESFORCE_CLIENT_ID": "3MVG9.demo-doplyw",
        "SALESFORCE_CLIENT_SECRET": "demo-secret-salesforce",
        "EGRESS_ALLOW": f"127.0.0.1:{port}",
    }


def installation_settings(external_url: str) -> dict[str, str]:
    """What `.env` of a new installation says."""
    proxies = "0" if urlsplit(external_url).hostname in LOOPBACK else "1"
    return {"EXTERNAL_URL": external_url, "TRUSTED_PROXIES": proxies} | fresh_keys()


def fresh_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ERASURE_KEY": secrets.token_urlsafe(48),
        "CREDENTIAL_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }


def write(file: Path, values: Mapping[str, str]) -> None:
    """Create the file, readable by its owner only; raises FileExistsError."""
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with open(handle, "w", encoding="utf-8") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in values.items())
