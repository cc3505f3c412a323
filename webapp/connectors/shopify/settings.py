"""What people type to connect a shop. Values are judged before anything is dialled."""

import re

from webapp.connectors.base import Setting, Way
from webapp.connectors.cleaning import clean_key
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

NAME = r"[a-z0-9][a-z0-9-]{0,60}"
SHOP_FORMS = (
    rf"(?P<name>{NAME})",
    rf"(https?://)?(?P<name>{NAME})\.myshopify\.com(/[!-~]*)?",
    rf"(https?://)?admin\.shopify\.com/store/(?P<name>{NAME})([/?][!-~]*)?",
)
RESERVED = frozenset({"localhost", "admin", "www"})


def clean_shop(text: str) -> str:
    """Any of the forms in which a shop's address is copied -> `name.myshopify.com`; raises ConnectorError(BAD_ADDRESS)."""
    text = text.strip(" \t\u00a0").lower()
    matches = (re.fullmatch(form, text, re.ASCII) for form in SHOP_FORMS)
    name = next((match["name"] for match in matches if match), None)
    if name is None or name in RESERVED or name.isdigit():
        raise ConnectorError(Reason.BAD_ADDRESS, setting="shop")
    return f"{name}.myshopify.com"


SHOP = Setting("shop", N_("Shop domain"), N_("For example name.myshopify.com"), "name.myshopify.com", clean=clean_shop)

SIGN_IN = Way(
    "sign_in",
    N_("Signing in at Shopify"),
    (SHOP,),
    (
        N_("Enter the domain of your shop and press Connect."),
        N_("Sign in at Shopify if it asks, look at what is asked for, and install the app."),
    ),
    sign_in=True,
    app_steps=(
        N_("Open the Dev Dashboard of Shopify and create an app."),
        N_("Enter the return address below as an allowed redirection URL, and release a version of the app."),
        N_("Copy the Client ID and the Client secret from the app's settings and paste them here."),
    ),
)

CLIENT = Way(
    "client",
    N_("Client ID and secret (Dev Dashboard)"),
    (
        SHOP,
        Setting("client_id", N_("Client ID"), clean=clean_key("client_id")),
        Setting("client_secret", N_("Client secret"), secret=True, clean=clean_key("client_secret")),
    ),
    (
        N_("Open the Dev Dashboard of Shopify and create an app in the same organisation as your shop."),
        N_("Give the app the scopes read_customers and, for leads, read_orders, and release a version of it."),
        N_("Install the app in your shop."),
        N_("Copy the Client ID and the Client secret from the app's settings and paste them here."),
    ),
)

TOKEN = Way(
    "token",
    N_("Access token (an older custom app)"),
    (SHOP, Setting("token", N_("Access token"), placeholder="shpat_…", secret=True, clean=clean_key("token"))),
    (
        N_("In the Shopify admin open Settings, Apps and sales channels, Develop apps, and choose your app."),
        N_("Check in Configuration that it has the scopes read_customers and, for leads, read_orders."),
        N_("Paste the Admin API access token that you saved when you installed the app. Shopify shows it only once."),
    ),
)
