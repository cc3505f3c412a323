"""What people type to connect a store. Values are judged before anything is dialled."""

import re

from webapp.connectors.base import Setting, Way
from webapp.connectors.cleaning import clean_key
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.values.marks import N_

HASH = r"(?P<hash>[a-z0-9]{4,20})"
STORE_FORMS = (
    HASH,
    rf"(https?://)?api\.bigcommerce\.com/stores/{HASH}(/[!-~]*)?",
    rf"(https?://)?store-{HASH}\.mybigcommerce\.com(/[!-~]*)?",
    rf"/?stores/{HASH}(/[!-~]*)?",
)


def clean_store(text: str) -> str:
    """The store hash, whether it was copied alone, in the API path or in the control panel's address.

    Raises ConnectorError(BAD_ADDRESS); nothing that was pasted is ever dialled.
    """
    text = text.strip(" \t\u00a0").lower()
    matches = (re.fullmatch(form, text, re.ASCII) for form in STORE_FORMS)
    name = next((match["hash"] for match in matches if match), None)
    if name is None:
        raise ConnectorError(Reason.BAD_ADDRESS, setting="store")
    return name


TOKEN = Way(
    "token",
    N_("Access token of an API account"),
    (
        Setting(
            "store",
            N_("Store hash"),
            N_("The part after “stores/” in the API path. You can also paste the whole API path."),
            "abc123xyz",
            clean=clean_store,
        ),
        Setting("access_token", N_("Access token"), secret=True, clean=clean_key("access_token")),
    ),
    (
        N_("In the control panel of your store open Settings, Store-level API accounts, and create a V2/V3 API token."),
        N_(
            "Set the scope Customers to read-only, and Information & settings to read-only so that we know the store's name."
        ),
        N_("Save it, and copy the access token and the API path. BigCommerce shows the access token only once."),
    ),
)
