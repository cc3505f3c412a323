"""What people read when a vendor did not answer as asked: what happened and what to do, and a short code for support."""

from collections.abc import Mapping

from webapp.connectors.base import Connector
from webapp.connectors.reasons import Reason
from webapp.values.marks import N_

SENTENCES: Mapping[Reason, str] = {
    Reason.BAD_ADDRESS: N_("This is not an address of %(vendor)s. Check it and enter it again."),
    Reason.CANNOT_CONNECT: N_("Could not connect to %(vendor)s. Check the address, and try again in a few minutes."),
    Reason.UNAUTHORIZED: N_("Could not connect to %(vendor)s. The key was refused. Check it and enter it again."),
    Reason.NOT_INSTALLED: N_(
        "Could not connect to %(vendor)s. The application is not installed there. Install it and connect again."
    ),
    Reason.MISSING_SCOPE: N_(
        "%(vendor)s did not allow people to be read. Give the application the permission to read customers, "
        "and connect again."
    ),
    Reason.PERSONAL_DATA_REFUSED: N_(
        "%(vendor)s does not show this application e-mail addresses and names. Allow it to use personal data there, "
        "and connect again."
    ),
    Reason.UNKNOWN_ACCOUNT: N_("%(vendor)s does not know this account. Check the address and enter it again."),
    Reason.ACCOUNT_FROZEN: N_(
        "This %(vendor)s account is frozen or locked. Unlock it at %(vendor)s, and then resume the imports."
    ),
    Reason.SOURCE_GONE: N_(
        "The source of this import no longer exists in %(vendor)s. Choose another one in the import's settings."
    ),
    Reason.API_DISABLED: N_(
        "%(vendor)s does not allow programs to read its data in this plan. Ask %(vendor)s to switch API access on, "
        "and connect again."
    ),
    Reason.WRONG_REGION: N_(
        "This account is kept in another region of %(vendor)s. Connect it again and choose the region where you sign in."
    ),
    Reason.FOREIGN_HOST: N_(
        "%(vendor)s pointed to an address that does not belong to it, so nothing was sent there. "
        "Try to connect again; if this returns, write to your administrator."
    ),
    Reason.SIGN_IN_REFUSED: N_(
        "%(vendor)s was not connected, because access was not granted. Press Connect again and allow access to the data."
    ),
    Reason.SIGN_IN_EXPIRED: N_("Signing in at %(vendor)s took too long or was used already. Press Connect once more."),
    Reason.FORGED_ANSWER: N_(
        "The answer to signing in did not come from %(vendor)s unchanged, so nothing was saved. Press Connect once more; "
        "if this returns, write to your administrator."
    ),
    Reason.APP_REFUSED: N_(
        "%(vendor)s does not accept the application that Dopływ uses. Check its client ID, client secret and return address, "
        "and connect again."
    ),
    Reason.QUOTA_USED_UP: N_(
        "The daily limit of requests to %(vendor)s is nearly used up, and the rest is left to your other programs. "
        "We will go on by ourselves when it renews."
    ),
    Reason.RATE_LIMITED: N_(
        "%(vendor)s is limiting the number of requests. We will try again by ourselves; you do not have to do anything."
    ),
    Reason.UNAVAILABLE: N_(
        "%(vendor)s is not working at the moment. We will try again by ourselves; you do not have to do anything."
    ),
    Reason.TIMEOUT: N_(
        "%(vendor)s did not answer in time. We will try again by ourselves; you do not have to do anything."
    ),
    Reason.BAD_RESPONSE: N_(
        "%(vendor)s answered in a way that we do not understand. Check that the address is right. "
        "If this returns, write to your administrator."
    ),
    Reason.TOO_LARGE: N_(
        "The answer of %(vendor)s is too large to be read safely. Assign fewer fields, or write to your administrator."
    ),
    Reason.PAGING_LOOP: N_(
        "%(vendor)s keeps sending the same people. The import was stopped, and the contacts saved so far stay. "
        "Start it again; if this returns, write to your administrator."
    ),
}

# Support reads these aloud, and help pages name them: once given, a code keeps its meaning.
CODES: Mapping[Reason, str] = {
    Reason.BAD_ADDRESS: "400",
    Reason.CANNOT_CONNECT: "001",
    Reason.UNAUTHORIZED: "401",
    Reason.NOT_INSTALLED: "412",
    Reason.MISSING_SCOPE: "403",
    Reason.PERSONAL_DATA_REFUSED: "451",
    Reason.UNKNOWN_ACCOUNT: "404",
    Reason.ACCOUNT_FROZEN: "402",
    Reason.SOURCE_GONE: "410",
    Reason.API_DISABLED: "405",
    Reason.WRONG_REGION: "421",
    Reason.FOREIGN_HOST: "495",
    Reason.SIGN_IN_REFUSED: "407",
    Reason.SIGN_IN_EXPIRED: "408",
    Reason.FORGED_ANSWER: "498",
    Reason.APP_REFUSED: "406",
    Reason.QUOTA_USED_UP: "430",
    Reason.RATE_LIMITED: "429",
    Reason.UNAVAILABLE: "503",
    Reason.TIMEOUT: "504",
    Reason.BAD_RESPONSE: "502",
    Reason.TOO_LARGE: "413",
    Reason.PAGING_LOOP: "508",
}


def sentence_for(connector: type[Connector], reason: Reason) -> str:
    """The message id for this vendor and reason; its only placeholder is `%(vendor)s`."""
    return connector.sentences.get(reason, SENTENCES[reason])


def code_for(connector: type[Connector], reason: Reason) -> str:
    """The code at the end of the sentence, e.g. SHP-401."""
    return f"{connector.code}-{CODES[reason]}"
