"""The file of a bulk operation as an object store serves it: by a signed address, whole or in ranges (RFC 9110, section 14)."""

import re
import time

from werkzeug.wrappers import Request, Response

from .bulk import Operation

PATH = re.compile(r"bulk/(?P<number>\d+)\.jsonl")
RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)")
CREDENTIALS = ("X-Shopify-Access-Token", "Authorization")


def address(home: str, shop: str, operation: Operation) -> str:
    """Where the file is for a week."""
    host = operation.settings.host or home.rstrip("/")
    return (
        f"{host}/shopify/{shop}/bulk/{operation.number}.jsonl"
        f"?GoogleAccessId=demo&Expires={operation.expires_at}&Signature={operation.signature}"
    )


def answer(operation: Operation | None, request: Request) -> Response:
    """GET of a file. A store that is shown somebody else's credentials refuses, signed or not."""
    if any(name in request.headers for name in CREDENTIALS):
        return _refusal(400, "InvalidRequest", "Credentials do not belong here.")
    if operation is None or operation.signature != request.args.get("Signature"):
        return _refusal(403, "SignatureDoesNotMatch", "Access denied.")
    if operation.expires_at < time.time() or operation.status == "EXPIRED":
        return _refusal(400, "ExpiredToken", "Invalid argument.")
    if operation.file is None:
        return _refusal(404, "NoSuchKey", "The specified key does not exist.")
    asked = request.headers.get("Range", "") if operation.settings.ranges else ""
    return _part(operation, _bounds(asked, operation.size))


def _bounds(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte; None for everything, because a range that is not understood is ignored."""
    match = RANGE.fullmatch(asked.strip())
    if not match or not any(match.groups()):
        return None
    if not match["first"]:
        return max(0, size - int(match["last"])), size - 1
    return int(match["first"]), min(int(match["last"] or size), size - 1)


def _part(operation: Operation, bounds: tuple[int, int] | None) -> Response:
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{operation.signature}"'}
    if bounds is None:
        return Response(_read(operation, 0, operation.size - 1), 200, headers, content_type="application/jsonl")
    first, last = bounds
    if first >= operation.size:
        refusal = _refusal(416, "InvalidRange", "The requested range cannot be satisfied.")
        refusal.headers["Content-Range"] = f"bytes */{operation.size}"
        return refusal
    headers["Content-Range"] = f"bytes {first}-{last}/{operation.size}"
    return Response(_read(operation, first, last), 206, headers, content_type="application/jsonl")


def _read(operation: Operation, first: int, last: int) -> bytes:
    with operation.reading:
        operation.file.seek(first)
        return operation.file.read(last - first + 1)


def _refusal(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, content_type="application/xml; charset=UTF-8")
