"""What connect forms of several vendors clean in the same way."""

import re
from collections.abc import Callable

from webapp.connectors.reasons import ConnectorError, Reason


def clean_key(setting: str) -> Callable[[str], str]:
    """A cleaner for keys and tokens: one word of visible ASCII, as it travels in a header; raises UNAUTHORIZED."""

    def clean(text: str) -> str:
        if not re.fullmatch(r"[\x21-\x7e]{1,500}", text.strip()):
            raise ConnectorError(Reason.UNAUTHORIZED, setting=setting)
        return text.strip()

    return clean
