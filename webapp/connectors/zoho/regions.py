"""Zoho's data centres: where people sign in, and where their data are (vendor page, section 1).

An answer may name only these hosts, or the host of an address that the administrator has configured.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from webapp.connectors.base import Setting, Way
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

ACCOUNTS_URL = "https://accounts.zoho.{dc}"


class Region(NamedTuple):
    accounts: str
    api: str


REGIONS: Mapping[str, Region] = {
    "eu": Region("accounts.zoho.eu", "www.zohoapis.eu"),
    "com": Region("accounts.zoho.com", "www.zohoapis.com"),
    "uk": Region("accounts.zoho.uk", "www.zohoapis.uk"),
    "in": Region("accounts.zoho.in", "www.zohoapis.in"),
    "com.au": Region("accounts.zoho.com.au", "www.zohoapis.com.au"),
    "jp": Region("accounts.zoho.jp", "www.zohoapis.jp"),
    "ca": Region("accounts.zohocloud.ca", "www.zohoapis.ca"),
    "sa": Region("accounts.zoho.sa", "www.zohoapis.sa"),
    "com.cn": Region("accounts.zoho.com.cn", "www.zohoapis.com.cn"),
}
CHOICES = (
    ("eu", N_("Europe (zoho.eu)")),
    ("com", N_("United States and elsewhere (zoho.com)")),
    ("uk", N_("United Kingdom (zoho.uk)")),
    ("in", N_("India (zoho.in)")),
    ("com.au", N_("Australia (zoho.com.au)")),
    ("jp", N_("Japan (zoho.jp)")),
    ("ca", N_("Canada (zohocloud.ca)")),
    ("sa", N_("Saudi Arabia (zoho.sa)")),
    ("com.cn", N_("China (zoho.com.cn)")),
)


def clean_region(text: str) -> str:
    """One of the regions; raises ConnectorError(BAD_ADDRESS)."""
    if text not in REGIONS:
        raise ConnectorError(Reason.BAD_ADDRESS, setting="region")
    return text


def accounts_server(template: str, region: str) -> str:
    """Where people of this region sign in; Canada's address follows no rule."""
    return f"https://{REGIONS[region].accounts}" if template == ACCOUNTS_URL else template.replace("{dc}", region)


def require_accounts_server(url: str, template: str) -> str:
    """The address of an accounts server that an answer names; raises ConnectorError(FOREIGN_HOST)."""
    return _required(url, {region.accounts for region in REGIONS.values()}, template)


def require_api(url: str, template: str) -> str:
    """The address of the API that an answer names; raises ConnectorError(FOREIGN_HOST)."""
    return _required(url, {region.api for region in REGIONS.values()}, template)


def _required(url: str, hosts: set[str], template: str) -> str:
    url = url.rstrip("/")
    configured = template != ACCOUNTS_URL and _origin(url) == _origin(template)
    if not configured and url not in {f"https://{host}" for host in hosts}:
        raise ConnectorError(Reason.FOREIGN_HOST)
    return url


def _origin(url: str) -> tuple[str, str] | None:
    """Scheme, host and port; None for what is no plain address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and not parts.query and not parts.fragment
    return (parts.scheme, parts.netloc.lower()) if plain else None


SIGN_IN = Way(
    "sign_in",
    N_("Signing in at Zoho"),
    (
        Setting(
            "region",
            N_("Region"),
            N_("Where you sign in to Zoho: look at the end of the address there."),
            choices=CHOICES,
            clean=clean_region,
        ),
    ),
    (
        N_("Choose the region and press Connect."),
        N_("Sign in at Zoho with an account that may see contacts and leads, and accept what is asked for."),
    ),
    sign_in=True,
    app_steps=(
        N_(
            "Open api-console.zoho.eu (or the console of your region), press Add client, and choose Server-based Applications."
        ),
        N_("Enter any name and homepage, and the return address below as the authorised redirect URI."),
        N_("If people of other regions are to sign in, switch on their data centres in Settings (Multi-DC)."),
        N_("Copy the Client ID and the Client secret and paste them here."),
    ),
)
