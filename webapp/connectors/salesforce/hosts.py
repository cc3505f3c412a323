"""Where people sign in, and which hosts an answer may name (vendor page, section 1)."""

import re
from urllib.parse import urlsplit

from webapp.connectors.base import Setting, Way
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

LOGIN_URL = "https://{login_host}"
PRODUCTION, SANDBOX, MY_DOMAIN = "production", "sandbox", "my_domain"
DOORS = {PRODUCTION: "login.salesforce.com", SANDBOX: "test.salesforce.com"}
CHOICES = (
    (PRODUCTION, N_("Production (login.salesforce.com)")),
    (SANDBOX, N_("Sandbox (test.salesforce.com)")),
    (MY_DOMAIN, N_("My Domain of the organisation")),
)
OURS = (".salesforce.com", ".force.com", ".cloudforce.com")
NAME = r"[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?"
COPIED = re.compile(
    rf"(?P<name>{NAME}?)(?P<partition>\.[a-z]+)?\.(my\.salesforce|lightning\.force|my\.salesforce-setup)\.com", re.ASCII
)


def clean_my_domain(text: str) -> str:
    """A My Domain as it is copied -> `name.my.salesforce.com`; raises ConnectorError(BAD_ADDRESS).

    Sandboxes and developers' organisations have one more part: `name--copy.sandbox.`, `name-dev-ed.develop.`
    """
    host = re.split(r"[/?#]", re.sub(r"^https?://", "", text.strip(" \t\u00a0").lower()))[0]
    match = COPIED.fullmatch(host)
    name = match["name"] if match else host
    if not re.fullmatch(NAME, name, re.ASCII):
        raise ConnectorError(Reason.BAD_ADDRESS, setting="my_domain")
    partition = (match and match["partition"]) or (".sandbox" if "--" in name else "")
    return f"{name}{partition}.my.salesforce.com"


def clean_login_host(text: str) -> str:
    """One of the doors; raises ConnectorError(BAD_ADDRESS)."""
    if text not in {value for value, _label in CHOICES}:
        raise ConnectorError(Reason.BAD_ADDRESS, setting="login_host")
    return text


def login_url(template: str, door: str, my_domain: str) -> str:
    """Where people sign in, and tokens are asked for; raises ConnectorError(BAD_ADDRESS) for My Domain without a name."""
    if door == MY_DOMAIN and not my_domain:
        raise ConnectorError(Reason.BAD_ADDRESS, setting="my_domain")
    return template.replace("{login_host}", DOORS.get(door) or my_domain)


def require_ours(url: str, template: str) -> str:
    """An address that an answer names, or the host of the configured one; raises ConnectorError(FOREIGN_HOST)."""
    url = url.rstrip("/")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        raise ConnectorError(Reason.FOREIGN_HOST) from None
    plain = not parts.username and not parts.query and not parts.fragment
    ours = parts.scheme == "https" and port is None and host.endswith(OURS) and not parts.path
    configured = (
        template != LOGIN_URL
        and parts.netloc == urlsplit(template).netloc
        and parts.scheme == urlsplit(template).scheme
    )
    if not plain or not (ours or configured):
        raise ConnectorError(Reason.FOREIGN_HOST)
    return url


SIGN_IN = Way(
    "sign_in",
    N_("Signing in at Salesforce"),
    (
        Setting(
            "login_host",
            N_("Where you sign in"),
            N_("Choose My Domain if your organisation does not let people in through login.salesforce.com."),
            choices=CHOICES,
            clean=clean_login_host,
        ),
        Setting(
            "my_domain",
            N_("My Domain"),
            N_("Only for signing in through My Domain. You can paste the address from the browser."),
            "name.my.salesforce.com",
            clean=clean_my_domain,
            required=False,
        ),
    ),
    (
        N_("Choose where you sign in and press Connect."),
        N_(
            "Sign in at Salesforce and allow access. The account needs API access and must be able to see contacts or leads."
        ),
    ),
    sign_in=True,
    app_steps=(
        N_("In Salesforce Setup open External Client App Manager and press New External Client App."),
        N_("Enter any name and contact e-mail, and choose the distribution state Local."),
        N_(
            "Under API (Enable OAuth Settings) switch OAuth on, and enter the return address below as the callback URL."
        ),
        N_(
            "Add the scopes “Manage user data via APIs (api)” and “Perform requests at any time (refresh_token, offline_access)”."
        ),
        N_("In Flow Enablement leave the web server flow on, and require PKCE and the secret. Save."),
        N_("Open Consumer Key and Secret in the app's settings, copy both, and paste them here."),
    ),
)
