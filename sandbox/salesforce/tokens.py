"""Codes, sessions and refresh tokens of one organisation."""

import secrets
import time
from threading import Lock
from typing import Any

CODE_LIFE = 120


class Tokens:
    """Remembers what it gave out. With `rotates` each renewal replaces the refresh token and ends the old session."""

    def __init__(self) -> None:
        self.rotates = False
        self._codes: dict[str, dict[str, Any]] = {}
        self._refresh: set[str] = set()
        self._sessions: set[str] = set()
        self._lock = Lock()

    def new_code(self, **facts: Any) -> str:
        code = f"aPrx{secrets.token_urlsafe(40)}=="
        self._codes[code] = {**facts, "until": time.monotonic() + CODE_LIFE}
        return code

    def redeem(self, code: str) -> dict[str, Any] | None:
        with self._lock:
            facts = self._codes.pop(code, None)
        return facts if facts and time.monotonic() < facts["until"] else None

    def new_session(self, org: str) -> str:
        token = f"00D{org}!{secrets.token_urlsafe(48)}"
        self._sessions.add(token)
        return token

    def new_refresh(self) -> str:
        token = f"5Aep861{secrets.token_urlsafe(48)}"
        self._refresh.add(token)
        return token

    def renewed(self, refresh_token: str) -> tuple[bool, str | None]:
        """Whether the refresh token is good, and the one that takes its place where tokens rotate."""
        with self._lock:
            if refresh_token not in self._refresh:
                return False, None
            if not self.rotates:
                return True, None
            self._refresh.discard(refresh_token)
            self._sessions.clear()
            return True, self.new_refresh()

    def is_valid(self, session: str) -> bool:
        return session in self._sessions

    def knows(self, token: str) -> bool:
        return token in self._refresh or token in self._sessions

    def expire(self) -> None:
        self._sessions.clear()

    def revoke(self) -> None:
        self._sessions.clear()
        self._refresh.clear()
