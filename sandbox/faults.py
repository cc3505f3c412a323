"""Faults that are switched on from outside: which request they hit, and for how long."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

WHEN = ("on", "after", "every", "times")


@dataclass
class Fault:
    """One switched-on fault. Without limits it hits every request until it is cleared."""

    name: str
    on: str | None = None  # the kind of request, as the vendor names them; None: any
    after: int = 0  # so many requests pass first
    every: int = 1  # then each n-th is hit
    times: int | None = None  # and after so many hits it is over
    params: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    hits: int = 0
    notes: list[Any] = field(default_factory=list)  # what the fault remembers between requests

    def is_due(self, kind: str) -> bool:
        """Count a request of this kind, and say whether the fault hits it."""
        if self.on not in (None, kind) or self.is_over:
            return False
        self.seen += 1
        turn = self.seen - self.after
        if turn < 1 or turn % self.every:
            return False
        self.hits += 1
        return True

    @property
    def is_over(self) -> bool:
        return self.times is not None and self.hits >= self.times

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)


class Faults:
    """The switched-on faults of one account."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, name: str, wishes: dict[str, Any]) -> None:
        """Switch a fault on; `wishes` holds on, after, every, times and the fault's own parameters."""
        when = {key: wishes[key] for key in WHEN if key in wishes}
        params = {key: value for key, value in wishes.items() if key not in WHEN}
        with self._lock:
            self._faults.append(Fault(name, **when, params=params))

    def clear(self, name: str | None = None) -> None:
        """Switch off one kind of fault, or all."""
        with self._lock:
            self._faults = [fault for fault in self._faults if name not in (None, fault.name)]

    def due(self, kind: str) -> dict[str, Fault]:
        """The faults that hit the next request of this kind, by name; the one added first wins."""
        due: dict[str, Fault] = {}
        with self._lock:
            for fault in self._faults:
                if fault.name not in due and fault.is_due(kind):
                    due[fault.name] = fault
        return due

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                {"fault": fault.name, "hits": fault.hits, "over": fault.is_over, **fault.params}
                for fault in self._faults
            ]
