"""What people type to connect a Magento shop. Values are judged before anything is dialled."""

import re
from urllib.parse import urlsplit

from webapp.connectors.base import Setting, Way
from webapp.connectors.cleaning import clean_key
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

# What follows the shop's own address when a page of it is copied from the browser.
BEHIND_THE_SHOP = re.compile(r"/(index\.php|rest|admin\w*|customer|catalog)(/.*)?$", re.IGNORECASE)
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def clean_address(text: str) -> str:
    """A shop's address as it is copied -> `https://host[:port][/folder]`; raises ConnectorError(BAD_ADDRESS)."""
    text = text.strip(" \t\u00a0")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = (parts.hostname or "").encode("idna").decode().lower(), parts.port
    except (ValueError, UnicodeError):
        raise _bad_address() from None
    strange = parts.username is not None or parts.password is not None or not re.fullmatch(r"[!-~]*", parts.path)
    if parts.scheme not in ("http", "https") or strange or not HOST.fullmatch(host) or len(text) > 500:
        raise _bad_address()
    folder = BEHIND_THE_SHOP.sub("", parts.path).rstrip("/")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{folder}"


def _bad_address() -> ConnectorError:
    return ConnectorError(Reason.BAD_ADDRESS, setting="address")


def clean_store_view(text: str) -> str:
    """The code of a store view; raises ConnectorError(BAD_ADDRESS). `all` cannot be read."""
    code = text.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", code) or code == "all":
        raise ConnectorError(Reason.BAD_ADDRESS, setting="store_view")
    return code


ADDRESS = Setting(
    "address", N_("Shop address"), N_("For example https://shop.example"), "https://", clean=clean_address
)
STORE_VIEW = Setting(
    "store_view",
    N_("Store view"),
    N_("Optional. The code of the view whose labels you want to see; empty means the default one."),
    "default",
    clean=clean_store_view,
    required=False,
)
ACCESS_TOKEN = Setting("access_token", N_("Access token"), secret=True, clean=clean_key("access_token"))

INTEGRATION_STEPS = (
    N_("In the Magento admin open System, Extensions, Integrations, and add an integration."),
    N_("On the API tab choose Customers with all that is below it, and Stores for the store views; save."),
    N_("Press Activate and then Allow. Magento shows four keys."),
)

FOUR_KEYS = Way(
    "oauth1",
    N_("Four keys of an integration"),
    (
        ADDRESS,
        Setting("consumer_key", N_("Consumer key"), clean=clean_key("consumer_key")),
        Setting("consumer_secret", N_("Consumer secret"), secret=True, clean=clean_key("consumer_secret")),
        ACCESS_TOKEN,
        Setting("access_token_secret", N_("Token secret"), secret=True, clean=clean_key("access_token_secret")),
        STORE_VIEW,
    ),
    (*INTEGRATION_STEPS, N_("Copy all four of them and paste them here.")),
)
BEARER = Way(
    "bearer",
    N_("Access token alone"),
    (ADDRESS, ACCESS_TOKEN, STORE_VIEW),
    (
        *INTEGRATION_STEPS,
        N_("Copy the access token and paste it here."),
        N_(
            "In Stores, Configuration, Services, OAuth allow access tokens to be used as standalone Bearer tokens. "
            "It is off by default; without it connect with the four keys."
        ),
    ),
)
