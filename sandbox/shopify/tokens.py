"""Minted access tokens, authorisation codes and refresh tokens of one shop."""

import secrets
import time
from threading import Lock

CLIENT_CREDENTIALS_LIFE = 86_399
OFFLINE_LIFE = 3_600
REFRESH_LIFE = 90 * 86_400


class Tokens:
    """Remembers what it gave out; `life` is how long a token of the client credentials grant is valid, in seconds."""

    def __init__(self) -> None:
        self.life = CLIENT_CREDENTIALS_LIFE
        self._valid_until: dict[str, float] = {}
        self._codes: set[str] = set()
        self._refresh: set[str] = set()
        self._replaces: dict[str, str] = {}
        self._lock = Lock()

    def mint(self, life: float | None) -> str:
        """A new access token; without a life it does not expire."""
        token = f"shpat_demo-minted-{secrets.token_hex(12)}"
        self._valid_until[token] = time.monotonic() + life if life is not None else float("inf")
        return token

    def is_valid(self, token: str) -> bool:
        return time.monotonic() < self._valid_until.get(token, 0)

    def expire(self) -> None:
        """All minted tokens die at once, as after a change of the application's secret."""
        self._valid_until.clear()

    def new_code(self) -> str:
        """An authorisation code, good for one use."""
        code = f"demo-code-{secrets.token_hex(8)}"
        self._codes.add(code)
        return code

    def redeem(self, code: str) -> bool:
        with self._lock:
            known = code in self._codes
            self._codes.discard(code)
        return known

    def new_refresh(self, replaced: str | None = None) -> str:
        """A refresh token. The one it replaces stays valid until this one is used, so that a lost answer can be asked for again."""
        token = f"shprt_demo-refresh-{secrets.token_hex(12)}"
        self._refresh.add(token)
        if replaced:
            self._replaces[token] = replaced
        return token

    def refresh(self, token: str) -> str | None:
        """The replacement of a refresh token, or None where it is dead."""
        with self._lock:
            if token not in self._refresh:
                return None
            self._refresh.discard(self._replaces.pop(token, ""))
            return self.new_refresh(replaced=token)
