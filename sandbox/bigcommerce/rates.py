"""How many requests a store answers in a window of time (vendor page, section 6)."""

import time
from threading import Lock


class Rates:
    """The quota that all applications of a store share. Unless switched on it is always nearly full, and only reports."""

    def __init__(self, quota: int = 150, window_ms: int = 30_000, is_on: bool = False):
        self.quota, self.window_ms, self.is_on = quota, window_ms, is_on
        self._used, self._started = 0, time.monotonic()
        self._lock = Lock()

    def take(self) -> bool:
        """Count a request; False where the quota of this window is used up."""
        with self._lock:
            if self._left_ms() == 0:
                self._used, self._started = 0, time.monotonic()
            self._used += self.is_on
            return self._used <= self.quota

    def headers(self) -> dict[str, str]:
        """What every answer says of the quota."""
        return {
            "X-Rate-Limit-Time-Window-Ms": str(self.window_ms),
            "X-Rate-Limit-Time-Reset-Ms": str(self._left_ms()),
            "X-Rate-Limit-Requests-Quota": str(self.quota),
            "X-Rate-Limit-Requests-Left": str(max(0, self.quota - max(self._used, 1))),
        }

    def _left_ms(self) -> int:
        return max(0, self.window_ms - int((time.monotonic() - self._started) * 1000))
