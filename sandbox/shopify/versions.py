"""Versions of the vendor's interface: an expired one is not refused, the oldest supported one answers instead."""

import re

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
QUARTERLY = re.compile(r"\d{4}-(01|04|07|10)")


def served(asked: str) -> str | None:
    """The version that answers a request for another, or None for one that never was."""
    if asked in VERSIONS or asked == "unstable":
        return asked
    return VERSIONS[0] if QUARTERLY.fullmatch(asked) and asked < VERSIONS[0] else None
