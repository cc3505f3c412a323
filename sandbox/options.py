"""What the sandbox can be told at its start."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`people` is the size of the biggest shop; the same `seed` gives the same people."""

    people: int = 120
    seed: int = 7
    latency_ms: int = 0
