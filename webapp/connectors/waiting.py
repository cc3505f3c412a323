"""How long to wait before asking a vendor again."""

import email.utils
import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime


def backoff(attempt: int) -> float:
    """Seconds before the next attempt: doubling, with jitter so that many imports do not come back together."""
    return random.uniform(0.5, 1.0) * 2**attempt


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the vendor asks to wait (a number or an HTTP date), or None.

    BigCommerce says it in headers of its own: milliseconds until its quota renews, or seconds.
    """
    text = headers.get("retry-after", "").strip()
    if text:
        seconds = _seconds(text)
        return _seconds_until(text) if seconds is None else seconds
    reset = _seconds(headers.get("x-rate-limit-time-reset-ms", ""))
    return _seconds(headers.get("x-retry-after", "")) if reset is None else reset / 1000


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
