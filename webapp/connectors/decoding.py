"""Vendors' JSON into typed values. Whatever is not what was promised is a BAD_RESPONSE, never a crash."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason

T = TypeVar("T")


def decode(response: Response, kind: type[T], once: Sequence[bytes] = ()) -> T:
    """The body as `kind`; raises ConnectorError(BAD_RESPONSE) for other content types, broken JSON and wrong shapes.

    `once` names the quoted keys that an honest answer holds a single time. Only a body that repeats one, or that msgspec
    cannot read, goes through the strict reader, which takes three times as long.
    """
    try:
        if "json" not in response.headers.get("content-type", ""):
            raise ValueError
        return _decoded(response.body, kind, once)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise ConnectorError(Reason.BAD_RESPONSE) from None


def converted(value: Any, kind: type[T]) -> T:
    """A part of an answer, read as it came, as `kind`; raises ConnectorError(BAD_RESPONSE)."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        raise ConnectorError(Reason.BAD_RESPONSE) from None


def moment(text: str | None) -> datetime | None:
    """A time with its zone, in UTC; None where there is none. Raises ValueError, TypeError, OverflowError."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def _decoded(body: bytes, kind: type[T], once: Sequence[bytes]) -> T:
    if any(body.count(key) > 1 for key in once):
        body = strict(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return msgspec.json.decode(strict(body), type=kind)


def strict(body: bytes) -> bytes:
    """The same JSON, with lone surrogates (which msgspec does not read) replaced; raises ValueError for duplicate keys and NaN."""
    value = json.loads(body.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError
    return record


def _refuse(constant: str) -> None:
    raise ValueError
