"""What BigCommerce's refusals mean (vendor page, section 2). Bodies differ between v2, v3 and the gateway: the status decides."""

from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason

MEANINGS: dict[int, tuple[Reason, str | None]] = {
    401: (Reason.UNAUTHORIZED, "access_token"),
    403: (Reason.MISSING_SCOPE, "access_token"),
    404: (Reason.UNKNOWN_ACCOUNT, "store"),
    413: (Reason.TOO_LARGE, None),
    414: (Reason.TOO_LARGE, None),
    423: (Reason.ACCOUNT_FROZEN, "store"),
    507: (Reason.API_DISABLED, None),
}


class Rejected(ConnectorError):
    """The store did not take a parameter, e.g. a cursor that is too old."""

    def __init__(self) -> None:
        super().__init__(Reason.BAD_RESPONSE)


def refused(response: Response) -> ConnectorError:
    """The meaning of a status other than 200."""
    if response.status in (400, 422):
        return Rejected()
    reason, setting = MEANINGS.get(response.status, (Reason.BAD_RESPONSE, None))
    return ConnectorError(reason, setting=setting)
