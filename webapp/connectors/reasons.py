"""Why a vendor did not answer as asked, as the one error that connectors raise."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a vendor did not answer as asked. Closed: each has its sentence in `sentences.py`."""

    BAD_ADDRESS = "bad_address"
    CANNOT_CONNECT = "cannot_connect"
    UNAUTHORIZED = "unauthorized"
    NOT_INSTALLED = "not_installed"
    MISSING_SCOPE = "missing_scope"
    PERSONAL_DATA_REFUSED = "personal_data_refused"
    UNKNOWN_ACCOUNT = "unknown_account"
    ACCOUNT_FROZEN = "account_frozen"
    SOURCE_GONE = "source_gone"
    API_DISABLED = "api_disabled"
    WRONG_REGION = "wrong_region"
    FOREIGN_HOST = "foreign_host"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_EXPIRED = "sign_in_expired"
    FORGED_ANSWER = "forged_answer"
    APP_REFUSED = "app_refused"
    QUOTA_USED_UP = "quota_used_up"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "vendor_unavailable"
    TIMEOUT = "vendor_timeout"
    BAD_RESPONSE = "vendor_bad_response"
    TOO_LARGE = "vendor_too_large"
    PAGING_LOOP = "vendor_paging_loop"


TRANSIENT = frozenset(
    {
        Reason.CANNOT_CONNECT,
        Reason.QUOTA_USED_UP,
        Reason.RATE_LIMITED,
        Reason.UNAVAILABLE,
        Reason.TIMEOUT,
        Reason.BAD_RESPONSE,
    }
)
NEEDS_RECONNECTING = frozenset({Reason.UNAUTHORIZED, Reason.NOT_INSTALLED, Reason.APP_REFUSED})


class ConnectorError(Exception):
    """The one way in which a connector fails.

    `setting` names the form field that is to blame, `wait` is what the vendor asked for in seconds.
    The message never carries a body, a header or an address: they may hold secrets.
    """

    def __init__(self, reason: Reason, *, setting: str | None = None, wait: float | None = None):
        super().__init__(reason.value)
        self.reason, self.setting, self.wait = reason, setting, wait

    @property
    def permanent(self) -> bool:
        """True when trying again later cannot help."""
        return self.reason not in TRANSIENT
