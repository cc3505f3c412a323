"""One vendor account (a shop, an organisation): its people, its faults, and what was asked of it."""

from collections import Counter, deque
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from .faults import Faults
from .population import Population

LOG_LENGTH = 5_000


class RequestLog:
    """How often each kind of request came, and the latest of them. Holds no tokens and no bodies."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.clear()

    def add(self, kind: str, **facts: Any) -> dict[str, Any]:
        entry = {"kind": kind, "at": datetime.now(UTC).isoformat(), **facts}
        with self._lock:
            self._counts[kind] += 1
            self._latest.append(entry)
        return entry

    def clear(self) -> None:
        with self._lock:
            self._counts: Counter[str] = Counter()
            self._latest: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def shown(self) -> dict[str, Any]:
        with self._lock:
            return {"total": self._counts.total(), "by_kind": dict(self._counts), "requests": list(self._latest)}


class Account:
    """What every vendor's account has; the vendor adds its own."""

    def __init__(self, name: str, seed: int, size: int):
        self.name = name
        self._first_size = size
        self.population = Population(seed, size)
        self.faults = Faults()
        self.log = RequestLog()

    def reset(self) -> None:
        """Back to how the account was at the start."""
        self.population.restore(self._first_size)
        self.faults.clear()
        self.log.clear()
