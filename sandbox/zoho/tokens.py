"""Codes, access tokens and refresh tokens of one organisation."""

import secrets
import time
from threading import Lock
from typing import Any

LIFE = 3_600
CODE_LIFE = 120
LIVE_AT_ONCE, KEPT_AT_ONCE = 15, 20


class Tokens:
    """Remembers what it gave out. `most` limits renewals in ten minutes, where it is switched on."""

    def __init__(self) -> None:
        self.most: int | None = None
        self.lock_status = 400
        self._codes: dict[str, dict[str, Any]] = {}
        self._refresh: dict[str, frozenset[str]] = {}
        self._access: dict[str, tuple[float, frozenset[str]]] = {}
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

    def mint(self, scopes: frozenset[str]) -> str:
        """An access token for an hour; the sixteenth kills the oldest."""
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        with self._lock:
            self._access[token] = (time.monotonic() + LIFE, scopes)
            while len(self._access) > LIVE_AT_ONCE:
                self._access.pop(next(iter(self._access)))
        return token

    def new_refresh(self, scopes: frozenset[str]) -> str:
        """A refresh token, good until it is revoked; the twenty-first kills the oldest."""
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        with self._lock:
            self._refresh[token] = scopes
            while len(self._refresh) > KEPT_AT_ONCE:
                self._refresh.pop(next(iter(self._refresh)))
        return token

    def knows(self, refresh_token: str) -> bool:
        return refresh_token in self._refresh

    def may_renew(self) -> bool:
        """Counts a renewal; asking again while locked prolongs the lock."""
        moment = time.monotonic()
        self._renewals = [one for one in self._renewals if one > moment - 600] + [moment]
        return self.most is None or len(self._renewals) <= self.most

    def renewed(self, refresh_token: str) -> str:
        """A new access token with what the refresh token allows."""
        return self.mint(self._refresh[refresh_token])

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """What an access token allows, or None where it is not (or no longer) valid."""
        until, scopes = self._access.get(access_token, (0, frozenset()))
        return scopes if time.monotonic() < until else None

    def expire(self) -> None:
        self._access.clear()

    def revoke(self, refresh_token: str | None = None) -> None:
        """One refresh token, or all; its access tokens die with it."""
        self._access.clear()
        if refresh_token is None:
            self._refresh.clear()
        self._refresh.pop(refresh_token or "", None)
