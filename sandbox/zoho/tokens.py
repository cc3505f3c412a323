"""Codes, access tokens and refresh tokens of one organisation."""

import secrets
import time
from threading import Lock
from typing import Any

LIFE = 3_600
CODE_LIFE = 120
LIVE_AT_ONCE = 15


class Tokens:
    """Remembers what it gave out. `most` limits renewals in ten minutes, where it is switched on."""

    def __init__(self) -> None:
        self.most: int | None = None
        self._codes: dict[str, dict[str, Any]] = {}
        self._refresh: set[str] = set()
        self._access: dict[str, float] = {}
        self._renewals: list[float] = []
        self._lock = Lock()

    def new_code(self, **facts: Any) -> str:
        code = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self._codes[code] = {**facts, "until": time.monotonic() + CODE_LIFE}
        return code

    def redeem(self, code: str) -> dict[str, Any] | None:
        """What a code was given for, once and for two minutes."""
        with self._lock:
            facts = self._codes.pop(code, None)
        return facts if facts and time.monotonic() < facts["until"] else None

    def mint(self) -> str:
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        with self._lock:
            self._access[token] = time.monotonic() + LIFE
            while len(self._access) > LIVE_AT_ONCE:
                self._access.pop(next(iter(self._access)))
        return token

    def new_refresh(self) -> str:
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self._refresh.add(token)
        return token

    def knows(self, refresh_token: str) -> bool:
        return refresh_token in self._refresh

    def may_renew(self) -> bool:
        """Counts a renewal; asking again while locked prolongs the lock."""
        moment = time.monotonic()
        self._renewals = [one for one in self._renewals if one > moment - 600] + [moment]
        return self.most is None or len(self._renewals) <= self.most

    def is_valid(self, access_token: str) -> bool:
        return time.monotonic() < self._access.get(access_token, 0)

    def expire(self) -> None:
        self._access.clear()

    def revoke(self, refresh_token: str | None = None) -> None:
        """One refresh token, or all; its access tokens die with it."""
        self._access.clear()
        if refresh_token is None:
            self._refresh.clear()
        self._refresh.discard(refresh_token or "")
